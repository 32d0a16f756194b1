import { z } from 'zod';
import { AnyDuration, ms } from '../core/duration.ts';
import type { StepContext } from '../core/step.ts';
import type { Board } from '../formats/grafana/board.ts';
import { interpolateText, timeOf } from '../formats/grafana/variables.ts';
import type { GrafanaParams } from './api.ts';
import { grafanaAsker, grafanaPanels } from './ask-grafana.ts';
import type { BoardRun } from './judge-panels.ts';
import { loadBoard, type Found } from './library.ts';
import { runPanels } from './panel-run.ts';
import { resolveVariables } from './scope.ts';
import type { Source } from './sources.ts';

/** Spread into the params of the steps that look at a time range. */
export const rangeParams = {
  range: AnyDuration.optional().describe('how far back queries and pictures reach; default what each dashboard says'),
  at: z.iso
    .datetime()
    .optional()
    .describe('end of the range; default now. The same data at the same time give the same picture'),
};

export interface Range {
  from: number;
  to: number;
}

/** The absolute range: from `range` or the dashboard to `at` or now, in whole seconds. */
export function rangeOf(p: { range?: string | undefined; at?: string | undefined }, saved: string, now: number): Range {
  const to = Math.floor((p.at === undefined ? now : Date.parse(p.at)) / 1000) * 1000;
  const from = p.range === undefined ? (timeOf(saved, to) ?? to - 3_600_000) : to - ms(p.range);
  return { from: Math.min(from, to - 1000), to };
}

/** `{x: "a"}` → `{x: ["a"]}` */
export const givenVariables = (variables: Readonly<Record<string, string | string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, [value].flat()]));

export interface RanBoard {
  run: BoardRun & { provisioned: boolean };
  board: Board;
  range: Range;
}

/** Loads a dashboard and runs its panels through Grafana. @returns undefined where it is not there */
export async function runBoard(
  ctx: StepContext,
  p: GrafanaParams & {
    variables: Record<string, string | string[]>;
    range?: string | undefined;
    at?: string | undefined;
  },
  found: Found,
  sources: readonly Source[],
): Promise<RanBoard | undefined> {
  const loaded = await loadBoard(ctx, p, found.uid);
  if (!loaded) return undefined;
  const { board, provisioned } = loaded;
  const range = rangeOf(p, board.from, ctx.now());
  const resolution = await resolveVariables(board, range, sources, grafanaAsker(ctx, p), givenVariables(p.variables));
  const runs = await runPanels(board, resolution, sources, grafanaPanels(ctx, p, resolution, sources, range), {
    expressions: true,
  });
  const panels = [...runs].map(([panel, { run }]) => ({
    ...run,
    title: interpolateText(run.title, resolution.scope),
    ...(panel.collapsedIn !== undefined && { row: panel.collapsedIn }),
  }));
  return { run: { uid: found.uid, title: board.title || found.title, panels, provisioned }, board, range };
}

/** Dashboard files by name or glob, each once, and the globs that match none. */
export async function dashboardFiles(
  ctx: StepContext,
  globs: readonly string[],
): Promise<{ files: string[]; unmatched: string[] }> {
  const files = new Set<string>();
  const unmatched: string[] = [];
  for (const glob of globs) {
    const found =
      (await ctx.files.kind(glob)) === 'file'
        ? [glob]
        : (await ctx.files.glob([glob])).filter((file) => file.endsWith('.json'));
    if (found.length === 0) unmatched.push(glob);
    for (const file of found) files.add(file);
  }
  return { files: [...files], unmatched };
}
