import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { locatedYaml } from '../data/yaml.ts';

/** A Compose file as it is written, before Compose puts anything together or in. Empty where it is broken: it does not parse. */
export interface ComposeFile {
  root: JsonObject;
  services: Record<string, JsonObject>;
  broken: boolean;
  /** The line of what stands at a path; 1 where nothing does. */
  lineOf(path: readonly (string | number)[]): number;
}

export function composeFile(text: string): ComposeFile {
  const yaml = locatedYaml(text);
  const root = objectOf(yaml?.value);
  const services = Object.entries(objectOf(root['services'])).map(([name, one]) => [name, objectOf(one)] as const);
  return {
    root,
    services: Object.fromEntries(services),
    broken: yaml === undefined,
    lineOf: (path) => yaml?.lineOf(path) ?? 1,
  };
}

/** Does it name all of its services itself? */
export const isWhole = ({ root, services }: ComposeFile): boolean =>
  Object.keys(services).length > 0 && root['include'] === undefined;

/** The volumes of a service in the short and the long form. `type` is empty in the short one, `target` where there is none. */
export const volumesOf = (service: JsonObject): { type: string; source: string; target: string }[] =>
  listOf(service['volumes']).map((volume) => {
    if (typeof volume === 'string') {
      // `${SOURCE:-./data}:/data`
      const [source = '', target = ''] = volume.match(/(?:\$\{[^{}]*\}|[^:])+/g) ?? [];
      return { type: '', source, target };
    }
    const { type, source, target } = objectOf(volume);
    return { type: textOf(type), source: textOf(source), target: textOf(target) };
  });

/**
 * A project as its files have it, roughly in the shape of `docker compose config`: services with image, build, command, mounts and
 * healthcheck. For what can still be said where Compose refuses the files; profiles, extends, includes and variables are not resolved.
 * @param files in the order of `-f`
 * @param folder absolute path of the first file's folder, from which relative paths count
 */
export function projectAsWritten(files: readonly ComposeFile[], folder: string): JsonObject {
  const services: JsonObject = {};
  for (const file of files)
    for (const [name, one] of Object.entries(file.services)) {
      const before = objectOf(services[name]);
      const now = serviceAsWritten(one, folder);
      services[name] = { ...before, ...now, volumes: [...listOf(before['volumes']), ...listOf(now['volumes'])] };
    }
  return { services };
}

function serviceAsWritten(one: JsonObject, folder: string): JsonObject {
  const kept: JsonObject = {};
  for (const key of ['image', 'command', 'entrypoint', 'container_name', 'hostname', 'network_mode'])
    if (typeof one[key] === 'string' || (Array.isArray(one[key]) && one[key].every((part) => typeof part === 'string')))
      kept[key] = one[key];
  const build = typeof one['build'] === 'string' ? { context: one['build'] } : objectOf(one['build']);
  const context = textOf(build['context']);
  if (context !== '' && !context.includes('$') && !/^\w+:\/\//.test(context))
    kept['build'] = {
      context: absolute(context, folder),
      ...(textOf(build['dockerfile']) !== '' && { dockerfile: textOf(build['dockerfile']) }),
      ...(textOf(build['target']) !== '' && { target: textOf(build['target']) }),
    };
  const { test, disable } = objectOf(one['healthcheck']);
  if (test !== undefined || disable === true)
    kept['healthcheck'] = { test: Array.isArray(test) ? test.map(textOf) : textOf(test), disable: disable === true };
  return { ...kept, volumes: volumesOf(one).flatMap((volume) => mountAsWritten(volume, folder)) };
}

function mountAsWritten({ type, source, target }: ReturnType<typeof volumesOf>[number], folder: string): JsonObject[] {
  if (target === '' || `${source}${target}`.includes('$')) return [];
  if (type !== '' && type !== 'bind') return [{ type, source, target }];
  if (!/^[./~]/.test(source)) return [{ type: 'volume', source, target }];
  return source.startsWith('~') ? [] : [{ type: 'bind', source: absolute(source, folder), target }];
}

function absolute(path: string, folder: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return `/${parts.join('/')}`;
}
