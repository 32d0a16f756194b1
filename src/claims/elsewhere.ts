import type { Word } from '../formats/programs/shell.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import type { Repository } from '../repository/repository.ts';
import { unjudged, type Verdict } from '../formats/documents/verdict.ts';

/** Does the command begin another project: by a generator, a clone of another repository, or as a user of this very package? */
export async function beginsAnother(repository: Repository, program: string, args: readonly Word[]): Promise<boolean> {
  const [first, second] = args;
  const words = args.map((word) => word.text);
  if (/^(?:npm|pnpm|yarn|bun)$/.test(program) && /^(?:init|create)$/.test(first?.text ?? '')) return words.length > 1;
  if (/^(?:npx|bunx)$/.test(program)) return words.some((word) => /^create-|\/create-/.test(word));
  if (program === 'cargo' && /^(?:new|init)$/.test(first?.text ?? '')) return true;
  if (/^(?:django-admin|rails|dotnet|mix|flutter)$/.test(program))
    return /^(?:startproject|new|create)$/.test(first?.text ?? '');
  if (program === 'git' && first?.text === 'clone') {
    const address = words.find((word) => /[:/][\w.-]+\/[\w.-]+$/.test(word)) ?? '';
    const [, owner = '', name = ''] = /[:/]([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(address) ?? [];
    if (name === '' || (await repository.isAt(owner, name))) return false;
    // Without an address of its own, the repository is known by its name.
    return (await repository.hasAddress()) && !(await repository.isNamed(name));
  }
  if (/^(?:npm|pnpm|yarn|bun)$/.test(program) && /^(?:i|install|add)$/.test(first?.text ?? '') && second)
    return (await repository.packageNames()).has(words.slice(1).find((word) => !word.startsWith('-')) ?? '');
  return false;
}

/** What may be meant of another project: only that it holds here is known. */
export const thereOnly = (verdict: Verdict): Verdict =>
  verdict.state === 'holds' ? verdict : unjudged('it may be run in another project');

/** A folder of the writer's machine. */
export const ofMachine = /^(?:[/~]|[A-Za-z]:[/\\])/;

/** The longest end of such a path that is a folder of the repository, in a list; an empty one where none is. */
export function knownEnd(repository: Repository, text: string): string[] {
  const parts = text.split(/[/\\]/).slice(1);
  return parts
    .map((_, n) => parts.slice(n).join('/'))
    .filter((end) => repository.folders.has(end))
    .slice(0, 1);
}

/** Says the section above a block that its commands are run in another repository? */
export async function isInAnother(
  repository: Repository,
  { prose, headings }: MarkdownDocument,
  line: number,
): Promise<boolean> {
  const from = headings.findLast((one) => one.line < line)?.line ?? 0;
  const said = prose
    .slice(from, line - 1)
    .join(' ')
    .matchAll(/\b(?:from|in|inside|of) the [`*]*([\w.-]+)[`*]* repo(?:sitory)?\b/gi);
  for (const [, name = ''] of said)
    if (/[-_]/.test(name) && !(await repository.isNamed(name)) && !repository.folders.has(name)) return true;
  return false;
}
