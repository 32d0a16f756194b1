import { posix } from 'node:path';
import { escapeRegex } from '../core/patterns.ts';
import { note, type Judge, type StepContext } from '../core/step.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { composeFile } from '../formats/compose/written.ts';
import { derivedIfThere } from '../repository/derived.ts';
import { lackingAtStart } from '../formats/compose/image-needs.ts';
import { wrongImage } from '../formats/compose/refusals.ts';
import { saidIn } from './said-elsewhere.ts';
import { firstPlace } from '../formats/data/yaml.ts';

/** A variable without a value in the environment and in `.env`: Compose replaces it with nothing. */
export interface UnsetVariable {
  name: string;
  file: string;
  line: number;
  /** The env_file of a service that has it: such a file is not read for `${…}`. */
  envFile?: string;
  /** Images that are none without it, as written and as they become. */
  images: { service: string; written: string; becomes: string }[];
  /** Services that are built as it says: from a folder, by a Dockerfile or to a stage that it names. */
  builds: string[];
  /** A service whose own environment has it, where its healthcheck or command asks for it. */
  own?: { service: string; key: string };
  /** Why a service does not start without its value. */
  unstarted?: string;
  /** The variable of a service's environment in whose value `$NAME` stands in the middle of a word: likely a `$` of the value's own. */
  within?: string;
  /** A script, workflow, document or example of the repository that sets or names it. */
  setBy?: string;
}

export const unsetVariableProblems = {
  'variable-not-set': note('A variable has no value', 'set it, or give it a default: ${NAME:-value}'),
} as const;

const named = (name: string): RegExp =>
  new RegExp(String.raw`(?:^|[\s"';&({[-])(?:export\s+)?${escapeRegex(name)}\s*(?::?=|:\s)`, 'm');

/** A service as it is written, and where it is: in the Compose file, or in the one that it extends. */
interface Written {
  name: string;
  file: string;
  at: readonly string[];
  service: JsonObject;
}

/** The services of the files, and behind each what it extends. */
async function writtenIn(files: readonly string[], ctx: StepContext): Promise<Written[]> {
  const found: Written[] = [];
  const servicesOf = async (file: string): Promise<Record<string, JsonObject>> =>
    (await derivedIfThere(ctx, file, composeFile))?.services ?? {};
  for (const file of files)
    for (const [name, one] of Object.entries(await servicesOf(file))) {
      let at = file;
      let key = name;
      let service = objectOf(one);
      // Ten deep is more than anybody extends, and a circle ends.
      for (let depth = 0; depth < 10; depth++) {
        found.push({ name, file: at, at: ['services', key], service });
        const base = objectOf(service['extends']);
        const from = textOf(base['file']);
        const next = textOf(base['service']) || textOf(service['extends']);
        if (next === '') break;
        if (from !== '') at = posix.normalize(posix.join(posix.dirname(at), from));
        key = next;
        service = objectOf((await servicesOf(at))[next]);
      }
    }
  return found;
}

const uses = (text: string, name: string): boolean => new RegExp(String.raw`\$\{?${escapeRegex(name)}\b`).test(text);

export async function lookAtUnset(
  names: readonly string[],
  files: readonly string[],
  ctx: StepContext,
): Promise<UnsetVariable[]> {
  const found: UnsetVariable[] = [];
  const services = names.length === 0 ? [] : await writtenIn(files, ctx);
  const all = new RegExp(
    String.raw`\$\{(?:${names.map(escapeRegex).join('|')})\}|\$(?:${names.map(escapeRegex).join('|')})\b`,
    'g',
  );
  const placeIn = async (file: string, at: readonly (string | number)[]): Promise<{ file: string; line: number }> => ({
    file,
    line: (await derivedIfThere(ctx, file, composeFile))?.lineOf(at) ?? 1,
  });
  for (const name of names) {
    const one: UnsetVariable = { name, file: files[0] ?? '', line: 1, images: [], builds: [] };
    for (const file of new Set([...files, ...services.map((each) => each.file)])) {
      const compose = await derivedIfThere(ctx, file, composeFile);
      const place = firstPlace(compose?.root, (text) => uses(text, name));
      if (!compose || !place) continue;
      Object.assign(one, { file, line: compose.lineOf(place) });
      break;
    }
    for (const { name: service, file, at, service: as } of services) {
      const written = textOf(as['image']);
      const becomes = uses(written, name) ? written.replaceAll(all, '') : written;
      // Of the other variables it counts that they have some value.
      if (written !== becomes && wrongImage(becomes.replaceAll(/\$\{[^}]*\}|\$\w+/g, 'x')) !== undefined) {
        one.images.push({ service, written, becomes });
        if (one.images.length === 1) Object.assign(one, await placeIn(file, [...at, 'image']));
      }
      if (uses(JSON.stringify(as['build'] ?? ''), name)) one.builds.push(service);
      for (const key of ['healthcheck', 'command', 'entrypoint'])
        if (asks(name).test(JSON.stringify(as[key] ?? '')) && hasOwn(as['environment'], name)) {
          one.own ??= { service, key };
          const place = firstPlace(as[key], (text) => asks(name).test(text)) ?? [];
          Object.assign(one, await placeIn(file, [...at, key, ...place]));
        }
      const inWord = new RegExp(String.raw`[\w!#%^*]\$${escapeRegex(name)}\b`);
      const unstarted = emptied(service, as, name);
      if (unstarted !== undefined) one.unstarted ??= unstarted;
      for (const [key, value] of variablesOf(as['environment']))
        if (inWord.test(value.replaceAll('$$', ''))) one.within ??= `${key} of ${service}`;
      for (const envFile of envFilesOf(as['env_file'], file))
        if (
          new RegExp(String.raw`^\s*(?:export\s+)?${escapeRegex(name)}\s*=`, 'm').test(
            (await ctx.files.readIfThere(envFile)) ?? '',
          )
        )
          one.envFile ??= envFile;
    }
    const setBy = await saidIn(named(name), ctx, [...files, ...(one.envFile === undefined ? [] : [one.envFile])]);
    if (setBy !== undefined) one.setBy = setBy;
    found.push(one);
  }
  return found;
}

/** What the service's image lacks at its start where a variable of its environment is nothing but this one. */
function emptied(service: string, as: JsonObject, name: string): string | undefined {
  const given = variablesOf(as['environment']);
  const left = given.filter(([, value]) => value !== `$${name}` && value !== `\${${name}}`);
  const lacking = (some: typeof given): string | undefined =>
    lackingAtStart({ services: { [service]: { ...as, environment: Object.fromEntries(some) } } }).find(
      ({ code, variable }) => code === 'start-refused' && variable === undefined,
    )?.text;
  return left.length < given.length && lacking(given) === undefined ? lacking(left) : undefined;
}

/** `$NAME` and `${NAME}`, but not `$$NAME`, which is the container's. */
const asks = (name: string): RegExp =>
  new RegExp(String.raw`(?<!\$)\$(?:${escapeRegex(name)}\b|\{${escapeRegex(name)}\})`);

/** A service's environment, written as a list or as a mapping. */
const variablesOf = (environment: unknown): [name: string, value: string][] =>
  Array.isArray(environment)
    ? listOf(environment).map((one): [string, string] => {
        const [name = '', value = ''] = textOf(one).split(/=(.*)/s);
        return [name, value];
      })
    : Object.entries(objectOf(environment)).map(([name, value]) => [name, textOf(value)]);

/** Does a service's environment give the variable a value of its own? */
function hasOwn(environment: unknown, name: string): boolean {
  const value = variablesOf(environment).find(([one]) => one === name)?.[1] ?? '';
  return value !== '' && !value.includes('$');
}

function envFilesOf(value: unknown, file: string): string[] {
  return (Array.isArray(value) ? listOf(value) : [value])
    .map((one) => textOf(one) || textOf(objectOf(one)['path']))
    .filter((path) => path !== '' && !path.includes('$'))
    .map((path) => (path.startsWith('/') ? path : posix.join(posix.dirname(file), path)));
}

export function judgeUnset(j: Judge<typeof unsetVariableProblems>, unset: readonly UnsetVariable[]): void {
  // Variables of one file that are merely not set yet, told of by the same file: one cause.
  const plain = unset.filter(
    (one) => one.images.length === 0 && (one.within ?? one.envFile ?? one.own ?? one.unstarted) === undefined,
  );
  const groups = Map.groupBy(plain, (one) => `${one.file} ${one.setBy ?? ''}`);
  for (const one of unset) {
    const { name, images, envFile, own, setBy, file, line } = one;
    const [image] = images;
    const [first = one, ...others] = plain.includes(one) ? (groups.get(`${file} ${setBy ?? ''}`) ?? []) : [];
    if (one !== first) continue;
    const also =
      others.length === 0
        ? ''
        : `, nor ${others.length === 1 ? 'is' : 'are'} ${others.map((other) => other.name).join(', ')}`;
    const effect =
      one.within !== undefined && image === undefined
        ? `${one.within} has it in the middle of its value, and Compose replaces it with nothing`
        : image
          ? `the image ${image.written} becomes "${image.becomes}", which the engine refuses`
          : `Compose replaces it with nothing${one.unstarted === undefined ? '' : `, and ${one.unstarted}`}`;
    const why =
      envFile !== undefined
        ? `: the env_file ${envFile} has it, and is given to the container, not read for \${${name}}`
        : own
          ? `: the environment of ${own.service} has it, and Compose fills in its ${own.key} before the container has an environment`
          : setBy !== undefined
            ? `; ${setBy} names it`
            : '';
    const within = image === undefined && setBy === undefined && one.within !== undefined;
    const proven = setBy === undefined && (image ?? envFile ?? own ?? one.unstarted) !== undefined;
    j.find('variable-not-set', `the variable ${name} is not set${also}: ${effect}${why}`, {
      subject: name,
      where: { file, line },
      ...(proven ? { level: 'error' as const } : within && { level: 'warning' as const }),
      ...(within && !proven && { hint: `write $$${name} if the dollar belongs to the value` }),
      ...(envFile !== undefined && {
        hint: `put it into .env beside the compose file, or name the file with --env-file`,
      }),
      ...(own && envFile === undefined && { hint: `write $$${name}, which Compose hands on as $${name}` }),
    });
  }
}
