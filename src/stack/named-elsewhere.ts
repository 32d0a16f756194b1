import type { StepContext } from '../core/step.ts';

const texts = ['**/*.{yml,yaml,json,toml,rules,prom,txt,rs,go,py,js,ts,mjs,cjs,java,rb,tmpl,jsonnet,libsonnet}'];
/** Files and bytes beyond which nothing is read. */
const [mostFiles, mostBytes] = [3000, 1 << 19];

/** Which of these names stand as whole words in any other file of the repository? Documents and lock files do not count. */
export async function namedElsewhere(ctx: StepContext, names: readonly string[], but: string): Promise<string[]> {
  const open = new Set(names);
  if (open.size === 0) return [];
  const files = (await ctx.files.glob(texts)).filter((path) => path !== but && !/(?:^|[-.])lock\b/.test(path));
  // What was not read may name them.
  if (files.length > mostFiles) return [...open];
  const found: string[] = [];
  for (const path of files) {
    if (open.size === 0) break;
    if ((await ctx.files.size(path)) > mostBytes) continue;
    const words = new Set(((await ctx.files.readIfThere(path)) ?? '').match(/\w+/g));
    for (const name of open)
      if (words.has(name)) {
        open.delete(name);
        found.push(name);
      }
  }
  return found;
}
