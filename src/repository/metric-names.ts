import type { Tree } from '../core/tree.ts';
import { suggest } from '../core/suggest.ts';
import type { DeclaredSeries, Unsourced } from '../formats/prometheus/metric-sources.ts';
import { declaredAs, exportedOtherwise, type Exported, type Registered } from './exported-metrics.ts';
import { common } from '../formats/prometheus/metric-words.ts';
import { declarationsOf, partOf, type Declarations } from '../formats/prometheus/metric-declarations.ts';

const code =
  /\.(?:rs|go|py|ts|tsx|js|jsx|mjs|cjs|java|kt|kts|groovy|scala|clj|c|cc|cpp|h|hpp|cs|fs|rb|ex|exs|erl|php|swift|zig|lua|dart|ml|hs)$/;
const settings = /\.(?:ya?ml|toml|conf|cfg|ini|properties|prom|sql|sh|bash|env|json|xml|tf|hcl)$/;
const notOurs =
  /(?:^|\/)(?:node_modules|vendor|third[-_]party|target|\.venv|site-packages|__pycache__|testdata|dist)\//;
const inTests = /(?:^|\/)(?:tests?|__tests__|spec)\/|[._-](?:test|spec)\.\w+$|(?:^|\/)test_/;
const maxBytes = 1 << 20;
/** Rules, their tests and dashboards name what they read, not what is there. */
const reader = /(?:^|[\s{,])["']?(?:expr|exp_alerts|input_series)["']?\s*:/m;

/** What the repository's own sources say of metrics. */
export interface MetricNames {
  /** The names that are registered, as far as their namespaces are known. */
  registered: ReadonlySet<string>;
  /** Does the source speak of the metric: whole, or by parts that it puts together? The file, where one names it whole. */
  names(metric: string): string | undefined;
  /** What client libraries export of what is registered. */
  exported: Exported;
  /** What puts metrics of its own beside those of the project, and under names of their own. */
  instrumented: boolean;
}

const instrumentation =
  /instrumentator|starlette[-_]exporter|prom-bundle|flask[-_]exporter|django[-_]prometheus|micrometer|actuator|opentelemetry|otel|axum-prometheus|actix-web-prom|ginprometheus|echoprometheus|prom-api-metrics|yabeda|fastify-metrics|nestjs-prometheus|metrics-exporter-prometheus|prometheus-net|AspNetCore/i;
const manifests =
  /(?:^|\/)(?:package\.json|requirements[\w.-]*\.txt|pyproject\.toml|Cargo\.toml|go\.mod|pom\.xml|build\.gradle(?:\.kts)?|Gemfile|[\w.-]+\.csproj|mix\.exs|composer\.json)$/;

// Suffixes that client libraries, OpenTelemetry and code add: of kinds, then of units, then of aggregates.
const added =
  /_(?:bucket|sum|count|total|created|info|max|min|avg|mean|median|last|rate|gauge|current|p\d+|seconds|milliseconds|microseconds|nanoseconds|ms|us|ns|bytes|ratio|percent|celsius|items|requests)$/;

/** The name, and without one, two and three of the suffixes that are added to it. */
function stemsOf(name: string): string[] {
  const stems = [name];
  for (let stem = name; stems.length < 4 && added.test(stem); stems.push(stem)) stem = stem.replace(added, '');
  return stems;
}

const familyOf = (name: string): string => name.replace(/_(?:bucket|sum|count|total|created|info)$/, '');

/** All that the files say. */
function readAll(tree: Tree) {
  const quoted = new Map<string, string>();
  const fields = new Set<string>();
  const prefixes = new Set<string>();
  const formats = new Set<string>();
  const joined: ReadonlySet<string>[] = [];
  const constants = new Map<string, Set<string>>();
  const raw: Declarations['registered'][number][] = [];
  let instrumented = false;
  const closed = new Set<string>();
  const totalled = new Map<string, { by: string; file: string }>();
  const verbatim: Registered[] = [];
  const elsewhere = new Set<string>();
  let everywhere = false;
  for (const path of tree.paths) {
    if (manifests.test(path)) instrumented ||= instrumentation.test(tree.text(path) ?? '');
    if (notOurs.test(path) || (tree.size(path) ?? 0) > maxBytes) continue;
    if (code.test(path)) {
      const found = tree.of(path, declarationsOf);
      if (!found) continue;
      for (const { name, by } of found.totalled) totalled.set(name, { by, file: path });
      const own = [...found.totalled, ...(found.verbatim === undefined ? [] : found.registered)];
      for (const one of found.quoted) {
        if (!quoted.has(one)) quoted.set(one, path);
        if (!own.some(({ name }) => name === one)) elsewhere.add(one);
      }
      for (const one of found.fields) fields.add(one);
      for (const one of found.prefixes) prefixes.add(one);
      for (const one of inTests.test(path) ? [] : found.formats) formats.add(one);
      if (found.closed !== undefined) closed.add(found.closed);
      if (found.joins && !inTests.test(path)) joined.push(found.quoted);
      for (const [name, value] of found.constants) constants.set(name, (constants.get(name) ?? new Set()).add(value));
      raw.push(...found.registered);
      everywhere ||= found.everywhere === true;
      if (found.verbatim !== undefined && !inTests.test(path))
        for (const one of found.registered) verbatim.push({ ...one, by: found.verbatim, file: path });
    } else if (settings.test(path))
      for (const one of tree.of(path, wordsOf) ?? []) {
        if (!quoted.has(one)) quoted.set(one, path);
        elsewhere.add(one);
      }
  }
  return {
    quoted,
    fields,
    prefixes,
    formats: [...formats].filter((one) => !closed.has(one)),
    joined,
    constants,
    raw,
    instrumented,
    totalled,
    verbatim,
    elsewhere,
    everywhere,
  };
}

/** Reads all sources. */
export function metricNames(tree: Tree): MetricNames {
  const { quoted, fields, prefixes, formats, joined, constants, raw, instrumented, verbatim, ...rest } = readAll(tree);
  const registered = new Set(raw.flatMap((one) => wholeNames(one, constants)));
  const tails = new Set(raw.map((one) => one.name));
  for (const { within } of raw)
    for (const part of within) for (const value of valuesOf(part, constants)) prefixes.add(partOf(value));
  const patterns = formats.map((one) => new RegExp(`^${one}$`));
  const isPrefix = (text: string): boolean => {
    // A single word stands in quotes for many reasons: it counts as the beginning of a name only where it is used as one.
    if (prefixes.has(text) || (text.includes('_') && quoted.has(text))) return true;
    return splits(text).some(([head, rest]) => prefixes.has(head) && isPrefix(rest));
  };
  const known = new Map<string, string | undefined>();
  const look = (stems: readonly string[]): string | undefined => {
    for (const stem of stems) {
      const whole = quoted.get(stem);
      if (whole !== undefined) return whole;
      if (registered.has(stem)) return 'the sources';
      for (const [head, tail] of splits(stem)) {
        const isName = tails.has(tail) || (tail.includes('_') && (fields.has(tail) || quoted.has(tail)));
        if (isName && (isPrefix(head) || (!head.includes('_') && quoted.has(head))))
          return quoted.get(tail) ?? 'the sources';
      }
    }
    if (stems.some((stem) => patterns.some((one) => one.test(stem)))) return 'the sources';
    if (joined.some((words) => stems.some((stem) => isJoined(stem, words)))) return 'the sources';
    return undefined;
  };
  const asWritten = Map.groupBy(
    verbatim.flatMap((one) => wholeNames(one, constants).map((whole) => ({ ...one, whole }))),
    ({ whole }) => whole,
  );
  return {
    registered,
    instrumented,
    exported: { ...rest, asWritten, isNamed: (some) => look(some) !== undefined },
    names(metric) {
      const name = partOf(metric);
      if (!known.has(name)) known.set(name, look(stemsOf(name)));
      return known.get(name);
    },
  };
}

/** The words of a file of settings; none where it reads metrics. */
function wordsOf(text: string): ReadonlySet<string> {
  if (reader.test(text) || /"(?:panels|schemaVersion)"/.test(text)) return new Set();
  // What a script looks for need not be there.
  const own = text.replace(/^.*\b(?:[ef]?grep|rg|awk)\b.*$/gm, '');
  return new Set([...own.matchAll(/[A-Za-z][\w.:-]{2,99}/g)].map(([word]) => partOf(word)));
}

function wholeNames({ name, within }: MetricParts, constants: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  let wholes = [''];
  for (const part of within) {
    const values = valuesOf(part, constants);
    // A parameter, or a constant that means something else in each package.
    if (values.length === 0 || values.length > 20) return [];
    wholes = wholes.flatMap((whole) => values.map((value) => `${whole}${partOf(value)}_`));
  }
  return wholes.map((whole) => `${whole}${name}`);
}

/** A namespace or subsystem, and what it may be where it is a constant. */
function valuesOf(part: string, constants: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const constant = /^\$\((\w*)\)$/.exec(part)?.[1];
  return constant === undefined ? [part] : [...(constants.get(constant) ?? [])];
}
type MetricParts = Declarations['registered'][number];

/** Each way to cut a name in two at an underscore. */
const splits = (text: string): [string, string][] =>
  [...text.matchAll(/_/g)].map(({ index }) => [text.slice(0, index), text.slice(index + 1)]);

/** Is the text a row of these words? */
function isJoined(text: string, words: ReadonlySet<string>): boolean {
  return splits(text).some(([head, rest]) => words.has(head) && (words.has(rest) || isJoined(rest, words)));
}

/** What the repository's sources register of these names. */
export function declaredSeries(names: readonly string[], tree: Tree): Record<string, DeclaredSeries> {
  const { exported } = tree.get(metricNames);
  return Object.fromEntries(
    [...new Set(names)].flatMap((name) => {
      const one = name.includes(':') ? undefined : declaredAs(name, exported);
      return one === undefined ? [] : [[name, one]];
    }),
  );
}

/**
 * Metrics that the repository's own sources should name and do not. Judged is what begins with a word with which three registered
 * metrics begin at least, as long as most of what is read so is named: where it is not, the sources were not understood. And what is
 * registered with another beginning only (`http_requests_total` for `shop_http_requests_total`).
 */
export function unsourcedMetrics(names: readonly string[], tree: Tree): Record<string, Unsourced> {
  const read = [...new Set(names.filter((name) => !name.includes(':')))];
  if (read.length === 0) return {};
  const sources = tree.get(metricNames);
  const unsourced: Record<string, Unsourced> = {};
  const words = new Map<string, string[]>();
  for (const name of read) words.set(firstWord(name), [...(words.get(firstWord(name)) ?? []), name]);
  for (const [word, own] of words) {
    // A namespace that another metric of the file has stands before a name that bears it already.
    const registered = [...sources.registered]
      .filter((name) => firstWord(name) === word.toLowerCase())
      .map((name) => name.replace(/^([a-z0-9]+_)\1/, '$1'));
    const others = new Set(registered.map(familyOf)).size;
    for (const name of own) {
      const otherwise = exportedOtherwise(name, sources.exported);
      if (otherwise !== undefined) unsourced[name] = { others, otherwise };
    }
    const missing = own.filter((name) => sources.names(name) === undefined);
    const families = (some: readonly string[]): number => new Set(some.map(familyOf)).size;
    const there = families(own) - families(missing);
    const judged = word.length >= 3 && !common.has(word.toLowerCase()) && others >= 3;
    for (const name of missing) {
      const meant = judged ? misspelt(name, registered) : behindPrefix(name, sources);
      // Of many, those of a part that nothing registers are another program's.
      const kin = others < 20 || registered.some((one) => secondWord(one) === secondWord(name));
      if (meant !== undefined || (judged && kin && there >= families(missing)))
        unsourced[name] = { others, ...(meant !== undefined && { meant }) };
    }
  }
  return unsourced;
}

const secondWord = (name: string): string => name.toLowerCase().split('_')[1] ?? '';
const firstWord = (name: string): string => /^[^_:]*/.exec(name)?.[0] ?? '';

/** The registered metric that is this one behind the prefix with which three begin at least. */
function behindPrefix(name: string, sources: MetricNames): string | undefined {
  if (sources.instrumented || !name.includes('_')) return undefined;
  const ends = [...sources.registered].filter((one) =>
    stemsOf(one).some((stem) =>
      stemsOf(name)
        .slice(0, 2)
        .some((own) => stem.endsWith(`_${own}`) && own.includes('_')),
    ),
  );
  return ends.find((one) => {
    const prefix = `${firstWord(one)}_`;
    return [...sources.registered].filter((other) => other.startsWith(prefix)).length >= 3;
  });
}

/** The registered metric that differs in one word only, which looks misspelt. */
function misspelt(name: string, registered: readonly string[]): string | undefined {
  const words = familyOf(name).toLowerCase().split('_');
  return registered.find((one) => {
    const others = familyOf(one).split('_');
    const wrong = words.filter((word, n) => word !== others[n]);
    const at = words.findIndex((word, n) => word !== others[n]);
    return (
      words.length === others.length && wrong.length === 1 && suggest(words[at] ?? '', [others[at] ?? '']) !== undefined
    );
  });
}
