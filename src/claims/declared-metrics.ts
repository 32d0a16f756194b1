import { restOfCall } from './defaults.ts';
import { tabled } from '../formats/prometheus/metric-declarations.ts';
import { once } from './reading.ts';
import type { Sources } from '../repository/sources.ts';

/** A metric as one place of the sources registers it. */
export interface DeclaredMetric {
  file: string;
  kind: string;
  /** The name, or the end of it where a prefix is put before it. */
  name: string;
  /** What is put before the name is variable. */
  open: boolean;
  labels: string[] | undefined;
}

export const metricCode = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|php|exs?|sh|bash)$/;
const inTests = /(?:^|\/)(?:tests?|__tests__|testdata|fixtures?|examples?)\/|[._-](?:test|spec)\.\w+$|(?:^|\/)test_/;
const call =
  /\b\w*?(counter|gauge|histogram|summary)\w*!?(?:(?:::|\.)\w+)?(?:<[\w, ]*>)?\s*\(\s*(?:&?[\w:.]+\s*\{|\{)?/gi;

/** Every call that registers a counter, gauge, histogram or summary under a name that is written out. */
export const declaredMetrics = once(async (sources): Promise<DeclaredMetric[]> => {
  const found: DeclaredMetric[] = [];
  for (const [file, text] of await sources.matching(metricCode)) {
    if (inTests.test(file)) continue;
    for (const match of text.matchAll(call)) {
      const from = match.index + match[0].length;
      // Within its own call: what the next one registers has other labels.
      const rest =
        (match[0].trimEnd().endsWith('{') ? text.slice(from, from + 600) : restOfCall(text, from)).split(
          /\n\s*\n|;/,
          1,
        )[0] ?? '';
      const written =
        // A helper of one's own is given what it writes to before the name; `IntCounterVec::new(Opts::new("name", "help"), …)`.
        /^\s*(?:(?:\w+::)*\w*opts(?:::new|!)\s*\(\s*|(?:&(?:mut )?)?\w+\s*,\s*)?(?:f|rf|r)?["'`]([^"'`\n]{3,100})["'`]/i.exec(
          rest,
        )?.[1] ?? /^[^()]*?\b[nN]ame["']?\s*[:=]\s*(?:f|rf|r)?["'`]([^"'`\n]{3,100})["'`]/.exec(rest)?.[1];
      const name = written?.replace(/^(?:\$?\{[^{}]*\}|%s)_?/, '');
      // `requests.WithLabelValues("local")` registers none.
      if (written === undefined || name === undefined || !/^[a-zA-Z_]\w*[_.][\w.]*$/.test(name)) continue;
      const list = /^[^[\]{}]*(?:\}\s*,\s*)?(?:[^[\]{}]*)(?:&\[|\[\]string\{|\[)([^\]}]*)[\]}]/.exec(
        rest.slice(rest.indexOf(written) + written.length),
      )?.[1];
      const pairs = [...(rest.split(')')[0]?.matchAll(/"(\w+)"\s*=>/g) ?? [])].map(([, one = '']) => one);
      const labels =
        list === undefined || /\bconst_labels?\b/.test(rest)
          ? pairs.length > 0
            ? pairs
            : undefined
          : [...list.matchAll(/["']([a-z_]\w*)["']/gi)].map(([, one = '']) => one);
      found.push({
        file,
        // What goes up and down is a gauge to Prometheus.
        kind: /up_?down/i.test(match[0]) ? 'gauge' : (match[1] ?? '').toLowerCase(),
        name: name.replaceAll('.', '_'),
        open: name !== written || /\bnamespace["']?\s*[:=]|\bsubsystem["']?\s*[:=]/i.test(rest),
        labels,
      });
    }
    // Written by hand: "# TYPE x gauge", and a helper that is given name and kind.
    for (const [, name = '', kind = ''] of text.matchAll(
      /(?:# TYPE |\(\s*(?:(?:&(?:mut )?)?\w+\s*,\s*)?["'])([a-z]\w*_\w+)(?:["']\s*,\s*["']| )(counter|gauge|histogram|summary)\b/g,
    ))
      found.push({ file, kind, name, open: false, labels: undefined });
    for (const { name, kind } of tabled(text)?.metrics ?? [])
      found.push({ file, kind, name, open: false, labels: undefined });
    // #[derive(Metrics)] #[metrics(scope = "pond.fish")] struct Fish { fed: Counter }
    for (const [, scope = '', body = ''] of text.matchAll(
      /#\[metrics\([^)]*\bscope\s*=\s*"([^"]+)"[^)]*\)\][^{;]{0,200}?struct\s+\w+[^{;]*\{([\s\S]*?)\n\}/g,
    ))
      for (const [, field = '', kind = ''] of body.matchAll(/\b(\w+)\s*:\s*(Counter|Gauge|Histogram)\b/g))
        found.push({
          file,
          kind: kind.toLowerCase(),
          name: `${scope.replace(/\W/g, '_')}_${field}`,
          open: false,
          labels: undefined,
        });
  }
  return found;
});

/** The one registration that is meant by the name; undefined where there is none, or several that differ. */
export async function declarationOf(sources: Sources, name: string): Promise<DeclaredMetric | undefined> {
  const all = await declaredMetrics(sources);
  const bases = [...new Set([name, name.replace(/_(?:bucket|sum|count)$/, ''), name.replace(/_total$/, '')])];
  let meant = all.filter((one) => bases.includes(one.name));
  if (meant.length === 0) {
    const ends = all.filter((one) => bases.some((base) => base.endsWith(`_${one.name}`)) && one.name.includes('_'));
    const longest = Math.max(...ends.map((one) => one.name.length));
    const last = ends.filter((one) => one.name.length === longest);
    const [first] = last;
    if (!first) return undefined;
    const prefix = bases.find((base) => base.endsWith(`_${first.name}`))?.slice(0, -first.name.length - 1) ?? '';
    meant =
      first.open || (await sources.containText(`"${prefix}"`)) || (await sources.containText(`'${prefix}'`))
        ? last
        : [];
  }
  const [only] = meant;
  return only && meant.every((one) => one.kind === only.kind) ? only : undefined;
}
