import { isExternal } from '../formats/compose/project.ts';
import { escapeRegex } from '../core/patterns.ts';
import { error, warning, type Judge, type StepContext } from '../core/step.ts';
import { objectOf, textOf } from '../formats/data/json-parts.ts';
import { composeFiles } from '../repository/compose-files.ts';
import { gitIgnores } from './build-checks.ts';
import { short } from './checks.ts';
import { saidIn } from './said-elsewhere.ts';

/** What a project takes from outside of itself: an external network or volume, or the folder behind a volume of the local driver. */
export interface FromOutside {
  kind: 'network' | 'volume' | 'device';
  name: string;
  /** The file of the repository that makes it, or says that somebody must. */
  madeBy?: string;
  /** Of a device: its path, and what is wrong with it. */
  device?: string;
  how?: 'relative' | 'missing' | 'elsewhere';
}

export const outsideProblems = {
  'external-missing': warning(
    'Nothing makes a network or volume that the project takes from outside',
    'let a script or the document create it, or take `external: true` away',
  ),
  'volume-device': error(
    'The folder behind a volume is not there',
    'the engine does not make it, as it does for a bind mount: give the whole path of a folder that is there',
  ),
} as const;

/** @param config what `docker compose config --format json` prints, whole */
export async function lookOutside(config: unknown, files: readonly string[], ctx: StepContext): Promise<FromOutside[]> {
  const found: FromOutside[] = [];
  const used = usedIn(config);
  for (const kind of ['network', 'volume'] as const)
    for (const [key, one] of Object.entries(objectOf(objectOf(config)[`${kind}s`]))) {
      const { external, name, driver_opts: options, driver } = objectOf(one);
      if (!used[kind].has(key)) continue;
      if (isExternal(external)) {
        const called = textOf(name) || key;
        const made = new RegExp(
          String.raw`${kind === 'volume' ? String.raw`(?:-v|--volume)[ =]["']?${escapeRegex(called)}:|` : ''}docker\s+${kind}\s+create\b[^\n]*\b${escapeRegex(called)}\b|name:\s*["']?${escapeRegex(called)}["']?\s*$|${escapeRegex(called)}[^\n]{0,80}\b${kind}\b[^\n]{0,40}\b(?:exist|creat)|\b(?:exist|creat)\w*[^\n]{0,80}${escapeRegex(called)}`,
          'im',
        );
        // Google Cloud Build gives its steps that network.
        if (called === 'cloudbuild') continue;
        const command = new RegExp(String.raw`docker\s+${kind}\s+create\b[^\n]*\b${escapeRegex(called)}\b`);
        const madeBy =
          (await saidIn(made, ctx, files)) ??
          (await namedIn(files, command, ctx)) ??
          (await declaredIn(kind, called, ctx));
        found.push({ kind, name: called, ...(madeBy !== undefined && { madeBy }) });
      }
      const { o, device } = objectOf(options);
      const path = textOf(device);
      if (kind !== 'volume' || !/(?:^|,)r?bind(?:,|$)/.test(textOf(o)) || path === '' || path.includes('$')) continue;
      if (textOf(driver) !== '' && textOf(driver) !== 'local') continue;
      if (!path.startsWith('/')) found.push({ kind: 'device', name: key, device: path, how: 'relative' });
      else if ((await ctx.files.kind(path)) === 'missing') {
        const inside = `${path}/`.startsWith(`${ctx.target}/`);
        const ignored = inside && (await gitIgnores(path, ctx));
        const madeBy = await saidIn(new RegExp(String.raw`mkdir\b[^\n]*${escapeRegex(short(ctx, path))}`), ctx, files);
        found.push({
          kind: 'device',
          name: key,
          device: short(ctx, path),
          how: inside && !ignored ? 'missing' : 'elsewhere',
          ...(madeBy !== undefined && { madeBy }),
        });
      }
    }
  return found;
}

/** The compose file that says in a comment how it is made. */
async function namedIn(files: readonly string[], command: RegExp, ctx: StepContext): Promise<string | undefined> {
  for (const file of files) if (command.test((await ctx.files.readIfThere(file)) ?? '')) return file;
  return undefined;
}

/** Another compose file whose project makes `<project>_<key>`. */
async function declaredIn(kind: 'network' | 'volume', name: string, ctx: StepContext): Promise<string | undefined> {
  const keys = [...name.matchAll(/[_-]/g)].map(({ index }) => name.slice(index + 1));
  for (const [file, { root: project }] of (await ctx.tree()).get(composeFiles)) {
    const own = objectOf(project[`${kind}s`]);
    const made = (key: string): boolean => key in own && !isExternal(objectOf(own[key])['external']);
    if (keys.some((key) => made(key) || (key === 'default' && kind === 'network' && 'services' in project)))
      return file;
  }
  return undefined;
}

/** Compose makes, and asks for, only what a service uses. */
function usedIn(config: unknown): Record<'network' | 'volume', Set<string>> {
  const used = { network: new Set<string>(), volume: new Set<string>() };
  for (const one of Object.values(objectOf(objectOf(config)['services'])).map(objectOf)) {
    for (const name of Object.keys(objectOf(one['networks']))) used.network.add(name);
    for (const volume of Array.isArray(one['volumes']) ? one['volumes'].map(objectOf) : [])
      if (textOf(volume['type']) === 'volume') used.volume.add(textOf(volume['source']));
  }
  return used;
}

export function judgeOutside(
  j: Judge<typeof outsideProblems>,
  outside: readonly FromOutside[],
  where: { file: string; line?: number },
): void {
  const unmade = Map.groupBy(
    outside.filter(({ kind, madeBy }) => kind !== 'device' && madeBy === undefined),
    ({ kind }) => kind,
  );
  for (const [kind, all] of unmade) {
    const names = all.map(({ name }) => name);
    const [are, them] = names.length > 1 ? ['s ', 'them'] : [' ', 'it'];
    j.find(
      'external-missing',
      `the ${kind}${are}${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} external, and no script or document of the repository makes ${them}: without ${them} \`docker compose up\` fails`,
      { subject: names[0], where },
    );
  }
  for (const { kind, name, madeBy, device, how } of outside) {
    const about = { subject: name, where };
    if (kind === 'device')
      j.find(
        'volume-device',
        how === 'relative'
          ? `the volume ${name} is the folder ${device}: a path that does not begin with / counts from the engine, not from the compose file`
          : `the volume ${name} is the folder ${device}, which is not there${madeBy === undefined ? '' : `; ${madeBy} makes it`}`,
        { ...about, ...((how === 'elsewhere' || madeBy !== undefined) && { level: 'note' as const }) },
      );
    else if (madeBy !== undefined)
      j.find('external-missing', `the ${kind} ${name} is external: ${madeBy} makes it or mentions it`, {
        ...about,
        level: 'note',
      });
  }
}
