import { stepReference } from '../checklist/docs.ts';
import { exit, UserError } from '../core/errors.ts';
import { suggest } from '../core/suggest.ts';
import { referenceForTerminal } from '../ui/reference.ts';
import { kinds, loadKind } from '../steps/index.ts';

/** `verify steps [kind]`: the step types, or the reference of one. */
export async function stepsCommand(kind: string | undefined): Promise<number> {
  if (kind !== undefined) {
    if (!kinds.includes(kind)) {
      const meant = suggest(kind, kinds);
      throw new UserError(exit.usage, `no step type is called ${kind}`, {
        hint: meant ? `did you mean ${meant}?` : `they are ${kinds.join(', ')}`,
      });
    }
    const reference = stepReference(await loadKind(kind));
    // To a file or a pipe it is Markdown.
    const text = process.stdout.isTTY
      ? referenceForTerminal(reference, Math.min(100, process.stdout.columns), !('NO_COLOR' in process.env))
      : reference;
    process.stdout.write(`${text}\n`);
    return 0;
  }
  const width = Math.max(...kinds.map((name) => name.length));
  for (const name of kinds) process.stdout.write(`${name.padEnd(width)}  ${(await loadKind(name)).summary}\n`);
  return 0;
}
