import { z } from 'zod';
import { AnyDuration } from '../core/duration.ts';
import { ms, type StepContext } from '../core/step.ts';
import type { Board } from '../formats/grafana/board-model.ts';
import { expandRepeats } from '../formats/grafana/repeats.ts';
import { viewRange, type ViewRange } from '../formats/grafana/time.ts';
import { interpolateText, scopeOf } from '../formats/grafana/variables.ts';
import type { GrafanaParams } from './api.ts';
import { grafanaAsker, grafanaPanels } from './ask-grafana.ts';
import type { BoardRun } from './judge-panels.ts';
import { loadBoard, type Found } from './library.ts';
import { failingAnnotations, runPanels, type PanelState } from './panel-run.ts';
import { resolveVariables } from './scope.ts';
import type { PanelWanted } from './shown-panel.ts';
import type { Source } from './sources.ts';

/** Spread into the params of the steps that look at a time range. */
export const rangeParams = {
  range: AnyDuration.optional().describe('how far back queries and pictures reach; default what each dashboard says'),
  at: z.iso
    .datetime()
    .optional()
    .describe('end of the range; default now. The same data at the same time give the same picture'),
};

/** What a viewer sees at `at`, or now: `range` until then, else the dashboard's own range. Whole seconds. */
export function rangeOf(
  p: { range?: string | undefined; at?: string | undefined },
  saved: { from: string; to: string },
  now: number,
): ViewRange {
  const at = Math.floor((p.at === undefined ? now : Date.parse(p.at)) / 1000) * 1000;
  return viewRange(p.range === undefined ? saved : { from: `now-${Math.round(ms(p.range) / 1000)}s`, to: 'now' }, at);
}

/** `{x: "a"}` → `{x: ["a"]}` */
export const givenVariables = (variables: Readonly<Record<string, string | string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, [value].flat()]));

/** How many panels have no data yet, and may get some. */
export const withoutData = (boards: readonly { panels: readonly { state: PanelState }[] }[]): number =>
  boards.flatMap(({ panels }) => panels).filter(({ state }) => ['empty', 'all-NaN', 'variable-empty'].includes(state))
    .length;

export interface RanBoard {
  run: BoardRun & { provisioned: boolean };
  board: Board;
  range: ViewRange;
  /** What the page must show. */
  wanted: PanelWanted[];
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
  kinds?: ReadonlySet<string>,
): Promise<RanBoard | undefined> {
  const loaded = await loadBoard(ctx, p, found.uid);
  if (!loaded) return undefined;
  const { board: saved, provisioned } = loaded;
  const range = rangeOf(p, saved, ctx.now());
  const resolution = await resolveVariables(saved, {
    range,
    sources,
    ask: grafanaAsker(ctx, p),
    given: givenVariables(p.variables),
  });
  const board = expandRepeats(saved, resolution.scope);
  const ask = grafanaPanels(ctx, p, resolution, sources, range);
  const runs = await runPanels(board, resolution, sources, ask, { expressions: true, kinds });
  const annotations = await failingAnnotations(board, resolution, sources, ask);
  const panels = [...runs].map(([panel, { run }]) => ({
    ...run,
    index: board.panels.indexOf(panel),
    title: interpolateText(run.title, scopeOf(panel, resolution.scope)),
    ...(panel.collapsedIn !== undefined && { row: panel.collapsedIn }),
    ...(panel.tab !== undefined && { tab: panel.tab }),
  }));
  const wanted = board.panels.map((panel, index): PanelWanted => {
    const { id, copyOf, type, title } = panel;
    return {
      index,
      id,
      ...(copyOf !== undefined && { copyOf }),
      title: interpolateText(title, scopeOf(panel, resolution.scope)),
      type,
      asks: runs.has(panel),
      ownWords: runs.get(panel)?.run.ownWords === true,
      coloured: panel.ownColor,
      ...(panel.tab !== undefined && { tab: panel.tab }),
    };
  });
  const run = { uid: found.uid, title: board.title || found.title, panels, annotations, provisioned };
  return { run, board, range, wanted };
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
