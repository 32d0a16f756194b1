import { posix } from 'node:path';
import type { StepContext } from '../core/step.ts';
import type { Tree } from '../core/tree.ts';

const scripts =
  /\.(?:sh|bash|ya?ml|py|js|mjs|ts|ps1|md|tf|mk)$|(?:^|\/)(?:[Mm]akefile|[Jj]ustfile|[\w.-]*Dockerfile[\w.-]*)$/;
export const isScript = (path: string): boolean => scripts.test(path);
const fills = /envsubst|sed -[a-zA-Z]*[ie]|gomplate|consul-template|jinja|j2 /;

/** Scripts and documents that put values into files. */
function fillers(tree: Tree): { path: string; text: string }[] {
  return tree.paths.flatMap((path) => {
    if (!scripts.test(path) || (tree.size(path) ?? 0) > 1 << 18) return [];
    const text = tree.text(path) ?? '';
    return fills.test(text) ? [{ path, text }] : [];
  });
}

/** Does a script or a document of the repository say that it puts values into that file before the stack starts? */
export async function filledIn(file: string, ctx: StepContext): Promise<boolean> {
  const name = posix.basename(file);
  return (await ctx.tree()).get(fillers).some(({ path, text }) => path !== file && text.includes(name));
}

/** Is the host of an address a name in capitals, `API_TARGET`, that a script gives a value? No host is called so. */
export const isPlaceholder = (address: string): boolean =>
  /^(?:https?:\/\/)?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?::\w+)?(?:\/|$)/.test(address);

/** Does the address say itself that a person is to put another in its place: `YOUR_IP:3030`, `<host>:9100`, `your-server`? */
export const isForAPerson = (address: string): boolean =>
  /^<[^>]+>|^(?:your|replace|change|insert)(?:[-_]?me)?(?:[-_]|$)/i.test(address.replace(/^https?:\/\//, ''));
