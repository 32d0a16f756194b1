import './core/zod-settings.ts';
import { Argument, Command, CommanderError, Option } from 'commander';
import { asCalled } from './commands/called-as.ts';
import { help } from './commands/help.ts';
import { exit, UserError } from './core/errors.ts';
import { ofSystem } from './core/system-error.ts';

// Until a verdict is there, to end is a defect: an event loop that runs empty must not read as a pass.
process.exitCode = exit.bug;
// A reader that has seen enough (`| head`) closes the pipe; the work goes on, and the exit code stays true. Where nothing can be
// written (a full disk), the work goes on too, so that what was started is torn down, and the exit code says so.
let unwritten = false;
for (const [name, stream] of [
  ['output', process.stdout],
  ['error output', process.stderr],
] as const) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || unwritten) return;
    unwritten = true;
    process.exitCode = exit.io;
    if (name === 'output') process.stderr.write(`error: standard output cannot be written: ${error.message}\n`);
  });
}
// What nobody has caught is a defect of ours, and never reads as any other end.
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    void report(error).finally(() => process.exit());
  });

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
  .configureOutput({
    writeOut: (text) => process.stdout.write(asCalled(text)),
    outputError: (text, write) => !isTooManyWords(text) && write(text),
  })
  .showSuggestionAfterError()
  .addHelpText('after', help.verify);

const anyDriver = (what: string) =>
  new Option('--driver <driver>', what).choices(['auto', 'processes', 'compose', 'external'] as const);
const driverOption = (what: string) => anyDriver(what).default('auto' as const);

const withChecklist = (command: Command): Command =>
  command
    .option('--target <dir>', 'the repository under verification')
    .option('--var <name=value>', 'set a variable of the checklist', pair, [])
    .option('--trust <sha256>', 'run a checklist from elsewhere that has this digest');

const code = (value: number): void => {
  process.exitCode = unwritten ? exit.io : value;
};

withChecklist(
  program
    .command('run [milestone]', { isDefault: true })
    .description('run a milestone’s checklist (the default command)'),
)
  .option('--only <ids>', 'run only these steps or items, and what they need', collect, [])
  .option('--skip <ids>', 'leave out these steps or items', collect, [])
  .option('--tags <tags>', 'run only steps with one of these tags', collect, [])
  .option('--resume [run]', 'reuse the passed steps of this run (default: the last) that still hold')
  .option('--shard <i/n>', 'run only the i-th of n parts; `verify merge` merges them')
  .option('--fail-fast', 'start no further steps after one that did not pass')
  .option('--jobs <n>', 'steps that run at once (default: the cores, at least 2)')
  .addOption(driverOption('how stack/up starts the stack'))
  .option('--attest-key <file>', 'sign the attestation with this ed25519 key (default: $VERIFY_ATTEST_KEY)')
  .option('--keep', 'leave the stack running at the end')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .option('--write-to <path>', 'also write FINAL_STATUS.md to this path of the target')
  .addOption(
    new Option('--ui <view>', 'how progress is shown')
      .choices(['auto', 'live', 'plain', 'ndjson', 'github'])
      .default('auto'),
  )
  .option('--no-ask', 'ask no questions, even on a terminal; manual steps stay open')
  .action(async (milestone: string | undefined, options) =>
    code(
      milestone === undefined
        ? (await import('./commands/nothing-named.ts')).nothingNamed()
        : await (await import('./commands/run-command.ts')).runCommand(milestone, options),
    ),
  );

withChecklist(program.command('plan <milestone>').description('show what would run, in what order; runs nothing'))
  .addOption(anyDriver('also check how stack/up would start the stack on this machine'))
  .option('--json', 'as JSON')
  .option('--resume [run]', 'say which steps --resume would reuse, and why not the others')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .option('--shard <i/n>', 'show what the i-th of n parts would run')
  .action(async (milestone: string, options) =>
    code(await (await import('./commands/plan.ts')).planCommand(milestone, options)),
  );

program
  .command('lint [checklists...]')
  .description('check checklists: keys, ids, needs, parameters (default: all of this repository)')
  .option('--var <name=value>', 'set a variable of the checklist', pair, [])
  .action(async (names: string[], options) =>
    code(await (await import('./commands/lint.ts')).lintCommand(names, options)),
  );

withChecklist(program.command('doctor [milestone]').description('check that this machine has what the checklist needs'))
  .addOption(driverOption('say what the stack needs with this driver'))
  .action(async (milestone: string | undefined, options) =>
    code(await (await import('./commands/doctor.ts')).doctorCommand(milestone, options)),
  );

const withRun = (command: Command): Command =>
  command
    .option('--run <id>', 'this run (default: the last)')
    .option('--reports <dir>', 'where runs are kept (default: reports)')
    .option('--target <dir>', 'the repository under verification')
    .option('--trust <sha256>', 'use a checklist from elsewhere that has this digest');

program
  .command('merge <folders...>')
  .description('merge the runs of all shards into one run that can be signed and gated on')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .option('--target <dir>', 'also write FINAL_STATUS.md into this repository, where the shards’ --write-to says')
  .option('--attest-key <file>', 'sign the attestation with this ed25519 key (default: $VERIFY_ATTEST_KEY)')
  .addOption(
    new Option('--ui <view>', 'plain, or also the summary of a job on GitHub')
      .choices(['plain', 'github'])
      .default('plain'),
  )
  .addHelpText('after', help.merge)
  .action(async (folders: string[], options) =>
    code(await (await import('./commands/merge.ts')).mergeCommand(folders, options)),
  );

withRun(program.command('sign-off <milestone>'))
  .description('show what a run found, and approve or reject it with an SSH key')
  .option('--role <role>', 'the role to sign in (default: the only one that the checklist’s policy names)')
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
  .addHelpText('after', help.signOff)
  .action(async (milestone: string, options) =>
    code(await (await import('./commands/sign-off.ts')).signOffCommand(milestone, { ...options, var: [] })),
  );

withRun(program.command('gate <milestone>'))
  .description('may the next milestone start? checks the last run, its evidence and its sign-offs; offline')
  .option('--before <milestone>', 'the milestone that waits for it')
  .option('--commit <ref>', 'the commit to gate on (default: what is checked out)')
  .option('--policy-from <ref>', 'policy, checklist and allowed signers of this commit or branch, e.g. origin/main')
  .option('--json', 'as JSON')
  .option('--export <dir>', 'also write the run as in-toto test-result and the answer as a SLSA verification summary')
  .addHelpText('after', help.gate)
  .action(async (milestone: string, options) =>
    code(await (await import('./commands/gate.ts')).gateCommand(milestone, { ...options, var: [] })),
  );

withRun(program.command('publish <milestone>'))
  .description('set the gate’s answer as a status of the commit: green only if the gate is open')
  .option('--github', 'on GitHub, by GITHUB_TOKEN, GH_TOKEN or gh')
  .option('--repository <owner/name>', 'default: by the remote origin')
  .option('--url <url>', 'where the decision can be read (default: the page of the job on GitHub)')
  .option('--policy-from <ref>', 'policy, checklist and allowed signers of this commit or branch')
  .option('--dry-run', 'say what would be set, and set nothing')
  .addOption(
    new Option('--api <url>', 'address of the interface').default('https://api.github.com').env('GITHUB_API_URL'),
  )
  .action(async (milestone: string, options) =>
    code(await (await import('./commands/publish.ts')).publishCommand(milestone, { ...options, var: [] })),
  );

withChecklist(program.command('serve <milestone>'))
  .description('a page in your browser: watch the run, answer its questions, sign, see the gate')
  .option('--port <n>', 'port on 127.0.0.1 (default: a free one)')
  .option('--open', 'open it in the browser')
  .addOption(driverOption('how stack/up starts the stack'))
  .option('--jobs <n>', 'steps that run at once (default: the cores, at least 2)')
  .option('--keep', 'leave the stack running at the end')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .option('--write-to <path>', 'also write FINAL_STATUS.md to this path of the target')
  .option('--key <file>', 'SSH key to sign with (default: git’s user.signingkey, else the agent’s)')
  .option('--policy-from <ref>', 'policy and allowed signers of this commit or branch')
  .addHelpText('after', help.serve)
  .action(async (milestone: string, options) =>
    code(await (await import('./commands/serve.ts')).serveCommand(milestone, options)),
  );

program
  .command('clean [runs...]')
  .description(
    'list what dead runs left behind (processes, containers, networks, volumes, images, temporary folders); --yes removes it',
  )
  .option('--yes', 'remove it')
  .option('--kept', 'also stacks that --keep left running')
  .addHelpText('after', help.clean)
  .action(async (runs: string[], options) =>
    code(await (await import('./commands/clean.ts')).cleanCommand(runs, options)),
  );

program
  .command('steps [type]')
  .description('the step types, or the reference of one')
  .action(async (kind: string | undefined) => code(await (await import('./commands/steps.ts')).stepsCommand(kind)));

program
  .command('new-step <name>')
  .description('scaffold a check of the repository’s own, with its test: checks/NAME.mjs')
  .option('--target <dir>', 'the repository (default: this folder)')
  .action(async (name: string, options) =>
    code(await (await import('./commands/new-step.ts')).newStepCommand(name, options)),
  );

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
  .option('--index', 'write index.html: all milestones and runs, and how their facts changed')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .addHelpText('after', help.report)
  .action(async (run: string | undefined, options) =>
    code(await (await import('./commands/report.ts')).reportCommand(run, options)),
  );

program
  .command('diff <before> <after>')
  .description('what changed between two runs: outcomes, findings, facts, durations, pictures')
  .option('--json', 'as JSON')
  .option('--reports <dir>', 'where runs are kept (default: reports)')
  .addHelpText('after', help.diff)
  .action(async (before: string, after: string, options) =>
    code(await (await import('./commands/diff.ts')).diffCommand(before, after, options)),
  );

program
  .command('completion')
  .description('print a script that lets a shell complete commands, options, milestones and step types')
  .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish', 'powershell']))
  .addHelpText('after', help.completion)
  .action(async (shell: string) => code((await import('./commands/completion.ts')).completionCommand(shell)));

program
  .command('init')
  .description('draft a checklist from what a repository has, or from a milestone’s document')
  .option('--target <dir>', 'the repository (default: this folder)')
  .option('--milestone <name>', 'name of the checklist (default: taken from the document or the folders, else release)')
  .option(
    '--from <document>',
    'a Markdown document: its check boxes, instructions, commands, files and numbers become items',
  )
  .option('--all-documents', 'with --from: also the tasks and reports of other milestones')
  .option('--stack', 'also start the Compose stack that has a Prometheus, and check that it is monitored')
  .option('--print', 'print the checklist and write nothing')
  .option('--force', 'overwrite an existing checklist')
  .addHelpText('after', help.init)
  .action(async (options) => code(await (await import('./commands/init.ts')).initCommand(options)));

program
  .command('claims <document>')
  .description('check what a document claims, and draft a docs/claims step for it')
  .option('--target <dir>', 'the repository of the document (default: the one that it lies in)')
  .option('--record <file>', 'record.json of a run whose facts are compared (default: the newest below reports/)')
  .addHelpText('after', help.claims)
  .action(async (document: string, options) =>
    code(await (await import('./commands/claims.ts')).claimsCommand(document, options)),
  );

const groups: Record<string, string[]> = {
  'Begin:': ['init', 'claims', 'steps', 'lint', 'new-step'],
  'Run a checklist:': ['run', 'plan', 'doctor', 'merge'],
  'Decide:': ['sign-off', 'gate', 'publish', 'serve'],
  'Look back:': ['report', 'diff'],
  'Upkeep:': ['clean', 'completion'],
};
for (const [group, names] of Object.entries(groups))
  for (const one of program.commands) if (names.includes(one.name())) one.helpGroup(group);

/** `verify plann m1` reads as a milestone called plann with one word too many. */
function isTooManyWords(text: string): boolean {
  return text.startsWith("error: too many arguments for 'run'");
}

try {
  const [, , command, dashes, ...words] = process.argv;
  if (command === 'complete' && dashes === '--')
    code((await import('./commands/completion.ts')).completeCommand(program, words));
  else await program.parseAsync(process.argv);
} catch (error) {
  await report(error);
}

async function report(error: unknown): Promise<void> {
  if (error instanceof CommanderError && !isTooManyWords(error.message)) {
    // Commander has already written help, version or its complaint.
    code(error.exitCode === 0 ? 0 : exit.usage);
    return;
  }
  const { errorText } = await import('./ui/errors.ts');
  const told =
    error instanceof CommanderError
      ? (await import('./commands/nothing-named.ts')).noSuchCommand(program.commands.map((one) => one.name()))
      : (ofSystem(error) ?? error);
  process.stderr.write(asCalled(errorText(told, process.stderr.isTTY && !('NO_COLOR' in process.env))));
  code(told instanceof UserError ? told.code : exit.bug);
}
