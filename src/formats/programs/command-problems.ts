import { error, inconclusive, type Problems } from '../../core/step.ts';

/** What can be found of a command: how it ended, what it printed, wrote and changed, and whether its control shows anything. */
export const problems = {
  'not-started': inconclusive(
    'The command could not be started',
    'install the program, or correct its name or the working directory',
  ),
  'not-reached': inconclusive(
    'What the command needs from the network could not be fetched',
    'run it where the address answers, or give the program a proxy, a mirror or a copy of its data; it judged nothing of the product',
  ),
  'exit-code': error('The command ended with an unexpected exit code', 'read its output in the evidence'),
  'killed-by-signal': error(
    'The command was killed by a signal',
    'read its output in the evidence; out of memory is a common cause of SIGKILL',
  ),
  'timed-out': inconclusive('The command did not finish in time', 'raise the timeout, or find out what it waits for'),
  output: error('The output is not as expected', 'read it in the evidence'),
  'output-cut': inconclusive(
    'The output was too long to be judged whole',
    'make the command print less, or assert on a file',
  ),
  'not-produced': error('A file that the command promises is not there', 'see whether the command still writes it'),
  'stale-product': error(
    'A promised file is older than this run',
    'remove it before, and see whether the command writes it at all',
  ),
  'process-left': error(
    'The command left a process running',
    'wait for it or end it in the command; where it is meant to go on, say `background: true`',
  ),
  outside: error(
    'A promised file lies outside of the target',
    'a link in its path leads out: write it into the target',
  ),
  'lfs-pointer': inconclusive('A promised file is a pointer of git-lfs', 'fetch it: git lfs pull'),
  'nothing-executed': error(
    'The test runner executed no test',
    'correct the path or the filter; where no test is meant to run, say `tests: ignored`',
  ),
  'output-says-failed': error(
    'The output says that tests failed, and the exit code does not',
    'let the exit code through (`set -o pipefail`, no `|| true`); where the output is another’s, say `tests: ignored`',
  ),
  'result-lost': inconclusive(
    'How a test runner ended is not known',
    'let its exit code through (`set -o pipefail`, no `|| true`), or let its output be seen; a test that ends the process (`os._exit`) ends its runner too',
  ),
  silenced: inconclusive(
    'A tool that the command calls may have been silenced from outside',
    'take the setting away, or commit it; a step of the tool’s own (cargo/clippy, cargo/fmt) says more',
  ),
  'not-json': error('The output is not JSON', 'read it in the evidence; a banner before the JSON is a common cause'),
  'fact-not-found': error(
    'A named value is not in the text',
    'look at the text in the evidence, and correct the path or the expression',
  ),
  'fact-ambiguous': error(
    'A named value is in the text more than once',
    'make the path or the expression say which one: name its line or its place in the list',
  ),
  'fact-not-typed': error(
    'A named value is of another type than it should be, or no exact number',
    'let the group take nothing but the number, or correct `type`',
  ),
  'fact-wrong': error('A named value is not as promised', 'see what the command measured'),
  'file-cut': inconclusive('A file is too large to be judged', 'assert on a smaller one'),
  'tree-changed': error(
    'The command changed tracked files',
    'a check must not write: use its --check form, write to an ignored folder, or say `tree: may-change`',
  ),
  'inside-not-found': inconclusive(
    'The command passes although a part of it did not find its program or its file',
    'correct the name or the path; what is turned round (`! grep …`) passes also where nothing was looked at',
  ),
  'control-not-run': inconclusive(
    'The negative control failed in another way than a check fails',
    'correct the control: it must run the check and see it refuse; give `control.exit` where this exit code is meant',
  ),
  'control-passed': error(
    'The negative control passed: the command cannot fail',
    'a check that passes where it must fail proves nothing; repair the command',
  ),
} as const satisfies Problems;
