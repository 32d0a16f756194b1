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
