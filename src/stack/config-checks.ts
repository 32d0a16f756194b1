import type { EntryKind, StepContext } from '../core/step.ts';
import { imageName, mountOf } from '../formats/compose/model.ts';
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

/** Looks at what `--config.file=/path` and the like name; undefined where that cannot be judged. */
export async function lookAtConfig(container: Container, ctx: StepContext): Promise<SeenConfig | undefined> {
  const { service } = container;
  const image = imageName(service.image);
  const path = namedConfig(service.command) ?? held[image]?.[0];
  if (path === undefined || service.scripted || image === 'prometheus') return undefined;
  const found = await container.find(path);
  const isHeld = held[image]?.includes(path) ?? true;
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
  if (seen.kind === 'missing' || seen.kind === 'directory')
    j.find(
      'config-unread',
      seen.host === undefined
        ? `${seen.service} reads ${seen.path}, where nothing is mounted and its image holds nothing`
        : `${seen.service} reads ${seen.path}, which is ${seen.host}: ${seen.kind === 'missing' ? 'not there' : 'a folder'}${seen.toBeMade === undefined ? '' : `; ${seen.toBeMade}`}`,
      { ...about, where: at, ...(seen.toBeMade !== undefined && { level: 'note' as const }) },
    );
  else j.prove(`${seen.service} finds its configuration at ${seen.path}`);
}
