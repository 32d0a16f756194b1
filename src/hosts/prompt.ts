import type { Decision } from '../core/sign-off.ts';
import type { Answer, Question } from '../core/step.ts';

/** Can a person be asked? Both ends must be a terminal: `yes | verify` is nobody. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env['CI'] === undefined;
}

/** Asks on the terminal. */
export async function askOnTerminal(question: Question, signal: AbortSignal): Promise<Answer | undefined> {
  const { input, select } = await import('@inquirer/prompts');
  const about = question.about.map(({ path, sha256 }) => `  ${path}  sha256 ${sha256.slice(0, 16)}…`).join('\n');
  if (about !== '') process.stdout.write(`\n${question.question}\nAbout:\n${about}\n`);
  try {
    const answer = await select(
      {
        message: `${question.question} (${question.role})`,
        choices: [
          { name: 'yes, I have looked and it holds', value: 'yes' as const },
          { name: 'no', value: 'no' as const },
          { name: 'not now', value: 'later' as const },
        ],
      },
      { signal },
    );
    if (answer === 'later') return undefined;
    const by = await input(
      {
        message: 'Your name:',
        default: process.env['USER'] ?? '',
        validate: (text) => text.trim() !== '' || 'a name is needed',
      },
      { signal },
    );
    const comment = await input({ message: 'Comment (may be empty):' }, { signal });
    return { answer, by: by.trim(), comment: comment.trim(), at: new Date().toISOString() };
  } catch {
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
