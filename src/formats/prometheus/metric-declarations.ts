import { labelsAt, labelsEverywhere } from './registered-labels.ts';

export type MetricKind = 'counter' | 'gauge' | 'histogram' | 'summary';

/** What one source file says that names of metrics can be made of. */
export interface Declarations {
  /** Texts in quotes, as parts of a name: `.`, `-`, `:` and `/` are `_`, none of them at its ends. */
  quoted: ReadonlySet<string>;
  /** Fields and keys: what stands before a colon or an equals sign. */
  fields: ReadonlySet<string>;
  /** Names that are registered as metrics; `within` is the namespace and subsystem, or a name of a constant in `$()`. */
  registered: readonly { name: string; within: readonly string[]; kind?: MetricKind; labels?: string[] }[];
  /** Texts with places to fill in, as regular expressions of the name. */
  formats: readonly string[];
  /** Joins parts of names that are all variable. */
  joins: boolean;
  constants: readonly [name: string, value: string][];
  /** Texts that are put before names: with a separator at their end, or under a key that says so. */
  prefixes: ReadonlySet<string>;
  /** The format of names that a table lists in full, wherever it stands. */
  closed?: string;
  /** The client library, where it exports names as they are registered (that of Python: all but counters). */
  verbatim?: string;
  /** It puts labels on every metric of a registry. */
  everywhere?: true;
  /** Counters whose name the client library ends in `_total` itself, and that library. */
  totalled: readonly { name: string; by: 'prometheus_client' | 'OpenTelemetry' | 'Micrometer' }[];
}

/** A text as a part of a metric's name, as client libraries write it. */
export const partOf = (text: string): string =>
  text
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase();

const literal = /"((?:[^"\\\n]|\\.){2,120})"|'((?:[^'\\\n]|\\.){2,120})'|`((?:[^`\\\n]|\\.){2,120})`/g;
const hole = /\$\{[^{}]*\}|#\{[^{}]*\}|\{[^{}\s"']*\}|%\([\w.]+\)[sd]|%[sdvq]|\$\w+/g;
const kinds = 'counter|gauge|histogram|summary|timer|metric|meter|desc|opts|fqname|collector|distribution';
/** `NewCounterVec(`, `register_int_gauge!(`, `Counter.builder(`, `meter.CreateCounter<long>(`, `Counter {`. */
const call = new RegExp(
  String.raw`\b\w*(?:${kinds})\w*!?(?:(?:::|\.)\w+)?(?:<[^<>()]*>)?\s*(?:\(|\{)\s*(?:prometheus\.\w+\s*\{|&?\w*Opts\s*\{|\{)?`,
  'gi',
);
const key = (name: string): RegExp =>
  new RegExp(String.raw`["']?\b${name}["']?\s*[:=(]\s*(?:"([^"\n]*)"|'([^'\n]*)'|([A-Za-z_][\w.]*))`, 'i');
const nameKey = key('(?:name|fqname|__name__)');
const withinKeys = ['namespace', 'subsystem'].map(key);
const constant = /\b([A-Za-z_]\w{2,})\s*(?::\s*&?(?:'static\s+)?\w+\s*)?(?::?=)\s*&?["']([A-Za-z][\w.:-]{1,80})["']/g;

/** Reads a file of code, whatever its language. */
export function declarationsOf(text: string): Declarations {
  const quoted = new Set<string>();
  const formats = new Set<string>();
  const prefixes = new Set<string>();
  let joins = false;
  const speaks = /prometheus|metrics?\b|counter|gauge|histogram|telemetry|statsd/i.test(text);
  const registers = /(?:counter|gauge|histogram|summary)\w*!?\s*\(/i.test(text);
  const add = (part: string): unknown => part.length > 1 && part.length < 100 && quoted.add(part);
  for (const [, a, b, c] of text.matchAll(literal)) {
    const inside = a ?? b ?? c ?? '';
    if (/^[\w.:/-]+$/.test(inside)) {
      add(partOf(inside));
      if (/[\w][_.:]$/.test(inside)) prefixes.add(partOf(inside));
    } else if (speaks && /^[\w.:{}$%#()]+$/.test(inside)) {
      const pattern = formatOf(inside);
      if (pattern === undefined) continue;
      // What begins with a place to fill in says enough by two words of its own, or where metrics are made.
      if (
        (registers ? /^[a-z]{2}|[a-z]{4}/ : /^[a-z]{2}|[a-z]{2}_[a-z]{2}/).test(
          pattern.replaceAll(anyPart, ' ').trimEnd(),
        )
      )
        formats.add(pattern);
      else joins ||= pattern.split(anyPart).length > 2;
    } else if (/^[\w.:/-]+\{.*\}$/.test(inside)) add(partOf(inside.slice(0, inside.indexOf('{'))));
  }
  for (const [, before = ''] of text.matchAll(
    /(?:prefix|namespace|subsystem|scope|exporter|component)\w*["']?\s*(?::|=|:=|,|\()\s*(?:Some\(|String::from\()?&?["']([A-Za-z][\w.:-]*)["']/gi,
  ))
    prefixes.add(partOf(before));
  const table = tabled(text);
  const library = verbatim.find(([, speaks]) => speaks.test(text))?.[0];
  const fields = new Set<string>();
  for (const [, field = ''] of text.matchAll(
    /(?:^|[\s({,;])(?:pub(?:\([a-z]+\))?\s+)?["']?([A-Za-z_]\w{2,80})["']?\s*[:=](?!=)/g,
  ))
    fields.add(partOf(field));
  return {
    quoted,
    fields,
    formats: [...formats],
    joins,
    registered: [...registeredIn(text, library), ...(table?.metrics ?? []).map(({ name }) => ({ name, within: [] }))],
    prefixes,
    ...(library !== undefined && { verbatim: library }),
    ...(labelsEverywhere.test(text) && { everywhere: true }),
    totalled: totalledIn(text),
    ...(table && { closed: `${table.prefix}${anyPart}` }),
    constants: [...text.matchAll(constant)].map(([, name = '', value = '']) => [name, value]),
  };
}

/**
 * Names of metrics in a table that gives each its kind, in a file that puts one prefix before them all:
 * `"queries" => Metric { help: "…", ty: "counter" }` beside `"pond_{}"`.
 */
export function tabled(text: string): { prefix: string; metrics: { name: string; kind: string }[] } | undefined {
  if (!/TYPE|prometheus/i.test(text)) return undefined;
  const rows = [
    ...text.matchAll(
      /["'`]([a-z][a-z0-9_]{2,80})["'`]\s*(?:=>|:|,)\s*[^"'`]{0,60}(?:(["'`])(?:(?!\2)[^\n]){0,200}\2\s*,[^"'`]{0,40})?["'`](counter|gauge|histogram|summary)["'`]/g,
    ),
  ];
  const prefixes = new Set(
    [...text.matchAll(/["'`]([a-z][a-z0-9]*_)(?:\{\w*\}|%[sv]|\$\{[\w.]+\}|#\{\w+\})["'`]/g)]
      .map(([, one = '']) => one)
      // What the rows begin with themselves is put together before they are looked up.
      .filter((one) => !rows.some(([, name = '']) => name.startsWith(one))),
  );
  const [prefix] = prefixes;
  if (prefix === undefined || prefixes.size > 1 || rows.length < 3) return undefined;
  return { prefix, metrics: rows.map(([, name = '', , kind = '']) => ({ name: `${prefix}${name}`, kind })) };
}

const verbatim = [
  // With a unit, that of Python ends every name in it.
  ['prometheus_client', /^(?![^]*\bunit\s*=)[^]*\bprometheus_client\b/],
  ['client_golang', /prometheus\/client_golang/],
  ['prom-client', /\bprom-client\b/],
  ['the crate prometheus', /\buse (?:::)?prometheus::|\bprometheus::(?:register|Opts|Int|Counter|Gauge|Histogram)/],
] as const;
const name = String.raw`["']([A-Za-z][\w.]{2,99})["']`;
const totalling = [
  [
    'prometheus_client',
    /\bprometheus_client\b/,
    String.raw`\bCounter(?:MetricFamily)?\s*[(,]\s*(?:name\s*=\s*)?${name}`,
  ],
  [
    'OpenTelemetry',
    /opentelemetry|System\.Diagnostics\.Metrics/i,
    String.raw`\b(?:create_?counter|\w+64_?counter|counterBuilder)(?:<\w+>)?\(\s*${name}`,
  ],
  ['Micrometer', /\bmicrometer\b/, String.raw`\b(?:Counter\.builder|\w*[rR]egistry\.counter)\(\s*${name}`],
] as const;

/**
 * Counters that a library exports under `NAME_total`, though the source does not write the ending.
 * Sources: client_python 0.4.0 ("counters: `_total` is added to the sample"), OpenTelemetry's "Prometheus and OpenMetrics
 * compatibility" (a monotonic sum ends in `_total`), Micrometer's PrometheusNamingConvention.
 */
function totalledIn(text: string): Declarations['totalled'][number][] {
  return totalling.flatMap(([by, library, declared]) =>
    library.test(text)
      ? [...text.matchAll(new RegExp(declared, 'gi'))].flatMap(([, one = '']) =>
          /_total$/i.test(one) ? [] : [{ name: partOf(one), by }],
        )
      : [],
  );
}

const anyPart = '[a-z0-9_]*';

/** `pond_{}_seen` → a pattern of what it can become; undefined where nothing is filled in. */
function formatOf(text: string): string | undefined {
  const parts = text.split(hole);
  if (parts.length < 2 || parts.some((part) => !/^[\w.:/-]*$/.test(part))) return undefined;
  return parts.map((part) => part.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')).join(anyPart);
}

function registeredIn(text: string, library?: string): Declarations['registered'][number][] {
  const found: Declarations['registered'][number][] = [];
  for (const match of text.matchAll(call)) {
    const after = text.slice(match.index + match[0].length, match.index + match[0].length + 500);
    const first = /^\s*&?(?:["'`]([A-Za-z][\w.:/-]*)["'`]|:([a-z]\w+)\s*,)/.exec(after);
    const named = /^[^;]*?/.test(after) ? nameKey.exec(after.split(/\n\s*\n/)[0] ?? '') : null;
    const values = (one: RegExpExecArray | null): string[] => {
      const fixed = one?.[1] ?? one?.[2];
      if (fixed !== undefined) return fixed === '' ? [] : [fixed];
      return one?.[3] === undefined ? [] : [`$(${one[3].split('.').at(-1) ?? ''})`];
    };
    const name = first?.[1] ?? first?.[2] ?? named?.[1] ?? named?.[2];
    if (name === undefined || !/^[A-Za-z][\w.:/-]{2,99}$/.test(name)) continue;
    const head = after.split(/\n\s*\n/)[0] ?? '';
    const kind = /counter|gauge|histogram|summary/i.exec(match[0])?.[0].toLowerCase() as MetricKind | undefined;
    const labels = library === undefined ? undefined : labelsAt(text, match[0], match.index, library);
    const native = kind === 'histogram' && /native/i.test(head);
    found.push({
      name: partOf(name),
      within: withinKeys.flatMap((one) => values(one.exec(head))),
      ...(kind && !native && { kind }),
      ...(labels && { labels }),
    });
  }
  // BuildFQName(namespace, "pond", "fed_today")
  const argument = String.raw`\s*(?:"([^"\n]*)"|([A-Za-z_][\w.]*))\s*`;
  for (const [, a, b, c, d, name = ''] of text.matchAll(
    new RegExp(String.raw`BuildFQName\(${argument},${argument},\s*"([\w.]+)"`, 'g'),
  ))
    found.push({
      name: partOf(name),
      within: [
        [a, b],
        [c, d],
      ].flatMap(([fixed, variable]) =>
        fixed === undefined ? [`$(${variable?.split('.').at(-1) ?? ''})`] : fixed === '' ? [] : [fixed],
      ),
    });
  // #[derive(Metrics)] #[metrics(scope = "pond.fish")] struct Fish { fed_today: Counter }
  for (const [, scope = '', body = ''] of text.matchAll(
    /#\[metrics\([^)]*(?:scope|prefix)\s*=\s*"([^"]+)"[^)]*\)\][\s\S]{0,400}?struct\s+\w+[^{]*\{([\s\S]*?)\n?\}/g,
  ))
    for (const [, field = ''] of body.matchAll(/(?:^|[\s,{])([a-z_]\w*)\s*:\s*[A-Z]\w*/g))
      found.push({ name: partOf(field), within: [scope] });
  // public static final Counter x = Counter.build().name("x")
  for (const [, name = ''] of text.matchAll(/\.(?:name|withName|setName)\(\s*["']([A-Za-z]\w{2,99})["']/g))
    if (/prometheus|micrometer|metric/i.test(text)) found.push({ name: partOf(name), within: [] });
  return found;
}
