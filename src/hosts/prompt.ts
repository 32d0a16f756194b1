import type { Prompting } from '../core/event.ts';
import type { Decision } from '../core/sign-off.ts';
import type { Answer, Question } from '../core/step.ts';
import { answerWords } from '../core/words.ts';

/** Can a person be asked? Both ends must be a terminal: `yes | verify` is nobody. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env['CI'] === undefined;
}

/** Asks on the terminal. @returns undefined where the person puts it off or the run is ended */
export async function askOnTerminal(
  question: Question,
  step: string,
  prompting: Prompting,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const { input, select } = await import('@inquirer/prompts');
  const about = question.about.map(({ path, sha256 }) => `\n  ${path}  sha256 ${sha256.slice(0, 16)}…`).join('');
  try {
    const answer = await prompting(
      step,
      select<'yes' | 'no' | 'later'>,
      {
        message: `${question.question} (${question.role})${about === '' ? '' : `\n  It is about:${about}\n`}`,
        choices: [
          { name: answerWords.yes, value: 'yes' },
          { name: answerWords.no, value: 'no' },
          { name: answerWords.later, value: 'later' },
        ],
        default: 'later',
      },
      signal,
    );
    if (answer === 'later') return undefined;
    const by = await prompting(
      step,
      input,
      {
        message: 'Your name:',
        default: process.env['USER'] ?? '',
        validate: (text: string) => text.trim() !== '' || 'a name is needed',
      },
      signal,
    );
    const comment = await prompting(step, input, { message: 'Comment (may be empty):' }, signal);
    return { answer, by: by.trim(), comment: comment.trim(), at: new Date().toISOString() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // While a prompt has the keyboard, Ctrl-C is a key to it and no signal: make it one.
    if (signal.aborted) return undefined;
    if (error.name === 'ExitPromptError') process.kill(process.pid, 'SIGINT');
    else throw error;
    return undefined;
  }
}

/** Asks for a decision over a run; undefined where there is none. @param approvable may it be approved at all */
export async function askDecision(
  message: string,
  approvable: boolean,
): Promise<{ decision: Decision; comment: string } | undefined> {
  const { confirm, input, select } = await import('@inquirer/prompts');
  try {
    const decision = await select({
      message,
      default: 'later',
      choices: [
        { name: 'not now', value: 'later' as const },
        { name: 'approve', value: 'approve' as const, disabled: approvable ? false : '(see above)' },
        { name: 'reject', value: 'reject' as const },
      ],
    });
    if (decision === 'later') return undefined;
    const comment = await input({
      message: decision === 'reject' ? 'Why:' : 'Comment (may be empty):',
      validate: (text) => decision === 'approve' || text.trim() !== '' || 'a rejection needs a reason',
    });
    const sure = await confirm({ message: `Sign: ${decision}?`, default: false });
    return sure ? { decision, comment: comment.trim() } : undefined;
  } catch {
    return undefined;
  }
}
