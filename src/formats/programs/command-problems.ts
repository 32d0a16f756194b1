import type { Problems } from '../../core/judgement.ts';

/** What can be found of a command: how it ended, what it printed, wrote and changed, and whether its control shows anything. */
export const problems = {
  'not-started': {
    level: 'inconclusive',
    title: 'The command could not be started',
    hint: 'install the program, or correct its name or the working directory',
  },
  'exit-code': {
    level: 'error',
    title: 'The command ended with another exit code',
    hint: 'read its output in the evidence',
  },
  'killed-by-signal': {
    level: 'error',
    title: 'The command was killed by a signal',
    hint: 'read its output in the evidence; out of memory is a common cause of SIGKILL',
  },
  'timed-out': {
    level: 'inconclusive',
    title: 'The command did not finish in time',
    hint: 'raise the timeout, or find out what it waits for',
  },
  output: { level: 'error', title: 'The output is not as expected', hint: 'read it in the evidence' },
  'output-cut': {
    level: 'inconclusive',
    title: 'The output was too long to be judged whole',
    hint: 'make the command print less, or assert on a file',
  },
  'not-produced': {
    level: 'error',
    title: 'A file that the command promises is not there',
    hint: 'see whether the command still writes it',
  },
  'stale-product': {
    level: 'error',
    title: 'A promised file is older than this run',
    hint: 'remove it before, and see whether the command writes it at all',
  },
  'process-left': {
    level: 'error',
    title: 'The command left a process running',
    hint: 'wait for it or end it in the command; where it is meant to go on, say `background: true`',
  },
  outside: {
    level: 'error',
    title: 'A promised file lies outside of the target',
    hint: 'a link in its path leads out: write it into the target',
  },
  'lfs-pointer': {
    level: 'inconclusive',
    title: 'A promised file is a pointer of git-lfs',
    hint: 'fetch it: git lfs pull',
  },
  'nothing-executed': {
    level: 'error',
    title: 'The test runner executed no test',
    hint: 'correct the path or the filter; where no test is meant to run, say `tests: ignored`',
  },
  'output-says-failed': {
    level: 'error',
    title: 'The output says that tests failed, and the exit code does not',
    hint: 'let the exit code through (`set -o pipefail`, no `|| true`); where the output is another’s, say `tests: ignored`',
  },
  'result-lost': {
    level: 'inconclusive',
    title: 'How a test runner ended is not known',
    hint: 'let its exit code through (`set -o pipefail`, no `|| true`), or let its output be seen',
  },
  silenced: {
    level: 'inconclusive',
    title: 'A tool that the command calls may have been silenced from outside',
    hint: 'take the setting away, or commit it; a step of the tool’s own (cargo/clippy, cargo/fmt) says more',
  },
  'not-json': {
    level: 'error',
    title: 'The output is no JSON',
    hint: 'read it in the evidence; a banner before the JSON is a common cause',
  },
  'fact-not-found': {
    level: 'error',
    title: 'A named value is not in the text',
    hint: 'look at the text in the evidence, and correct the path or the expression',
  },
  'fact-ambiguous': {
    level: 'error',
    title: 'A named value is in the text more than once',
    hint: 'make the path or the expression say which one: name its line or its place in the list',
  },
  'fact-not-typed': {
    level: 'error',
    title: 'A named value is of another type than it should be, or no exact number',
    hint: 'let the group take nothing but the number, or correct `type`',
  },
  'fact-wrong': { level: 'error', title: 'A named value is not as promised', hint: 'see what the command measured' },
  'file-cut': { level: 'inconclusive', title: 'A file is too large to be judged', hint: 'assert on a smaller one' },
  'tree-changed': {
    level: 'error',
    title: 'The command changed tracked files',
    hint: 'a check must not write: use its --check form, write to an ignored folder, or say `tree: may-change`',
  },
  'control-not-run': {
    level: 'inconclusive',
    title: 'The negative control failed in another way than a check fails',
    hint: 'correct the control: it must run the check and see it refuse; give `control.exit` where this exit code is meant',
  },
  'control-passed': {
    level: 'error',
    title: 'The negative control passed: the command cannot fail',
    hint: 'a check that passes where it must fail proves nothing; repair the command',
  },
} as const satisfies Problems;
