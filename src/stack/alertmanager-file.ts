import type { StepContext } from '../core/step.ts';
import { alertmanagerFile, type AlertmanagerConfig, type AlertmanagerFault } from '../formats/alertmanager/config.ts';
import { mutedForEver, reviewRoutes } from '../formats/alertmanager/review.ts';
import { allRoutes } from '../formats/alertmanager/routing.ts';
import { lineWith } from '../formats/data/lines.ts';
import { namedElsewhere } from './named-elsewhere.ts';
import type { Remark } from '../formats/alertmanager/remark.ts';

/** What is observed of an Alertmanager configuration. */
export interface SeenRouting {
  faults: AlertmanagerFault[];
  config?: AlertmanagerConfig;
  /** Routes that are muted for ever. */
  muted: Remark[];
  /** Labels of an inhibition's `equal` that stand elsewhere in the repository. */
  named: string[];
  /** Line of each text that a finding may name. */
  lines: Record<string, number>;
}

/** Reads a configuration. @param text what the file holds */
export async function lookAtRouting(ctx: StepContext, file: string, text: string): Promise<SeenRouting> {
  const read = alertmanagerFile(text);
  const { config, faults } = read;
  if (!config) return { faults, muted: [], named: [], lines: {} };
  const muted = mutedForEver(read, new Date(ctx.now()));
  const equal = config.inhibits.flatMap((one) => one.equal);
  const matchers = [
    ...[...allRoutes(config.tree)].flatMap(([route]) => route.matchers),
    ...config.inhibits.flatMap(({ source, target }) => [...source, ...target]),
  ];
  const texts = [
    ...config.used,
    ...matchers.flatMap(({ label, value }) => [label, value]),
    ...equal,
    ...[...allRoutes(config.tree)].flatMap(([route]) => route.groupBy),
    ...[...reviewRoutes(config), ...muted].map(({ at }) => at),
  ];
  const lines = Object.fromEntries([
    ...texts.map((at) => [at, lineWith(text, at)] as const),
    ...config.receivers.map(({ name }) => [name, lineOfName(text, name)] as const),
  ]);
  return { faults, config, muted, named: await namedElsewhere(ctx, equal, file), lines };
}

const lineOfName = (text: string, name: string): number =>
  Math.max(1, text.split('\n').findIndex((line) => /\bname:/.test(line) && line.includes(name)) + 1);
