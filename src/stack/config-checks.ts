import { posix } from 'node:path';
import type { EntryKind, StepContext } from '../core/step.ts';
import { imageName, mountOf, type ComposeService } from '../formats/compose/model.ts';
import { short, type StackJudge } from './checks.ts';
import type { Container } from './container.ts';
import { toBeMade } from './made-by-scripts.ts';

/** The configuration file that a service's command names. */
export interface SeenConfig {
  service: string;
  path: string;
  /** Where it lies; undefined where nothing of the repository is there. */
  host?: string;
  kind: EntryKind;
  /** It is not there, and is to be made: what makes it, or that git ignores it. */
  toBeMade?: string;
  /** The command replaces the image's and names no configuration: the program looks for this one in its working folder. */
  unnamed?: true;
  /** The image's own is read, and this one lies beside it, where nothing reads it. */
  beside?: string;
}

// Images that hold no configuration but at these paths.
const held: Record<string, readonly string[]> = {
  alertmanager: ['/etc/alertmanager/alertmanager.yml'],
  'blackbox-exporter': ['/etc/blackbox_exporter/config.yml'],
  loki: ['/etc/loki/local-config.yaml'],
  promtail: ['/etc/promtail/config.yml'],
  tempo: [],
  'opentelemetry-collector': ['/etc/otelcol/config.yaml'],
  'opentelemetry-collector-contrib': ['/etc/otelcol-contrib/config.yaml'],
};

// Where a program looks without --config.file: in the working folder of its image (their Dockerfiles; the flags' defaults).
const unnamed: Record<string, string> = {
  prometheus: '/prometheus/prometheus.yml',
  alertmanager: '/alertmanager/alertmanager.yml',
  'blackbox-exporter': '/blackbox.yml',
};

/** Does the command replace the image's and leave `--config.file` out? The path at which the program then looks. */
export function unnamedConfig({ image, built, command, scripted }: ComposeService): string | undefined {
  const options = command.filter((word) => word.startsWith('-'));
  const others = command.filter(
    (word) => !word.startsWith('-') && !/^(?:\/bin\/)?(?:prometheus|alertmanager|blackbox_exporter)$/.test(word),
  );
  return /^(?:(?:docker\.io|quay\.io)\/)?(?:prom|prometheus)\//.test(image) &&
    !built &&
    !scripted &&
    options.length > 0 &&
    others.length === 0 &&
    !options.some((word) => word.includes('config.file'))
    ? unnamed[imageName(image)]
    : undefined;
}

/** Looks at what `--config.file=/path` and the like name; undefined where that cannot be judged. */
export async function lookAtConfig(container: Container, ctx: StepContext): Promise<SeenConfig | undefined> {
  const { service } = container;
  const image = imageName(service.image);
  const looked = unnamedConfig(service);
  if (looked !== undefined)
    return (await container.find(looked))
      ? undefined
      : { service: service.name, path: looked, kind: 'missing', unnamed: true };
  const path = namedConfig(service.command) ?? held[image]?.[0];
  if (path === undefined || service.scripted || image === 'prometheus') return undefined;
  const found = await container.find(path);
  const beside = found ? undefined : unread(service, path);
  if (beside !== undefined && held[image]?.includes(path) === true && !container.mayHold(path))
    return { service: service.name, path, kind: 'file', beside };
  const isHeld = held[image]?.includes(path) ?? true;
  // That what is mounted there is missing is said of the mount.
  if (
    found?.kind === 'missing' &&
    service.mounts.some((one) => one.target === path) &&
    !('toBeMade' in (await toBeMade(found.host, ctx)))
  )
    return undefined;
  if (!found && (isHeld || service.built || mountOf(service, path) || container.mayHold(path))) return undefined;
  const seen: SeenConfig = {
    service: service.name,
    path,
    kind: found?.kind ?? 'missing',
    ...(found && { host: short(ctx, found.host) }),
    ...(found?.kind === 'missing' && (await toBeMade(found.host, ctx))),
  };
  return seen;
}

/** A configuration that is mounted in the folder of the one that is read, and that no word of the command names. */
const unread = ({ mounts, command, built }: ComposeService, path: string): string | undefined =>
  built
    ? undefined
    : mounts.find(
        ({ type, target }) =>
          type !== 'volume' &&
          /\.ya?ml$/.test(target) &&
          posix.dirname(target) === posix.dirname(path) &&
          !command.some((word) => word.includes(posix.basename(target))),
      )?.target;

/** The plain absolute path that `--config.file` and the like name. */
export function namedConfig(command: readonly string[]): string | undefined {
  for (const [n, word] of command.entries()) {
    const match = /^--?config(?:[.-]file)?(?:=(.*))?$/.exec(word);
    const path = match && (match[1] ?? command[n + 1]);
    if (path !== undefined && path !== null) return /^\/(?!run\/)[^$]*$/.test(path) ? path : undefined;
  }
  return undefined;
}

export function judgeConfig(j: StackJudge, seen: SeenConfig, at: { file: string; line?: number }): void {
  const about = { subject: seen.service };
  if (seen.unnamed)
    j.find(
      'config-unread',
      `${seen.service}: its command replaces that of the image and has no --config.file: it reads ${seen.path}, where nothing is mounted`,
      { ...about, where: at, hint: 'name the configuration with --config.file, as the image’s own command does' },
    );
  else if (seen.beside !== undefined)
    j.find(
      'config-unread',
      `${seen.service} reads ${seen.path}, its image's own; ${seen.beside}, which is mounted, is read by nothing`,
      {
        ...about,
        where: at,
        hint: `mount it at ${seen.path}, or name it in the command`,
      },
    );
  else if (seen.kind === 'missing' || seen.kind === 'directory')
    j.find(
      'config-unread',
      seen.host === undefined
        ? `${seen.service} reads ${seen.path}, where nothing is mounted and its image holds nothing`
        : `${seen.service} reads ${seen.path}, which is ${seen.host}: ${seen.kind === 'missing' ? 'not there' : 'a folder'}${seen.toBeMade === undefined ? '' : `; ${seen.toBeMade}`}`,
      { ...about, where: at, ...(seen.toBeMade !== undefined && { level: 'note' as const }) },
    );
  else j.prove(`${seen.service} finds its configuration at ${seen.path}`);
}
