import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { yamlOf } from '../data/yaml.ts';

/**
 * A project as its files have it, roughly in the shape of `docker compose config`: services with image, build, command, mounts and
 * healthcheck. For what can still be said where Compose refuses the files; profiles, extends, includes and variables are not resolved.
 * @param files texts in the order of `-f`
 * @param folder absolute path of the first file's folder, from which relative paths count
 */
export function projectAsWritten(files: readonly string[], folder: string): JsonObject {
  const services: JsonObject = {};
  for (const text of files)
    for (const [name, one] of Object.entries(objectOf(objectOf(yamlOf(text))['services']))) {
      const before = objectOf(services[name]);
      const now = serviceAsWritten(objectOf(one), folder);
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
  return { ...kept, volumes: listOf(one['volumes']).flatMap((volume) => mountAsWritten(volume, folder)) };
}

function mountAsWritten(volume: unknown, folder: string): JsonObject[] {
  const long = objectOf(volume);
  const [source = '', target = ''] =
    typeof volume === 'string' ? volume.split(':') : [textOf(long['source']), textOf(long['target'])];
  if (target === '' || `${source}${target}`.includes('$')) return [];
  if (typeof volume !== 'string' && textOf(long['type']) !== 'bind')
    return [{ type: textOf(long['type']), source, target }];
  return /^[./~]/.test(source)
    ? source.startsWith('~')
      ? []
      : [{ type: 'bind', source: absolute(source, folder), target }]
    : [{ type: 'volume', source, target }];
}

function absolute(path: string, folder: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return `/${parts.join('/')}`;
}
