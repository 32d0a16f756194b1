import type { StepContext } from '../core/step.ts';
import type { Tree } from '../core/tree.ts';

const scripts =
  /\.(?:sh|bash|zsh|ps1|mk|md|ya?ml)$|(?:^|\/)(?:[Mm]akefile|[Jj]ustfile|Taskfile[\w.]*|Dockerfile[\w.-]*|[\w-]+)$/;
const makes =
  /\b(?:mkdir|cp|mv|touch|tee|openssl|htpasswd|install|ln|unzip|tar|wget|curl|rsync|git clone)\b|>\s*[\w."'$]/;

/** Lines of scripts, documents and workflows that make files or folders. */
function making(tree: Tree): { path: string; line: string }[] {
  return tree.paths.flatMap((path) => {
    if (!scripts.test(path) || (tree.size(path) ?? 0) > 1 << 18) return [];
    return (tree.text(path) ?? '')
      .split('\n')
      .filter((line) => line.length < 1000 && makes.test(line))
      .map((line) => ({ path, line }));
  });
}

/** The script or document that makes a path of the repository which is not there; undefined where none names it. */
export async function madeBy(path: string, ctx: StepContext): Promise<string | undefined> {
  const name = path.replace(/^\.\/|\/+$/g, '');
  // A bare name may be anything's.
  if (!name.includes('/')) return undefined;
  return (await ctx.tree()).get(making).find(({ line }) => line.includes(name))?.path;
}
