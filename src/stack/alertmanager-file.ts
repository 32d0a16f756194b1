import type { Judge, Problem, StepContext } from '../core/step.ts';
import { alertmanagerFile, type AlertmanagerConfig, type AlertmanagerFault } from '../formats/alertmanager/config.ts';
import {
  clusterWords,
  jobsWord,
  mutedForEver,
  reviewLabels,
  reviewRoutes,
  silent,
} from '../formats/alertmanager/review.ts';
import { allRoutes } from '../formats/alertmanager/routing.ts';
import type { AlertLabels, Remark } from '../formats/alertmanager/remark.ts';
import type { routingProblems } from './routing-problems.ts';

/** What is observed of an Alertmanager configuration. */
export interface SeenRouting {
  faults: AlertmanagerFault[];
  config?: AlertmanagerConfig;
  /** Routes that are muted for ever. */
  muted: Remark[];
  /** Of the labels and annotations that it names, and the words of a cluster: those that stand elsewhere in the repository. */
  named: string[];
}

/** Where nothing was seen of it. */
export const noRouting: SeenRouting = { faults: [], muted: [], named: [] };

/** Of the placeholders the one that is told, where the file is refused for it: that nothing fills the file in is one cause. */
export function toldPlaceholder(
  faults: readonly AlertmanagerFault[],
): (AlertmanagerFault & { also: string }) | undefined {
  const placeholders = faults.filter((fault) => fault.literal);
  const told = placeholders.find((fault) => fault.kind === 'refused') ?? placeholders[0];
  if (!told) return undefined;
  const lines = placeholders.filter((fault) => fault !== told).map((fault) => fault.line);
  return { ...told, also: lines.length === 0 ? '' : ` (also in line ${[...new Set(lines)].join(', ')})` };
}

/** Reads a configuration. @param text what the file holds */
export async function lookAtRouting(ctx: StepContext, file: string, text: string): Promise<SeenRouting> {
  const read = alertmanagerFile(text);
  const { config, faults } = read;
  if (!config) return { ...noRouting, faults };
  const routes = [...allRoutes(config.tree)].map(([route]) => route);
  const labels = [...routes, config.tree].flatMap((route) => [
    ...route.matchers.map((one) => one.label),
    ...route.groupBy.map((one) => one.label),
  ]);
  const names = [...labels, ...config.inhibits.flatMap((one) => one.equal), ...config.asked.map((one) => one.name)];
  return {
    faults,
    config,
    muted: mutedForEver(read, new Date(ctx.now())),
    named: await namedElsewhere(ctx, [...names, ...clusterWords, jobsWord], file),
  };
}

/**
 * Says what is wrong with the routes, the inhibitions and the receivers that are routed to.
 * @param alerts what is known of the alerts' labels; none where they are judged apart
 */
export function judgeRouting(
  j: Judge<typeof routingProblems & { 'receiver-empty': Problem }>,
  { muted, named }: SeenRouting,
  config: AlertmanagerConfig,
  { file, subject, alerts }: { file: string; subject?: string; alerts: readonly AlertLabels[] },
): void {
  const about = (line: number) => ({ ...(subject !== undefined && { subject }), where: { file, line } });
  const remarks = [
    ...reviewRoutes(config),
    ...muted,
    ...reviewLabels(config, alerts, (label) => named.includes(label)),
  ];
  for (const { code, level, message, line } of remarks) j.find(code, `${file}: ${message}`, { ...about(line), level });
  const routes = [...allRoutes(config.tree)].map(([route]) => route);
  const all = config.receivers.every((one) => one.integrations === 0);
  for (const { name, integrations, line } of config.receivers) {
    const own = routes.filter((route) => route.receiver === name);
    if (integrations > 0 || own.length === 0 || silent.test(name)) continue;
    // A root that catches what no route wants may be meant so; a route that asks for alerts means them to go somewhere.
    const asked = own.some((route) => route.matchers.length > 0);
    j.find('receiver-empty', `${file}: the receiver ${name} has no integration: its alerts reach nobody`, {
      ...about(line),
      ...(asked ? { level: 'error' as const } : !all && { level: 'note' as const }),
    });
  }
}

const texts = ['**/*.{yml,yaml,json,toml,rules,prom,txt,rs,go,py,js,ts,mjs,cjs,java,rb,tmpl,jsonnet,libsonnet}'];
/** Files and bytes beyond which nothing is read. */
const [mostFiles, mostBytes] = [3000, 1 << 19];

/** Which of these names stand as whole words in any other file of the repository? Documents and lock files do not count. */
async function namedElsewhere(ctx: StepContext, names: readonly string[], but: string): Promise<string[]> {
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
