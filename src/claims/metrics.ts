import { escapeRegex } from '../core/patterns.ts';
import { didYouMean } from '../core/suggest.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { excuseOf } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, tableAt } from '../formats/documents/surroundings.ts';
import { declarationsOf } from '../formats/prometheus/metric-declarations.ts';
import { parsePromQl } from '../formats/promql/parse.ts';
import { commandsOfFence } from '../formats/programs/shell.ts';
import { metricNames } from '../repository/metric-names.ts';
import type { Repository } from '../repository/repository.ts';
import type { Sources } from '../repository/sources.ts';
import { doubt, holds, once, suspected, unjudged, wrong, type Claim, type Verdict } from './reading.ts';
import { ownPrograms } from './own-programs.ts';
import { declarationOf, metricCode } from './declared-metrics.ts';

const metric = /^([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?:\{(.*)\})?$/;
const ofMetrics =
  /\bmetrics?\b|\bprometheus\b|\bcounters?\b|\bgauges?\b|\bhistograms?\b|\balerts?\b|\bdashboards?\b|\bpromql\b/i;
const ending = /_(?:total|seconds|milliseconds|bytes|ratio|count|bucket|sum|info|celsius|percent)$/;
const ofExporters =
  /^(?:prometheus|alertmanager|node|container|kube|go|process|machine|etcd|grafana|loki|redis|pg|mysql|otel|http|grpc|jvm|python|nodejs)_/;
/** Labels that scraping, relabelling and client libraries add. */
const added =
  /^(?:le|quantile|job|instance|__\w+__|namespace|pod|container|node|service|endpoint|cluster|env\w*|region|zone|exported_\w+|prometheus|replica)$/;

interface Named {
  line: number;
  name: string;
  labels: string[];
  /** The kind that a table or an aside gives it. */
  kind?: string;
  /** Certainly a metric, whatever its ending. */
  sure: boolean;
  /** Found without back-ticks. */
  bare?: true;
}

const kindWord = /^\W*(counter|gauge|histogram|summary)\W*$/i;
/** "`x`: gauge", "`x` is a counter", "`x` (histogram)" */
const kindBehind = /^\**\s*(?:[:–—-]+|\(|is|as)\s*(?:an?\s+|type:?\s*)?\**(counter|gauge|histogram|summary)\b/i;
const labelsBehind =
  /^\W{0,3}(?:has|carries|with|is labell?ed (?:by|with))\s+(?:the\s+)?(?:labels?\s+)?((?:`[a-z_]\w*`(?:,\s*|,? and\s+)?)+)/i;

/** Metrics that a document names, asks for, or greps out of an exposition. */
function namedIn(parsed: MarkdownDocument): Named[] {
  const found: Named[] = [];
  const ask = (text: string, line: number): void => {
    const read = parsePromQl(text);
    if (read.errorAt !== undefined) return;
    for (const { name, matchers } of read.selectors)
      if (name !== undefined) found.push({ line, name, labels: matchers.map((one) => one.label), sure: true });
  };
  for (const fence of parsed.fences) {
    const shell = commandsOfFence(fence.lang, fence.text);
    for (const [n, line] of fence.text.split('\n').entries()) {
      const at = fence.line + n;
      if (/^(?:promql|prometheus|promql-?query)$/.test(fence.lang) && !/^\s*(?:#|$)/.test(line))
        ask(line.replace(/\s+#.*$/, ''), at);
      const grepped =
        shell === undefined
          ? undefined
          : /\/metrics\b.*\|\s*(?:e?grep|rg)\s+(?:-\w+\s+)*["']?\^?([a-z][a-z0-9]*(?:_[a-z0-9]+)+)["']?/.exec(
              line,
            )?.[1];
      // What is grepped may be the beginning of several.
      if (grepped !== undefined) found.push({ line: at, name: grepped, labels: [], sure: false });
    }
  }
  for (const span of parsed.spans) {
    if (
      /_(?:xyz|xxx|foo|bar)$/.test(span.text) ||
      excuseOf(span.context, span.heading) === 'absent' ||
      isYetToCome('', headingsAbove(parsed, span.line))
    )
      continue;
    const table = tableAt(parsed, span.line);
    if (/\b(?:nuev[ao]s?|proposed|planned|suggested|recommended|missing)\b/i.test(table?.header.join(' ') ?? ''))
      continue;
    const said = `${span.heading} ${table?.header.join(' ') ?? ''} ${span.context}`;
    const match = metric.exec(span.text);
    if (match && ofMetrics.test(said)) {
      const row = table?.rows.find((one) => one.line === span.line);
      const type = table?.header.findIndex((head) => /^\W*(?:type|kind|metric type)\W*$/i.test(head)) ?? -1;
      const line = parsed.prose[span.line - 1] ?? '';
      const behind = table ? '' : line.slice(line.indexOf(span.text) + span.text.length + 1);
      const kind = (kindWord.exec(row?.cells[type] ?? '') ?? kindBehind.exec(behind))?.[1]?.toLowerCase();
      const labels = [...(match[2] ?? '').matchAll(/([a-z_]\w*)\s*(?:=~|!=|!~|=)/gi)].map(([, one = '']) => one);
      labels.push(...[...(labelsBehind.exec(behind)?.[1] ?? '').matchAll(/`([a-z_]\w*)`/g)].map(([, one = '']) => one));
      found.push({
        line: span.line,
        name: match[1] ?? '',
        labels,
        ...(kind !== undefined && { kind }),
        sure: ending.test(match[1] ?? ''),
      });
    } else if (
      /\b(?:rate|irate|increase|sum|histogram_quantile|avg_over_time)\s*(?:by\s*\([^)]*\)\s*)?\(/.test(span.text)
    )
      ask(span.text, span.line);
  }
  found.push(...listedIn(parsed), ...sectionsIn(parsed));
  return found;
}

const labelsIn = (cell: string): string[] =>
  /^[\w\s,`*/-]*$/.test(cell) && !/^\W*(?:none|n\/a|no)?\W*$/i.test(cell)
    ? cell
        .split(/[,/\s]+/)
        .map((one) => one.replace(/[`*]/g, ''))
        .filter((one) => /^[a-z_]\w*$/.test(one))
    : [];

/** Tables of metrics: names without back-ticks, and the column of labels. */
function listedIn(parsed: MarkdownDocument): Named[] {
  return parsed.tables.flatMap(({ header, rows }): Named[] => {
    const column = (pattern: RegExp): number => header.findIndex((head) => pattern.test(head));
    const [type, of] = [column(/^\W*(?:type|kind|metric type)\W*$/i), column(/^\W*(?:labels?|dimensions?)\W*$/i)];
    // Names of which each has a kind of metrics are those of metrics.
    const isOfMetrics = type >= 0 && rows.every(({ cells }) => kindWord.test(cells[type] ?? ''));
    const at = column(isOfMetrics ? /^\W*(?:metrics?|metric name|name)\W*$/i : /^\W*(?:metrics?|metric name)\W*$/i);
    if (at < 0 || isYetToCome('', headingsAbove(parsed, rows[0]?.line ?? 1))) return [];
    return rows.flatMap(({ cells, line }): Named[] => {
      const name = metric.exec((cells[at] ?? '').replace(/[`*]/g, '').trim())?.[1];
      if (name === undefined) return [];
      const kind = kindWord.exec(cells[type] ?? '')?.[1]?.toLowerCase();
      const labels = of < 0 ? [] : labelsIn(cells[of] ?? '');
      return [{ line, name, labels, ...(kind !== undefined && { kind }), sure: ending.test(name), bare: true }];
    });
  });
}

/** A heading that is a metric's name, with its kind and labels below it. */
function sectionsIn(parsed: MarkdownDocument): Named[] {
  return parsed.headings.flatMap((heading, n): Named[] => {
    const name = metric.exec(heading.text.replace(/[`*]/g, '').trim())?.[1];
    if (
      name === undefined ||
      !ofMetrics.test(`${headingsAbove(parsed, heading.line)} ${parsed.headings[0]?.text ?? ''}`)
    )
      return [];
    const end = parsed.headings[n + 1]?.line ?? parsed.prose.length + 1;
    const text = parsed.prose
      .slice(heading.line, end - 1)
      .join('\n')
      .replace(/[*`]/g, '');
    const kind = /^\s*(?:[-+]\s*)?(?:type\W+)?(counter|gauge|histogram|summary)\b/im.exec(text)?.[1]?.toLowerCase();
    const labels = labelsIn(/\blabels?:\s*([^.\n]+)/i.exec(text)?.[1] ?? '');
    return [
      { line: heading.line, name, labels, ...(kind !== undefined && { kind }), sure: ending.test(name), bare: true },
    ];
  });
}

/** Blocks of PromQL that Prometheus would refuse. */
export function queryClaims(parsed: MarkdownDocument): Claim[] {
  return parsed.fences.flatMap((fence): Claim[] => {
    if (!/^(?:promql|promql-?query)$/.test(fence.lang) || /\.\.\.|…|[<{]\w+>|\$|\[\[/.test(fence.text)) return [];
    const text = fence.text.replace(/#.*$/gm, '');
    // What Grafana asks for the values of a variable.
    if (/^\s*(?:label_values|label_names|query_result|metrics)\(/m.test(text)) return [];
    // A line that ends in a figure alone is a sample.
    if (
      text.trim() === '' ||
      /^[\w:]+(?:\{[^}]*\})?\s+[\d.e+-]+\s*$/m.test(text) ||
      parsePromQl(text).errorAt === undefined
    )
      return [];
    // A block may hold several queries with empty lines between, and each part one query a line.
    const isBad = (one: string): boolean => one.trim() !== '' && parsePromQl(one).errorAt !== undefined;
    const first = text.split(/\n\s*\n/).find((part) => isBad(part) && part.split('\n').some(isBad));
    if (first === undefined || /^\s*\w+\s*[:=]\s/m.test(text)) return [];
    return [
      {
        kind: 'block',
        line: fence.line + fence.text.slice(0, Math.max(0, fence.text.indexOf(first.trim()))).split('\n').length - 1,
        text: first.trim().slice(0, 80),
        ...doubt('it is not PromQL that Prometheus takes', 'correct the query'),
      },
    ];
  });
}

/** @returns claims of metrics that sources register, with their kinds and labels */
export async function metricClaims(
  repository: Repository,
  sources: Sources,
  parsed: MarkdownDocument,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  const done = new Set<string>();
  const asked = new Set<string>();
  const named = namedIn(parsed);
  const resolved = new Set<string>();
  let there = 0;
  for (const one of named) {
    if (await declarationOf(sources, one.name)) resolved.add(one.name);
    if (await known(sources, one.name)) there++;
  }
  // Of one or two the sentence may simply be wrong.
  const isOfOthers = new Set(named.map((one) => one.name)).size > 3 && there * 2 < named.length;
  for (const one of named) {
    const key = `${one.name} ${one.kind ?? ''} ${one.labels.join(' ')}`;
    if (done.has(key)) continue;
    done.add(key);
    const declared = await asDeclared(sources, one);
    const own = declared !== undefined || (await known(sources, one.name));
    // What is not there has no labels either: it is told once.
    if (!own && asked.has(one.name)) continue;
    asked.add(one.name);
    const verdict = own
      ? (declared ?? holds('the repository knows it'))
      : one.sure || one.name.split('_').length > 2
        ? await missing(repository, sources, one.name, resolved, isOfOthers)
        : undefined;
    if (verdict)
      claims.push({
        kind: 'name',
        line: one.line,
        text: one.name,
        ...(one.bare === true ? suspected(verdict) : verdict),
      });
  }
  return claims;
}

async function known(sources: Sources, name: string): Promise<boolean> {
  return (
    (await sources.containText(name)) || (await sources.containText(name.replace(/_(?:bucket|sum|count|total)$/, '')))
  );
}

async function missing(
  repository: Repository,
  sources: Sources,
  name: string,
  /** The metrics of the document that the sources register. */
  resolved: ReadonlySet<string>,
  /** Most metrics of the document are nowhere in the repository. */
  isOfOthers: boolean,
): Promise<Verdict> {
  if (ofExporters.test(name)) return unjudged('it may be of a well-known exporter');
  const base = name.replace(/_(?:bucket|sum|count|total)$/, '');
  const parts = base.split('_');
  const prefix = `${parts[0]}_`;
  const { composes } = await declaredIn(sources);
  // A namespace or subsystem may be put before it.
  let prefixed = false;
  for (let n = 1; n < parts.length - 1; n++) prefixed ||= await sources.containText(parts.slice(n).join('_'));
  if (prefixed && composes) return unjudged('not known');
  const names = (await repository.tree).get(metricNames);
  if (names.names(base) !== undefined || names.names(name) !== undefined) return unjudged('it may be put together');
  const registered = [...names.registered].filter((one) => one.startsWith(prefix));
  if (registered.length === 0 && isOfOthers) return unjudged('the document is about metrics of other repositories');
  const written = await writtenBehind(sources, prefix);
  const alike = [...written].filter((one) => ending.test(one));
  const hint = didYouMean(name, [...registered, ...alike], 'export it, or correct the name');
  const beside = [...resolved].filter((one) => one.startsWith(prefix)).length;
  if (!sources.whole) return unjudged('not known');
  if (registered.length < 3 && alike.length < 3 && beside < 3) {
    // Behind a collector they bear the name of the program: then what rules and dashboards read is known of them.
    const read = [...(await readIn(sources))].filter((one) => one.startsWith(prefix));
    const own = [...(await ownPrograms(sources)).keys()].some((one) =>
      `${one.replaceAll('-', '_')}_`.startsWith(prefix),
    );
    if (!own || read.length < 5) return unjudged('not known');
    return doubt(
      `rules and dashboards read ${read.length} metrics that begin with ${prefix}, and nothing knows this one`,
      didYouMean(name, read, 'correct the name'),
    );
  }
  if (registered.length >= 3 && !prefixed && !composes && !names.instrumented && names.names(name) === undefined)
    return wrong(
      `the sources register ${registered.length} metrics that begin with ${prefix}, and nothing exports or reads this one`,
      hint,
    );
  return doubt('nothing in the repository exports or reads it', hint);
}

/** The metrics that rules and dashboards read. */
const readIn = once(async (sources): Promise<Set<string>> => {
  const found = new Set<string>();
  for (const text of (await sources.matching(/\.(?:ya?ml|json|rules)$/)).values())
    if (/["']?expr["']?\s*:/.test(text))
      for (const [one] of text.matchAll(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b/g)) found.add(one);
  return found;
});

/** Names with that beginning, as the code that speaks of metrics writes them. */
const writtenBehind = async (sources: Sources, prefix: string): Promise<ReadonlySet<string>> => {
  const known = await byPrefix(sources);
  const found = known.get(prefix) ?? writtenIn(sources, prefix);
  known.set(prefix, found);
  return found;
};
const byPrefix = once(() => Promise.resolve(new Map<string, Promise<ReadonlySet<string>>>()));

async function writtenIn(sources: Sources, prefix: string): Promise<ReadonlySet<string>> {
  const written = new Set<string>();
  for (const text of (await declaredIn(sources)).declaring)
    for (const [one] of text.matchAll(new RegExp(`\\b${escapeRegex(prefix)}[A-Za-z0-9_]+`, 'g'))) written.add(one);
  // Code that says nothing of metrics may still hand their names to a helper, each as a text of its own.
  for (const text of (await sources.matching(metricCode)).values())
    for (const [, one = ''] of text.matchAll(new RegExp(`["'\`](${escapeRegex(prefix)}[A-Za-z0-9_]+)["'\`]`, 'g')))
      written.add(one);
  return written;
}

/** The code that speaks of metrics, and whether some of it puts names of metrics together. */
const declaredIn = once(async (sources) => {
  const declaring = [...(await sources.matching(metricCode))].flatMap(([path, text]) =>
    /counter|gauge|histogram|metric/i.test(`${path} ${text}`) ? [text] : [],
  );
  const composes = declaring.some((text) => {
    const own = declarationsOf(text);
    return own.registered.length > 0 && (own.formats.length > 0 || own.joins);
  });
  return { declaring, composes };
});

/** Another kind or other labels than those with which the sources register it. */
async function asDeclared(sources: Sources, { name, labels, kind }: Named): Promise<Verdict | undefined> {
  const only = await declarationOf(sources, name);
  if (!only) return undefined;
  if (kind !== undefined && only.kind !== kind)
    return wrong(`${only.file} registers it as a ${only.kind}`, 'correct the kind');
  const own = only.labels ?? [];
  const other = labels.find((label) => !added.test(label) && own.length > 0 && !own.includes(label));
  return other === undefined
    ? holds(`${only.file} registers it`)
    : doubt(`${only.file} registers it with ${own.join(', ')}, and not with ${other}`, 'correct the label');
}
