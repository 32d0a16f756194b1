import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir } from '../rig/run-step.ts';

const sources = {
  'Cargo.toml':
    '[package]\nname = "pondctl"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nclap = { version = "4", features = ["derive"] }\n',
  'src/main.rs': `use clap::{Args, Parser, Subcommand};
mod fish;

#[derive(Parser)]
#[command(version)]
struct Cli {
    /// More words
    #[arg(long, global = true)]
    loud: bool,
    #[arg(long)]
    config: Option<String>,
    #[command(subcommand)]
    command: Commands,
}

#[derive(Subcommand)]
enum Commands {
    /// Start {the} pump
    Start {
        #[arg(short, long, default_value = "}")]
        depth: u32,
        #[arg(long = "dry-run")]
        dry: bool,
    },
    Stop(StopArgs),
    #[command(subcommand, alias = "f")]
    Fish(fish::FishCommands),
}

#[derive(Args)]
struct StopArgs {
    #[arg(long)]
    force: bool,
}
`,
  'src/fish.rs': `use clap::Subcommand;
#[derive(Debug, Subcommand)]
pub enum FishCommands {
    Feed { #[arg(long)] grams: u32, name: String },
    ListAll,
}
`,
};

/** The findings of a script's calls, one line each. */
async function seen(...lines: string[]): Promise<string[]> {
  const target = tempDir({ ...sources, 'run.sh': `#!/bin/sh\n${lines.join('\n')}\n` });
  execFileSync('git', ['init', '-q'], { cwd: target });
  const record = await runStep({ uses: 'code/calls', with: {}, target });
  return record.findings.map(
    (one) => `${one.level} ${one.code} ${one.where?.line}: ${one.message.split('`: ').slice(1).join('`: ')}`,
  );
}

describe('code/calls: flags of each subcommand', () => {
  it('are those that it has', async () => {
    expect(
      await seen(
        'pondctl --config a.toml start --depth 3 --dry-run --loud',
        'pondctl stop --force',
        'pondctl --loud fish feed --grams 3 pike',
        'pondctl f list-all',
        'pondctl start --depth=4 --help',
      ),
    ).toEqual([]);
  });
  it('and no others', async () => {
    expect(
      await seen(
        'pondctl start --force',
        'pondctl stop --depth 3',
        'pondctl start --config a.toml',
        'pondctl fish --grams 3',
        'pondctl fish fed --grams 3',
        'pondctl pump',
      ),
    ).toEqual([
      'error argument-unknown 2: `pondctl start` has no flag --force',
      'error argument-unknown 3: `pondctl stop` has no flag --depth',
      'error argument-unknown 4: `pondctl start` has no flag --config: it belongs before the subcommand',
      'error argument-unknown 5: `pondctl fish` has no flag --grams',
      'error argument-unknown 6: `pondctl fish` has no subcommand fed',
      'error argument-unknown 7: `pondctl` has no subcommand pump',
    ]);
  });
});
