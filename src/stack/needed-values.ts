import type { StepContext } from '../core/step.ts';
import { objectOf } from '../formats/data/json-parts.ts';

const mark = 'verify-stands-for-';

/** The variable without which Compose resolves nothing: `${NAME:?why}`. */
export const neededIn = (refusal: string): string | undefined =>
  /required variable "?(\w+)"? is missing a value/.exec(refusal)?.[1];

/** What is given for a variable that only people can give, so that the rest can be looked at. */
export const standInFor = (name: string): string => `${mark}${name}`;

/** Does a stand-in stand only where its value decides nothing: in a container's environment, its labels, its health check? */
export function isHarmless(project: unknown): boolean {
  const services = Object.values(objectOf(objectOf(project)['services'])).map((service) => {
    const { environment: _, labels: __, healthcheck: ___, ...rest } = objectOf(service);
    return rest;
  });
  return !JSON.stringify([services, { ...objectOf(project), services: undefined }]).includes(mark);
}

/**
 * `${PWD}` is the folder in which Compose is started, and that is for people to choose: the files' own or the repository's, whichever
 * holds more of what is named.
 */
export async function pwdOf(files: readonly string[], ctx: StepContext): Promise<Record<string, string>> {
  const texts = await Promise.all(files.map(async (file) => (await ctx.files.readIfThere(file)) ?? ''));
  const named = texts.flatMap((text) => [...text.matchAll(/\$\{?PWD\}?\/([^\s:"'}]+)/g)].map(([, path = '']) => path));
  if (named.length === 0) return {};
  const own = ctx.files.absolute(files[0] ?? '').replace(/\/[^/]*$/, '');
  const there = async (folder: string): Promise<number> =>
    (await Promise.all(named.map((path) => ctx.files.kind(`${folder}/${path}`)))).filter((kind) => kind !== 'missing')
      .length;
  return { PWD: (await there(ctx.target)) > (await there(own)) ? ctx.target : own };
}
