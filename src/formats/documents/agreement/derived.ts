import { headUnit, parseQuantity, type Kind, type Quantity } from '../../data/quantity.ts';
import type { MarkdownDocument, TableSeen } from '../markdown.ts';
import { headingsAbove, headingAbove, type SelfClaim, suspect } from '../surroundings.ts';

const saysSo =
  /\b(?:deriv\w+|calculat\w+|comput\w+|reciprocal|theoretical|1\s?\/\s?latency|estimat\w+|implied|single[- ]thread\w*|sequential\w*|projected|model\w*)\b/i;
const estimated =
  /\((?:est\.?|estimated?|projected|extrapolated|theoretical|assumed|calculated)\)|\b(?:estimated|projected|extrapolated)\b/i;
const measuredHead = /\b(?:measured|actual|observed|benchmark results?|measurements?|load test results?)\b/i;
const target = /\b(?:target|goal|slo|budget|limit|expected|plan\w*|estimate[ds]?|estimation|projection)\b/i;

/** Figures that nobody measured, below a head that says so: a throughput that is the reciprocal of the latency beside it, an estimate. */
export function derived(document: MarkdownDocument): SelfClaim[] {
  const found = document.tables.flatMap((table) => reciprocal(document, table));
  for (const { header, rows } of document.tables)
    for (const [n, head] of header.entries())
      // Beside a target, a result is what was measured.
      if (
        n > 0 &&
        (measuredHead.test(head) || (/^\W*results?\W*$/i.test(head) && header.some((one) => target.test(one)))) &&
        !target.test(head)
      )
        for (const { cells, line } of rows)
          if (estimated.test(cells[n] ?? ''))
            found.push({
              line,
              text: `${cells[0]}: ${head} ${cells[n]}`,
              holds: false,
              seen: 'its column says that it was measured',
            });
  for (const [n, raw] of document.prose.entries()) {
    if (
      !/^\s*[-*+]\s/.test(raw) ||
      !/\d/.test(raw) ||
      !/\((?:est\.?|estimated?|projected|extrapolated|theoretical)\)/i.test(raw)
    )
      continue;
    const own = headingAbove(document, n + 1);
    if (measuredHead.test(own) && !target.test(own))
      found.push(suspect(n + 1, raw.replace(/[*_`]/g, '').trim().slice(0, 100), false, `its heading says ${own}`));
  }
  return found;
}

const perSecond = /(?<![\d.,])(\d[\d,]*)\s(?:\w+\s){1,2}(?:a|per)\s(?:second|sec)\b/i;
const each =
  /\b(?:one|each|a|an|per)\s(?:\w+\s)?(?:takes?|call|operation|request|event|message)\b[^.;|\d]{0,12}|(?<=\bat\s)/i;
const alone = /\b(?:one|single)\s(?:thread|connection|worker|core|client|event|call|request|operation|message)\b/i;

const atOnce =
  /\b(?!one\b|single\b|1\b)\w+\s(?:threads|workers|connections|cores|clients|users)\b|\bparallel|\bconcurren|\bbatch/i;

/** "2,400 events per second: one takes 4.2 ms on one thread": of one at a time, a rate is one divided by the time of each. */
export function rates({ prose }: MarkdownDocument): SelfClaim[] {
  return prose.flatMap((raw, n): SelfClaim[] => {
    const line = raw.replace(/[*_`]/g, '');
    const rate = perSecond.exec(line);
    const times = [...line.matchAll(/(?<![\d.,])(\d+(?:\.\d+)?)\s?(ns|µs|μs|us|ms|s)\b/g)];
    const [time] = times;
    if (!rate || !time || times.length > 1 || !alone.test(line) || !each.test(line) || atOnce.test(line)) return [];
    const [a, b] = [parseQuantity(time[0]), Number((rate[1] ?? '').replaceAll(',', ''))];
    if (a?.kind !== 'time' || a.value === 0 || b === 0) return [];
    const at = a.value * b;
    return [
      suspect(
        n + 1,
        `${rate[0]}, ${time[0]}`,
        at > 0.9 && at < 1.1,
        `one after the other, ${time[0]} each are ${Number((1 / a.value).toPrecision(3))} a second`,
      ),
    ];
  });
}

/** A higher percentile that is below a lower one: in a sentence, or in the columns of a table. */
export function percentiles({ prose, tables }: MarkdownDocument): SelfClaim[] {
  const check = (line: number, all: { p: number; text: string; is: Quantity | undefined }[]): SelfClaim[] =>
    all.flatMap((low, n) =>
      all.slice(n + 1).flatMap((high): SelfClaim[] => {
        const [a, b] = low.p < high.p ? [low, high] : [high, low];
        if (
          !a.is ||
          !b.is ||
          a.is.kind !== b.is.kind ||
          a.is.kind !== 'time' ||
          a.p === b.p ||
          a.is.value <= b.is.value
        )
          return [];
        return [
          {
            line,
            text: `p${a.p} ${a.text}, p${b.p} ${b.text}`,
            holds: false,
            seen: 'a higher percentile is never less',
          },
        ];
      }),
    );
  const found = tables.flatMap(({ header, rows }) => {
    const at = header.map((head) => Number(/^\W*p(\d{2})\d?\W*(?:\(\w+\)|latency)?\W*$/i.exec(head)?.[1] ?? 0));
    if (new Set(at.filter((p) => p > 0)).size !== at.filter((p) => p > 0).length) return [];
    return rows.flatMap(({ cells, line }) =>
      check(
        line,
        at.flatMap((p, n) => (p > 0 ? [{ p, text: cells[n] ?? '', is: quantity(cells[n], header[n]) }] : [])),
      ).slice(0, 1),
    );
  });
  for (const [n, raw] of prose.entries()) {
    if (/^\s*\|/.test(raw)) continue;
    const all = [
      ...raw
        .replace(/[*_`]/g, '')
        .matchAll(
          /\bp(\d{2})(?!\d)(?:\s(?:latency|is|of|was|at|took))*[:=]?\s*(\d+(?:\.\d+)?\s?(?:ns|µs|μs|us|ms|s)\b)/gi,
        ),
    ].map(([, p, text = '']) => ({ p: Number(p), text, is: parseQuantity(text) }));
    if (all.length === 2) found.push(...check(n + 1, all));
  }
  return found;
}

function reciprocal(document: MarkdownDocument, { header, rows, line }: TableSeen): SelfClaim[] {
  const columns = (kind: Kind): number[] =>
    header.flatMap((head, n) => {
      const read = rows.filter(({ cells }) => quantity(cells[n], head)?.kind === kind).length;
      return n > 0 && !target.test(head) && read * 2 > rows.length ? [n] : [];
    });
  const about = `${header.join(' ')} ${headingsAbove(document, line)} ${document.prose.slice(Math.max(0, line - 4), line - 1).join(' ')} ${document.prose.slice(line + rows.length, line + rows.length + 5).join(' ')}`;
  if (rows.length < 3 || saysSo.test(about)) return [];
  for (const time of columns('time'))
    for (const rate of columns('rate')) {
      const pairs = rows.flatMap(({ cells }) => {
        const [a, b] = [quantity(cells[time], header[time]), quantity(cells[rate], header[rate])];
        return a?.kind === 'time' && b?.kind === 'rate' && a.value > 0 ? [a.value * b.value] : [];
      });
      const [first = 0] = pairs;
      // As many at once as the first row says, in all rows alike.
      const workers = Math.round(first);
      if (pairs.length < 3 || workers < 1 || !pairs.every((one) => Math.abs(one / workers - 1) < 0.01)) continue;
      return [
        suspect(
          line,
          `${header[rate]}`,
          false,
          `in all ${pairs.length} rows it is ${workers === 1 ? 'one' : workers} divided by ${header[time]}, so that it was worked out and not measured`,
        ),
      ];
    }
  return [];
}

const quantity = (cell = '', head = ''): Quantity | undefined => parseQuantity(cell, headUnit(head));
