import { showDuration } from '../../core/duration.ts';
import type { MergedShard, RunRecord, StepRecord } from '../../core/record.ts';
import { anchor, markup, plural, type Markup } from './markup.ts';
import { timeAxis } from './drawings.ts';
import { criticalPath, lane, maxRows, row } from './timeline.ts';

/** The steps of one shard, as they went there. */
function stepsIn(record: RunRecord, shard: number): StepRecord[] {
  return record.steps
    .flatMap((step) => {
      const here = step.inShards?.find((one) => one.shard === shard);
      return here?.startedAt === undefined ? [] : [{ ...step, ...here, reason: here.reason }];
    })
    .map((step) => step as StepRecord)
    .toSorted((a, b) => a.offsetMs - b.offsetMs);
}

/** The timeline of a merged run: a lane a shard, each from its own start, since clocks of machines differ and queues are no work. */
export function lanesSection(record: RunRecord): Markup | undefined {
  const lanes = (record.merged?.shards ?? []).map((shard) => ({ shard, steps: stepsIn(record, shard.index) }));
  const ends = lanes.flatMap(({ steps }) => steps.map((step) => step.offsetMs + step.durationMs));
  if (ends.length === 0) return undefined;
  const total = Math.max(1, ...ends);
  const longest = lanes.find(({ steps }) => steps.some((step) => step.offsetMs + step.durationMs === total));
  const chain = criticalPath(longest?.steps ?? []);
  const whole = ends.length <= maxRows;
  return markup`<section id="timeline" aria-labelledby="timeline-h"><h2 id="timeline-h">Timeline</h2><p>${plural(lanes.length, 'shard')}, each from its own start; the longest took ${showDuration(total)}. ${whole ? markup`The chain that set its length is marked <span class="crit">◆</span>: ${chain.slice(-12).map((id, n) => markup`${n > 0 && ' → '}<a href="#${anchor('step', id)}"><code>${id}</code></a>`)}.` : 'One row a shard.'}</p><table class="timeline"> <caption class="hidden"> When each step ran, by shard </caption><thead><tr><th scope="col">Step</th><th scope="col">${timeAxis(total)}</th><th scope="col" class="n">Time</th></tr></thead> ${lanes.map(
    ({ shard, steps }) =>
      markup`<tbody><tr><th class="group" colspan="3" scope="rowgroup">${title(shard, record.merged?.of ?? 0, steps)}</th></tr> ${whole ? steps.map((step) => row(step, total, shard === longest?.shard && chain.includes(step.id))) : steps.length > 0 && lane(steps, total)}</tbody>`,
  )}</table></section>`;
}

function title({ index, durationMs, host }: MergedShard, of: number, steps: readonly StepRecord[]): Markup {
  const what = steps.length === 0 ? 'nothing ran' : `${plural(steps.length, 'step')} in ${showDuration(durationMs)}`;
  return markup`Shard ${index} of ${of} <span class="by">${what}, on ${host.cpus} × ${host.cpu}</span>`;
}
