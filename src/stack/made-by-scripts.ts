import { posix } from 'node:path';
import { escapeRegex } from '../core/patterns.ts';
import type { StepContext } from '../core/step.ts';
import type { Tree } from '../core/tree.ts';
import { gitIgnores } from './build-checks.ts';
import { short } from './checks.ts';

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

// What Ansible, envsubst, gomplate and the like fill in.
const templated = /\.(?:j2|jinja2?|tmpl|tpl|template|erb|ctmpl|gotmpl)$/;

/** Is the file an example that is to be copied to that name: `a.yml.example`, `a.example.yml`, `example.a.yml`? */
const isExampleOf = (path: string, name: string): boolean =>
  posix.dirname(path) === posix.dirname(name) &&
  posix.basename(name).includes('.') &&
  posix.basename(path) !== posix.basename(name) &&
  posix
    .basename(path)
    .replace(/[._-]?(?:example|sample|template|dist)\b[._-]?/i, (part) => (/^[._-].*[._-]$/.test(part) ? '.' : '')) ===
    posix.basename(name);

/** The script, document or template that makes a path of the repository which is not there; undefined where none names it. */
export async function madeBy(path: string, ctx: StepContext): Promise<string | undefined> {
  const name = path.replace(/^\.\/|\/+$/g, '');
  const beside = (await ctx.tree()).paths.find((one) => isExampleOf(one, name));
  if (beside !== undefined) return beside;
  // A bare name may be anything's, unless a line beside it writes just that file.
  if (!name.includes('/')) {
    const writes = new RegExp(
      String.raw`(?:>{1,2}|\btee\s|\b(?:cp|mv)\s+(?:-\w+\s+)?\S+\s)\s*["']?(?:\./)?${escapeRegex(name)}["']?(?:\s|$)`,
    );
    return (await ctx.tree()).get(making).find(({ path, line }) => !path.includes('/') && writes.test(line))?.path;
  }
  const base = posix.basename(name);
  const template = (await ctx.tree()).paths.find(
    (one) => templated.test(one) && posix.basename(one).replace(templated, '') === base,
  );
  if (template !== undefined) return template;
  // A script, or a comment of the Compose file, may count from a folder above it.
  const [folder = '', last = ''] = name.split('/').slice(-2);
  const speaksOf = (line: string, path: string): boolean =>
    line.includes(name) ||
    (last.includes('.') &&
      path.includes('/') &&
      name.startsWith(posix.dirname(path)) &&
      [`/${folder}`, `/${last}`].every((part) => line.includes(part)));
  return (await ctx.tree()).get(making).find(({ line, path }) => speaksOf(line, path))?.path;
}

/** Whether a path that is not there is one that something makes first, and in which words. */
export async function toBeMade(path: string, ctx: StepContext): Promise<{ toBeMade?: string }> {
  if (!`${path}/`.startsWith(`${ctx.target}/`)) return {};
  const script = await madeBy(short(ctx, path), ctx);
  if (script !== undefined) return { toBeMade: `${script} makes it` };
  return (await gitIgnores(path, ctx))
    ? { toBeMade: 'git ignores it, so that it is made before the stack is started' }
    : {};
}

const named = /\bdocker\s+(?:buildx\s+|image\s+)?build\b[^\n]*?\s(?:-t|--tag)[ =]["']?([^\s"']+)/g;

/** The last part of the names that scripts and documents give to images which they build. */
function builtNames(tree: Tree): Set<string> {
  const names = new Set<string>();
  for (const path of tree.paths) {
    if (!scripts.test(path) || (tree.size(path) ?? 0) > 1 << 18) continue;
    for (const [, name = ''] of (tree.text(path) ?? '').matchAll(named)) names.add(lastPart(name));
  }
  return names;
}

const lastPart = (image: string): string => (image.split('/').at(-1) ?? '').replace(/[:@].*/, '');

/**
 * Is the image one that a script or a document of the repository builds, or somebody else's edition of a known program, so that
 * nobody knows from here what it holds?
 */
export async function isOfOthers(image: string, ctx: StepContext): Promise<boolean> {
  const name = lastPart(image);
  if (name === '' || official.test(image)) return false;
  return (image.includes('/') && known.test(name)) || (await ctx.tree()).get(builtNames).has(name);
}

const official = /(?:^|\/)(?:prom|prometheus|grafana|bitnami\w*|otel|[\w-]*opentelemetry[\w-]*)\//;
const known =
  /^(?:prometheus|alertmanager|grafana|loki|promtail|tempo|blackbox-exporter|opentelemetry-collector(?:-contrib)?)$/;
