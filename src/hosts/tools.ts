import { execa } from 'execa';
import type { Requirement } from '../core/step.ts';

interface Tool {
  argv: string[];
  /** What to do where it is missing. */
  remedy: string;
}

/** How each requirement is asked for its version, and how it is installed. */
export const tools: Record<Requirement, Tool> = {
  bash: { argv: ['bash', '--version'], remedy: 'install bash' },
  browser: {
    argv: ['chromium', '--version'],
    remedy: 'install Chrome or Chromium (Debian: apt-get install chromium), or set PUPPETEER_EXECUTABLE_PATH',
  },
  cargo: { argv: ['cargo', '--version'], remedy: 'install Rust from https://rustup.rs' },
  clippy: { argv: ['cargo', 'clippy', '--version'], remedy: 'rustup component add clippy' },
  'docker-compose': {
    argv: ['docker', 'compose', 'version', '--short'],
    remedy: 'install the Compose v2 plugin (Debian 13: apt-get install docker-compose)',
  },
  'docker-engine': {
    argv: ['docker', 'info', '--format', '{{.ServerVersion}}'],
    remedy: 'install and start a Docker engine (Debian: apt-get install docker.io)',
  },
  git: { argv: ['git', '--version'], remedy: 'install git' },
  prometheus: { argv: ['prometheus', '--version'], remedy: 'install Prometheus (Debian: apt-get install prometheus)' },
  promtool: {
    argv: ['promtool', '--version'],
    remedy: 'install Prometheus, which brings promtool (Debian: apt-get install prometheus)',
  },
  rustfmt: { argv: ['cargo', 'fmt', '--version'], remedy: 'rustup component add rustfmt' },
  'ssh-keygen': { argv: ['ssh', '-V'], remedy: 'install OpenSSH (Debian: apt-get install openssh-client)' },
};

/** The first line that the tool prints of its version, or undefined where it is not there. */
export async function toolVersion(name: Requirement): Promise<string | undefined> {
  if (name === 'browser') {
    const { findBrowser } = await import('./browser.ts');
    return findBrowser();
  }
  const [file = '', ...args] = tools[name].argv;
  const result = await execa(file, args, { reject: false, timeout: 10_000, stdin: 'ignore', all: true });
  if (result.exitCode !== 0) return undefined;
  return result.all.split('\n')[0]?.trim() || name;
}

/** Versions of the tools that are there, by name. */
export async function toolVersions(names: readonly Requirement[]): Promise<Record<string, string>> {
  const found = await Promise.all(
    [...new Set(names)].toSorted().map(async (name) => [name, await toolVersion(name)] as const),
  );
  return Object.fromEntries(found.filter((entry): entry is [Requirement, string] => entry[1] !== undefined));
}
