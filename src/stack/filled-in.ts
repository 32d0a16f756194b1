import { posix } from 'node:path';
import type { StepContext } from '../core/step.ts';

const scripts = ['**/*.{sh,bash,yml,yaml,py,js,mjs,ts,ps1,md,tf,mk}', '**/{Makefile,makefile,justfile,Justfile}'];

/** Does a script or a document of the repository say that it puts values into that file before the stack starts? */
export async function filledIn(file: string, ctx: StepContext): Promise<boolean> {
  const name = posix.basename(file);
  for (const path of (await ctx.files.glob(scripts)).slice(0, 2000)) {
    if (path === file || (await ctx.files.size(path)) > 1 << 18) continue;
    const text = await ctx.files.read(path);
    if (text.includes(name) && /envsubst|sed -i|gomplate|consul-template|jinja|j2 /.test(text)) return true;
  }
  return false;
}
