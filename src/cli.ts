import { Argument, Command, CommanderError, Option } from 'commander';
import { mergeHelp } from './commands/merge-help.ts';
import { exit, UserError, type Diagnostic } from './core/errors.ts';

// zod would compile each schema into code, which a checklist's few hundred values never earn back. It looks here first.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
// Until a verdict is there, to end is a defect: an event loop that runs empty must not read as a pass.
process.exitCode = exit.bug;
// A reader that has seen enough (`| head`) closes the pipe; the work goes on, and the exit code stays true.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const collect = (value: string, before: string[]): string[] => [
  ...before,
  ...value.split(',').filter((part) => part !== ''),
];
const pair = (value: string, before: string[]): string[] => [...before, value];

const program = new Command('verify')
  .description(
    "Runs a release milestone's checklist, keeps the evidence, and writes a FINAL_STATUS report to sign and to gate on.",
  )
  .version((await import('./version.ts')).version, '-V, --version')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .showSuggestionAfterError()
  .addHelpText(
    'after',
    `
Examples:
  verify milestone-16 --target ../engram     run the checklist on a repository
  verify plan milestone-16                   show every command before anything runs
  verify milestone-16 --only cargo-test      one step and what it needs (such a run cannot be signed)
  verify milestone-16 --shard 2/3            its second third; \`verify merge\` puts the parts together
  verify milestone-16 --resume               go on after a run that failed or was killed; what still holds is reused
  verify sign-off milestone-16 --role release-manager
  verify gate milestone-16                   may the next milestone begin? offline, for CI

Exit codes: 0 passed, 10 failed, 11 incomplete, 12 inconclusive, 20-22 gate, 64 usage, 65 invalid checklist,
66 file missing, 70 a defect of verify, 73 cannot write, 74 I/O error, 75 locked, 77 untrusted, 78 nothing selected.`,
  );

const driverOption = (what: string) =>
  new Option('--driver <driver>', what)
    .choices(['auto', 'processes', 'compose', 'external'] as const)
    .default('auto' as const);

const withChecklist = (command: Command): Command =>
  command
    .option('--target <dir>', 'the repository under verification')
    .option('--var <name=value>', 'set a variable of the checklist', pair, [])
    .option('--trust <sha256>', 'run a checklist from elsewhere whose digest this is');

const code = (value: number): void => {
  process.exitCode = value;
};

withChecklist(
  program
    .command('run <milestone>', { isDefault: true })
    .description('run a milestone’s checklist (the default command)'),
)
  .option('--only <ids>', 'only these steps or items, and what they need', collect, [])
  .option('--skip <ids>', 'without these steps or items', collect, [])
  .option('--tags <tags>', 'only steps with one of these tags', collect, [])
  .option('--resume [run]', 'take over from this run (default: the last) the passed steps that still hold')
  .option('--shard <i/n>', 'only the i-th of n parts; `verify merge` puts the parts together')
  .option('--fail-fast', 'start nothing more once a step has not passed')
  .option('--jobs <n>', 'steps that run at once (default: the cores, at least 2)')
  .addOption(driverOption('how stack/up brings the stack up'))
  .option('--attest-key <file>', 'sign the attestation with this ed25519 key (default: $VERIFY_ATTEST_KEY)')
  .option('--keep', 'leave the stack up at the end')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .option('--write-to <path>', 'also write FINAL_STATUS.md to this path of the target')
  .addOption(
    new Option('--ui <view>', 'how progress is shown')
      .choices(['auto', 'live', 'plain', 'ndjson', 'github'])
      .default('auto'),
  )
  .option('--no-ask', 'ask nobody, even on a terminal: manual steps stay open')
  .action(async (milestone: string, options) =>
    code(await (await import('./commands/run-command.ts')).runCommand(milestone, options)),
  );

withChecklist(program.command('plan <milestone>').description('show what would run, in what order; runs nothing'))
  .addOption(driverOption('say how stack/up would bring the stack up by this driver'))
  .option('--json', 'as JSON')
  .option('--resume [run]', 'say which steps --resume would take over, and why not the others')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .option('--shard <i/n>', 'what falls to the i-th of n parts')
  .action(async (milestone: string, options) =>
    code(await (await import('./commands/plan.ts')).planCommand(milestone, options)),
  );

program
  .command('lint <checklist...>')
  .description('check a checklist: keys, ids, needs, parameters')
  .option('--var <name=value>', 'set a variable of the checklist', pair, [])
  .action(async (names: string[], options) =>
    code(await (await import('./commands/lint.ts')).lintCommand(names, options)),
  );

withChecklist(program.command('doctor [milestone]').description('is what the checklist needs from this machine here?'))
  .addOption(driverOption('say what the stack needs by this driver'))
  .action(async (milestone: string | undefined, options) =>
    code(await (await import('./commands/doctor.ts')).doctorCommand(milestone, options)),
  );

const withRun = (command: Command): Command =>
  command
    .option('--run <id>', 'this run (default: the last)')
    .option('--reports <dir>', 'where runs are kept (default: reports)')
    .option('--target <dir>', 'the repository under verification')
    .option('--trust <sha256>', 'take a checklist from elsewhere whose digest this is');

program
  .command('merge <folders...>')
  .description('put the runs of all shards together into one run, to be signed and gated on')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .option('--target <dir>', 'also write FINAL_STATUS.md into this repository, where the shards’ --write-to says')
  .option('--attest-key <file>', 'sign the attestation with this ed25519 key (default: $VERIFY_ATTEST_KEY)')
  .addOption(
    new Option('--ui <view>', 'plain, or also the summary of a job on GitHub')
      .choices(['plain', 'github'])
      .default('plain'),
  )
  .addHelpText('after', mergeHelp)
  .action(async (folders: string[], options) =>
    code(await (await import('./commands/merge.ts')).mergeCommand(folders, options)),
  );

withRun(program.command('sign-off <milestone>'))
  .description('show what a run has established, and sign or reject it with an SSH key')
  .requiredOption('--role <role>', 'the role to sign in; the checklist’s policy names them')
  .option('--key <file>', 'SSH key (default: git’s user.signingkey, else the agent’s)')
  .option('--as <principal>', 'the name in the allowed signers file, where the key has several')
  .option('--approve', 'with --comment and --yes: approve without being asked')
  .option('--reject', 'with --comment and --yes: reject without being asked')
  .option('--comment <text>', 'why')
  .option('--yes', 'sign without being asked')
  .option('--expires <day>', 'last day on which the decision counts, YYYY-MM-DD')
  .option(
    '--dsse-key <pem>',
    'also sign the same bytes with this ed25519 key, as a DSSE envelope and a sigstore bundle',
  )
  .option('--policy-from <ref>', 'policy and allowed signers of this commit or branch')
  .addHelpText(
    'after',
    `
Examples:
  verify sign-off milestone-16 --role release-manager
  verify sign-off milestone-16 --role qa --key ~/.ssh/id_ed25519 --approve --comment 'Seen the dashboards.' --yes`,
  )
  .action(async (milestone: string, options) =>
    code(await (await import('./commands/sign-off.ts')).signOffCommand(milestone, { ...options, var: [] })),
  );

withRun(program.command('gate <milestone>'))
  .description('may the next milestone begin? checks the last run, its evidence and its sign-offs; offline')
  .option('--before <milestone>', 'the milestone that waits for it')
  .option('--commit <ref>', 'the commit to gate on (default: what is checked out)')
  .option('--policy-from <ref>', 'policy, checklist and allowed signers of this commit or branch, e.g. origin/main')
  .option('--json', 'as JSON')
  .option('--export <dir>', 'also write the run as in-toto test-result and the answer as a SLSA verification summary')
  .addHelpText(
    'after',
    `
Examples:
  verify gate milestone-16 --before milestone-17
  verify gate milestone-16 --policy-from origin/main --json

Exit codes: 0 open, 10-12 the run has not passed, 20 not enough approvals, 21 tampered or bad signature,
22 stale or about something else, 65 invalid policy or record, 66 no run or no allowed signers.`,
  )
  .action(async (milestone: string, options) =>
    code(await (await import('./commands/gate.ts')).gateCommand(milestone, { ...options, var: [] })),
  );

program
  .command('clean [runs...]')
  .description(
    'list what runs that died have left (processes, containers, networks, volumes, images, temporary folders); --yes removes it',
  )
  .option('--yes', 'remove it')
  .option('--kept', 'also stacks that --keep left up')
  .addHelpText(
    'after',
    `
Only what verify itself created is looked at, by the labels and marks that it bears; nothing of a run that is going on.

Examples:
  verify clean              list, remove nothing
  verify clean --yes        remove what dead runs have left
  verify clean --yes RUN    remove one run's, also where it was kept on purpose`,
  )
  .action(async (runs: string[], options) =>
    code(await (await import('./commands/clean.ts')).cleanCommand(runs, options)),
  );

program
  .command('steps [type]')
  .description('the step types, or the reference of one')
  .action(async (kind: string | undefined) => code(await (await import('./commands/steps.ts')).stepsCommand(kind)));

program
  .command('report [run]')
  .description('render a run again: its folder, its id, or a milestone (then the last run)')
  .addOption(
    new Option('--format <format>', 'the page goes to the run’s folder, anything else to standard output')
      .choices(['html', 'md', 'junit', 'ctrf', 'sarif', 'json', 'github'])
      .default('html'),
  )
  .option('--out <file>', 'write it there')
  .option('--pdf', 'print the page to a PDF (needs Chrome or Chromium)')
  .option('--open', 'open what was written')
  .option('--index', 'write index.html: all milestones and runs, and how their facts moved')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .addHelpText(
    'after',
    `
Examples:
  verify report milestone-16 --open                        the page of the last run
  verify report reports/milestone-16/latest --pdf          …/<run>.pdf
  verify report milestone-16 --format sarif > verify.sarif for code scanning
  verify report --index --open                             history`,
  )
  .action(async (run: string | undefined, options) =>
    code(await (await import('./commands/report.ts')).reportCommand(run, options)),
  );

program
  .command('diff <before> <after>')
  .description('what changed between two runs: outcomes, findings, facts, durations, pictures')
  .option('--json', 'as JSON')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .addHelpText(
    'after',
    `
A run is its id, its folder, or a milestone (its last run).

Examples:
  verify diff 2026-11-24T10-00-00Z-abcdef milestone-16   since that run
  verify diff milestone-15 milestone-16                  the last runs of two milestones

Exit codes: 0 nothing got worse, 10 a step passes no more or a finding that weighs appeared.`,
  )
  .action(async (before: string, after: string, options) =>
    code(await (await import('./commands/diff.ts')).diffCommand(before, after, options)),
  );

program
  .command('completion')
  .description('the script by which a shell completes commands, options, milestones and step types')
  .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish', 'powershell']))
  .addHelpText(
    'after',
    `
Examples:
  source <(verify completion bash)
  verify completion zsh > "\${fpath[1]}/_verify"
  verify completion fish > ~/.config/fish/completions/verify.fish`,
  )
  .action(async (shell: string) => code((await import('./commands/completion.ts')).completionCommand(shell)));

program
  .command('init')
  .description('draft a checklist of what a repository has, or of a milestone’s document')
  .option('--target <dir>', 'the repository (default: this folder)')
  .option('--milestone <name>', 'name of the checklist (default: by the document or the folders, else release)')
  .option('--from <document>', 'Markdown of a milestone: its checks, commands, files and counts become items')
  .option('--stack', 'also bring up the Compose stack that has a Prometheus, and see that it is observed')
  .option('--print', 'print the checklist, write nothing')
  .option('--force', 'write over a checklist that is there')
  .addHelpText(
    'after',
    `
Writes checklists/<milestone>.yaml, a line of .gitattributes, and .verify/allowed_signers as a template.

Examples:
  verify init                                              what this repository has
  verify init --from roadmap/milestone-16/NEXT_STEPS.md    what its document says, and what it has
  verify init --target ../other --print                    look before anything is written`,
  )
  .action(async (options) => code(await (await import('./commands/init.ts')).initCommand(options)));

program
  .command('claims <document>')
  .description('look up what a document says, and draft its docs/claims step')
  .option('--target <dir>', 'the repository of the document (default: the one that it lies in)')
  .option('--record <file>', 'record.json of a run whose facts are compared (default: the newest below reports/)')
  .addHelpText(
    'after',
    `
Prints YAML to paste into a checklist; the claims found, and whether they hold, are comments. Exit code 10 where one is proven false.

Examples:
  verify claims README.md
  verify claims roadmap/milestone-16/NEXT_STEPS.md --target examples/engram`,
  )
  .action(async (document: string, options) =>
    code(await (await import('./commands/claims.ts')).claimsCommand(document, options)),
  );

try {
  const [, , command, dashes, ...words] = process.argv;
  if (command === 'complete' && dashes === '--')
    code((await import('./commands/completion.ts')).completeCommand(program, words));
  else await program.parseAsync(process.argv);
} catch (error) {
  report(error);
}

function report(error: unknown): void {
  if (error instanceof CommanderError) {
    // Commander has already written help, version or its complaint.
    code(error.exitCode === 0 ? 0 : exit.usage);
    return;
  }
  const red =
    process.stderr.isTTY && !('NO_COLOR' in process.env)
      ? (text: string): string => `\u001b[31m${text}\u001b[39m`
      : (text: string): string => text;
  if (error instanceof UserError) {
    process.stderr.write(`${red('error')}: ${error.message}\n`);
    for (const diagnostic of error.diagnostics.slice(0, 20)) process.stderr.write(`\n${show(diagnostic)}`);
    if (error.diagnostics.length > 20) process.stderr.write(`\n… and ${error.diagnostics.length - 20} more\n`);
    if (error.hint !== undefined) process.stderr.write(`${error.hint.replace(/^/gm, '  ')}\n`);
    code(error.code);
    return;
  }
  process.stderr.write(
    `${red('a defect of verify')}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.stderr.write(
    `Please report it with the command and this text. verify on Node ${process.version}, ${process.platform}.\n`,
  );
  code(exit.bug);
}

function show(diagnostic: Diagnostic): string {
  const where = [diagnostic.file, diagnostic.line, diagnostic.col].filter((part) => part !== undefined).join(':');
  return `${where}: ${diagnostic.message}\n${diagnostic.frame === undefined ? '' : `${diagnostic.frame}\n`}${diagnostic.hint === undefined ? '' : `  ${diagnostic.hint}\n`}`;
}
