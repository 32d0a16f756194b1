import type { Level } from '../../core/finding.ts';
import { suggest } from '../../core/suggest.ts';
import { error, note, warning, type Judge } from '../../core/step.ts';
import { KnownMetrics } from './known-metrics.ts';
import { registeredFaults } from './registered-faults.ts';
import { matchesEmpty } from '../promql/matchers.ts';
import { anchoredRegex } from '../promql/regex.ts';
import { isAtLeast, isBefore, prometheusMajor } from './deployed.ts';
import type { SeenSources } from './metric-sources.ts';
import { nameToday } from './well-known-metrics.ts';
import { parsePromQl, type Selector } from '../promql/parse.ts';
import { standIn, type Matcher } from '../promql/tree.ts';

/** What is wrong with the series that an expression reads; the codes are those of `metricReadProblems`. */
export interface ReadFault {
  code: keyof typeof metricReadProblems;
  level: Level;
  message: string;
  metric: string;
  /** What stands behind it, where it shows in many selectors. */
  cause?: string;
  /** What may have been meant. */
  meant?: string;
}

export const metricReadProblems = {
  'metric-missing': error(
    'A metric is read that nobody exports',
    'export it, or correct the name: as it stands there will be no data',
  ),
  'label-missing': error(
    'A selector asks for a label that the metric does not have',
    'correct the label’s name: as it stands the selector matches nothing',
  ),
  'label-value': warning(
    'A selector asks for a label value that is not exported now',
    'correct the value, unless it comes into being later',
  ),
  'job-unknown': error(
    'A selector asks for a job that the configuration does not have',
    'correct the job’s name, or add the job to prometheus.yml',
  ),
  'quantile-on-histogram': error(
    'A histogram is queried by a quantile label',
    'a histogram has no quantile label: use histogram_quantile over its _bucket series',
  ),
  'metric-renamed': warning(
    'A metric is read by a name that its exporter no longer uses',
    'use today’s name, unless an old version of the exporter is deployed',
  ),
  'metric-unsourced': warning(
    'A metric is read that the source code does not name',
    'correct the name, or export the metric; give the exporter, and it is judged by what it exports',
  ),
  'metric-unknown': note(
    'Metrics that could not be judged',
    'give the exporters that they come from, to have them judged too',
  ),
} as const;

/** Holds one selector against what is known. Those that may be absent on purpose (`or`, `absent()`) are left alone. */
export function readFaults(selector: Selector, known: KnownMetrics): ReadFault[] {
  const { name, matchers } = selector;
  const shown = selector.text.replaceAll(standIn, '…');
  const metric = (name ?? shown).replaceAll(standIn, '…');
  const quantile = matchers.some((m) => m.label === 'quantile' && !matchesEmpty(m));
  if (name !== undefined && quantile && known.isHistogram(name))
    return [
      {
        code: 'quantile-on-histogram',
        level: known.exclusive(name) ? 'error' : 'warning',
        metric,
        message: `${shown}: ${metric} is a histogram`,
      },
    ];
  const dropped = selector.mayBeAbsent ? undefined : known.dropped(selector);
  if (dropped)
    return [
      {
        code: 'metric-missing',
        level: dropped.sure ? 'error' : 'warning',
        metric,
        message: `${metric}: metric_relabel_configs of the job ${dropped.job} take it away (${dropped.by}): Prometheus never stores it`,
      },
    ];
  const look = known.look(selector);
  if (look.state !== 'there') return notThere(selector, look, metric, shown, known);
  // Of rules and alerts the labels are the rules' own.
  if (look.by === 'rule' || name?.startsWith('ALERTS') === true) return [];
  const asked = selector.inside.includes('absent') ? matchers.filter((m) => m.label === 'job') : matchers;
  if (selector.mayBeAbsent && asked === matchers) return [];
  return asked.flatMap((matcher): ReadFault[] => matcherFaults(matcher, shown, metric, name, known));
}

/** What can be said of a metric that is not seen to be there, the most certain reason first. */
function notThere(
  selector: Selector,
  look: Exclude<ReturnType<KnownMetrics['look']>, { state: 'there' }>,
  metric: string,
  shown: string,
  known: KnownMetrics,
): ReadFault[] {
  const fault = (code: ReadFault['code'], level: Level, message: string, cause?: string): ReadFault[] => [
    { code, level, metric, message, ...(cause !== undefined && { cause }) },
  ];
  const { mayBeAbsent } = selector;
  // Undefined where it may be absent on purpose.
  const name = mayBeAbsent ? undefined : selector.name;
  const today = name === undefined ? undefined : nameToday(name);
  if (today !== undefined && look.state !== 'later') {
    const proven = isAtLeast(known.deployed, today.image, ...today.since);
    // What is deployed is so old that it still has the old name.
    const level = proven ? 'error' : isBefore(known.deployed, today.image, ...today.since) ? 'note' : 'warning';
    const newer = proven ? ', and a newer one is deployed' : '';
    return fault(
      'metric-renamed',
      level,
      `${metric} is called ${today.today} since ${today.words}${newer}`,
      today.words,
    );
  }
  if (name !== undefined && look.state === 'unknown') {
    const unsourced = known.unsourced(name);
    if (unsourced !== undefined) {
      const { others, meant, otherwise } = unsourced;
      if (otherwise !== undefined)
        return fault(
          'metric-unsourced',
          otherwise.sure ? 'error' : 'warning',
          `${metric}: ${otherwise.file} exports it as ${otherwise.as} (${otherwise.why}); nothing else in the repository has the name ${metric}`,
          otherwise.why,
        );
      const registered = meant ?? `${others} metrics that begin like it`;
      // That its kin are registered is a weak reason: the program may be another's, or another edition.
      const level = meant === undefined ? 'note' : 'warning';
      const message = `${metric}: the sources register ${registered}, and not this one`;
      return fault('metric-unsourced', level, message, metric.replace(/_.*/, ''));
    }
    const exporter = known.unscraped(name);
    if (exporter !== undefined) {
      const message = `${metric} comes from ${exporter}, and no job scrapes one; the jobs are ${known.jobWords}`;
      return fault('metric-missing', 'warning', message, exporter);
    }
    const misspelt = known.misspeltRecord(name);
    if (misspelt !== undefined)
      return fault('metric-missing', 'warning', `${metric}: no rule that was read records it; there is ${misspelt}`);
  }
  if (look.state === 'unknown' || (mayBeAbsent && look.state === 'later'))
    return [
      // Whatever exports it: the configuration says which jobs there are, and which labels are none of a series.
      ...(name === undefined ? [] : configFaults(selector.matchers, shown, metric, known)),
      ...(name === undefined ? [] : registeredFaults(name, selector.matchers, shown, known)).map(
        ({ level, message }): ReadFault => ({ code: 'label-missing', level, metric, message }),
      ),
      ...fault('metric-unknown', 'note', look.why),
    ];
  const level = look.state === 'missing' && !mayBeAbsent ? 'error' : 'warning';
  return fault('metric-missing', level, `${metric}: ${look.why}`);
}

function matcherFaults(
  matcher: Matcher,
  shown: string,
  metric: string,
  name: string | undefined,
  known: KnownMetrics,
): ReadFault[] {
  const { label, op, value } = matcher;
  if (value.includes(standIn) || label.includes(standIn) || label === '__name__' || matchesEmpty(matcher)) return [];
  const fault = (code: ReadFault['code'], level: Level, message: string): ReadFault[] => [
    { code, level, metric, message: `${shown}: ${message}` },
  ];
  const test = op === '=~' ? anchoredRegex(value) : undefined;
  const holds = (one: string): boolean => (op === '=' ? one === value : op === '=~' ? (test?.test(one) ?? true) : true);
  if (label === 'job' || known.isExternalLabel(label) || known.labelDropped(label) !== undefined)
    return configFaults([matcher], shown, metric, known);
  const labels = name === undefined || !known.exclusive(name) ? undefined : known.labelsOf(name);
  if (name === undefined) return [];
  if (known.lacksLabel(name, label)) {
    const has = [...(labels?.keys() ?? [])].join(', ');
    return fault(
      'label-missing',
      'error',
      `${metric} has no label ${label} (it has ${has || 'those of its target alone'})`,
    );
  }
  const values = labels?.get(label) ?? [];
  if (values.length === 0 || (op !== '=' && op !== '=~')) return [];
  if (label === 'le' || (label === 'quantile' && op === '=')) return boundFaults(matcher, values, known, fault);
  if (values.some(holds)) return [];
  const parts = op === '=~' && /^[\w -]+$/.test(value) ? values.filter((one) => one.includes(value)) : [];
  if (parts.length > 0)
    return fault(
      'label-value',
      'error',
      `a regular expression must match the whole value, and none is "${value}": ${label} is ${parts.slice(0, 8).join(', ')}; write ${label}=~".*${value}.*"`,
    );
  return fault('label-value', 'warning', `${label} is ${values.slice(0, 8).join(', ')} now`);
}

type Said = (code: ReadFault['code'], level: Level, message: string) => ReadFault[];

/** What prometheus.yml alone says against a matcher: its jobs, and the labels that it adds to what it sends. */
function configFaults(matchers: readonly Matcher[], shown: string, metric: string, known: KnownMetrics): ReadFault[] {
  return matchers.flatMap((matcher): ReadFault[] => {
    const { label, op, value } = matcher;
    if (value.includes(standIn) || matchesEmpty(matcher)) return [];
    const taker = known.maybeScraped(metric) ? known.labelDropped(label) : undefined;
    if (taker !== undefined)
      return [
        {
          code: 'label-missing',
          level: 'error',
          metric,
          message: `${shown}: the labeldrop of the job ${taker} takes the label ${label} from every series`,
        },
      ];
    if (known.isExternalLabel(label))
      return [
        {
          code: 'label-missing',
          level: 'error',
          metric,
          message: `${shown}: ${label} is an external label: Prometheus adds it to what it sends, and no series that it asks itself has it`,
        },
      ];
    const { jobs } = known;
    if (label !== 'job' || !jobs || (op !== '=' && op !== '=~')) return [];
    const test = op === '=~' ? anchoredRegex(value) : undefined;
    if ([...jobs, ...(known.received ?? [])].some((job) => (op === '=' ? job === value : (test?.test(job) ?? true))))
      return [];
    const pushed = jobs.some((job) => /push|gateway/i.test(job))
      ? '; what is pushed keeps its own job under exported_job, unless honor_labels is set'
      : '';
    const meant = op === '=' ? suggest(value, jobs) : undefined;
    return [
      {
        code: 'job-unknown',
        level: known.received ? 'warning' : 'error',
        metric,
        message: `${shown}: there is no job ${value}; the jobs are ${jobs.join(', ')}${known.received ? ', and what is sent to Prometheus has its own' : pushed}`,
        cause: value,
        ...(meant !== undefined && { meant }),
      },
    ];
  });
}

/** As Prometheus 3 stores a bucket's bound or a quantile: 1 as 1.0. */
const normalised = (value: string): string => (/^-?\d+$/.test(value) ? `${value}.0` : value);

/** Bounds of buckets and quantiles, which Prometheus 3 writes in another way than 2. */
function boundFaults(
  { label, op, value }: Matcher,
  values: readonly string[],
  known: KnownMetrics,
  fault: Said,
): ReadFault[] {
  const major = prometheusMajor(known.deployed);
  // Where it is not known which runs, either form may be right for a regular expression.
  const both = major === undefined && op === '=~' ? [...values, ...values.map(normalised)] : values;
  const stored = major !== undefined && major >= 3 ? values.map(normalised) : both;
  const test = op === '=~' ? anchoredRegex(value) : undefined;
  if (stored.some((one) => (op === '=' ? one === value : (test?.test(one) ?? true)))) return [];
  const same = values.find((one) => op === '=' && Number(one) === Number(value));
  const list = stored.join(', ');
  if (same === undefined)
    return op === '=' || label === 'le'
      ? fault(
          'label-value',
          'error',
          `there is no ${label === 'le' ? 'bucket ' : ''}${label}="${value}" (there are ${list})`,
        )
      : [];
  // Which of the two is stored is the running version's matter.
  if (major === undefined) return [];
  return fault(
    'label-value',
    'error',
    `there is no ${label}="${value}": Prometheus ${major}, which is deployed, stores it as "${major >= 3 ? normalised(same) : same}"`,
  );
}

/** One note of what could not be judged. */
export function judgeUnknown(j: Judge<typeof metricReadProblems>, unknown: ReadonlySet<string>): void {
  if (unknown.size === 0) return;
  const more = unknown.size > 20 ? `, and ${unknown.size - 20} more` : '';
  j.find('metric-unknown', `not judged: ${[...unknown].slice(0, 20).join(', ')}${more}`);
}

/** Names of the metrics that the expressions read and that are not exported: what to look for in the source code. */
export function unexportedNames(expressions: readonly string[], sources: SeenSources): string[] {
  const known = new KnownMetrics(sources);
  const selectors = expressions.flatMap((text) => parsePromQl(text).selectors);
  return [
    ...new Set(selectors.filter((one) => known.look(one).state === 'missing').map((one) => one.name ?? '')),
  ].filter((name) => name !== '' && !known.isHistogram(name));
}

/** Names of which nothing that was read tells whether they are there: what the source code may tell. */
export function unjudgedNames(expressions: readonly string[], sources: SeenSources): string[] {
  const known = new KnownMetrics(sources);
  const selectors = expressions.flatMap((text) => parsePromQl(text).selectors);
  return [
    ...new Set(selectors.filter((one) => known.look(one).state === 'unknown').map((one) => one.name ?? '')),
  ].filter((name) => name !== '' && !name.includes(standIn));
}
