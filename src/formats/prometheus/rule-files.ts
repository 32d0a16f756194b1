import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  stringify,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { silencesOfFile, silencesOfRule, type Silence } from './rule-comments.ts';
import { quotedLinesIndented } from '../data/lenient-quotes.ts';
import { writtenOut } from '../data/yaml.ts';
import { writeAliasesOut } from '../data/yaml-aliases.ts';
import { isFileDuration } from '../promql/literals.ts';
import { isMetricsQl } from '../promql/metricsql.ts';
import { groupKeys, ruleKeys, since, topKeys } from './rule-keys.ts';
import { templateFault } from './rule-templates.ts';

/** A place in the file, from 1. */
export interface At {
  line: number;
  col: number;
}

export interface Rule {
  kind: 'alert' | 'record';
  name: string;
  expr: string;
  for: string | undefined;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Where the rule begins, and where its expression does. */
  at: At;
  exprAt: At;
  /** `# verify disable CODE: reason` and `# pint disable CODE` comments in or above it, and those of the file. */
  disabled: Silence[];
}

export interface RuleGroup {
  name: string;
  interval: string | undefined;
  rules: Rule[];
  at: At;
}

/** Something for which Prometheus refuses the whole file. */
export interface RuleFileProblem {
  message: string;
  at: At;
}

/** A key that an older Prometheus refuses, and with it the file. */
export interface NewKey {
  key: string;
  /** The first version that knows it. */
  since: readonly [major: number, minor: number];
  at: At;
}

export interface RuleFile {
  groups: RuleGroup[];
  newKeys?: NewKey[];
  problems: RuleFileProblem[];
}

export interface RepositoryRules extends RuleFile {
  /** vmalert evaluates them, which takes more than Prometheus does. */
  vmalert: boolean;
}

/** A rule file of a repository: of Prometheus, or resources of the kind PrometheusRule. */
export function ruleFile(text: string): RepositoryRules {
  const read = parseRuleFile(text, true);
  return { ...read, vmalert: isForVmalert(text, read) };
}

/**
 * Reads a Prometheus rules file, strictly as Prometheus does, with the place of everything. Thanos's and Mimir's extra keys are known.
 * `resources`: a Kubernetes PrometheusRule is read too, by its spec.
 */
export function parseRuleFile(text: string, resources = false): RuleFile {
  const parts = resources ? resourcesIn(text) : [];
  if (parts.length > 0 && (parts.length > 1 || parts[0] !== text)) {
    const read = parts.map((part) => parseRuleFile(part, true));
    return { groups: read.flatMap((one) => one.groups), problems: read.flatMap((one) => one.problems) };
  }
  const { lines, document, faults } = readDocument(text);
  const at = (node: { range?: readonly [number, number, number] | null | undefined } | null | undefined): At => {
    const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
    return { line, col };
  };
  const [broken] = faults;
  if (broken) return { groups: [], problems: [{ message: brokenFile(text, broken), at: posOf(broken.linePos) }] };
  const problems: RuleFileProblem[] = [];
  const size = writtenOut(document);
  if (size > maxSize) {
    const message = Number.isFinite(size)
      ? 'the file has too many YAML aliases'
      : 'a YAML alias stands inside of what it names';
    return { groups: [], problems: [{ message, at: { line: 1, col: 1 } }] };
  }
  writeAliasesOut(document);
  const whole = document.contents as Node | null;
  const root =
    resources && isMap(whole) && whole.get('kind') === 'PrometheusRule'
      ? (whole.get('spec', true) as Node | null)
      : whole;
  if (root === null || (isScalar(root) && root.value === null)) return { groups: [], problems };
  if (!isMap(root))
    return {
      groups: [],
      problems: [
        { message: isOldFormat(text) ? oldFormat : 'the file is not a map with the key groups', at: at(root) },
      ],
    };
  unknownKeys(root, topKeys, 'a rules file', problems, at);
  const list = root.get('groups', true) as Node | undefined;
  if (list === undefined) return { groups: [], problems };
  if (!isSeq(list)) return { groups: [], problems: [...problems, { message: 'groups is not a list', at: at(list) }] };
  const groups: RuleGroup[] = [];
  const newKeys: NewKey[] = [];
  const source = text.split('\n');
  for (const item of list.items) {
    if (!isMap(item)) {
      problems.push({ message: 'a group is not a map', at: at(item as Node) });
      continue;
    }
    unknownKeys(item, groupKeys, 'a group', problems, at);
    const members = item.get('rules', true);
    for (const one of [item, ...(isSeq(members) ? members.items : [])])
      for (const [key, first] of Object.entries(since))
        if (isMap(one) && one.has(key)) newKeys.push({ key, since: first, at: at(one) });
    const name = textOf(item, 'name');
    if (name === undefined || name === '') problems.push({ message: 'a group has no name', at: at(item) });
    if (groups.some((group) => group.name === name))
      problems.push({ message: `groupname: "${name}" is repeated in the same file`, at: at(item) });
    const limit = textOf(item, 'limit');
    if (limit !== undefined && !/^[-+]?\d+$/.test(limit))
      problems.push({ message: `the group ${name ?? ''}: limit: ${limit} is not a whole number`, at: at(item) });
    wrongDurations(item, ['interval', 'query_offset'], `the group ${name ?? ''}`, problems, at);
    const rules: Rule[] = [];
    const ruleList = item.get('rules', true) as Node | undefined;
    if (isSeq(ruleList)) for (const rule of ruleList.items) readRule(rule as Node, rules, problems, at, source);
    // Prometheus 3 gives every rule the labels of its group; the rule's own come first.
    const common = strings(item, 'labels');
    for (const rule of rules) rule.labels = { ...common, ...rule.labels };
    groups.push({ name: name ?? '', interval: textOf(item, 'interval'), rules, at: at(item) });
  }
  return { groups, problems, ...(newKeys.length > 0 && { newKeys }) };
}

/** The first document of a file, as Prometheus reads it; it does not look at the others. */
function readDocument(text: string): { lines: LineCounter; document: Document.Parsed; faults: YAMLParseError[] } {
  const read = (source: string) => {
    const lines = new LineCounter();
    const document = parseDocument(source, { lineCounter: lines, uniqueKeys: true });
    return { lines, document, faults: document.errors.filter(({ code }) => code !== 'MULTIPLE_DOCS') };
  };
  const strict = read(text);
  if (strict.faults.length === 0) return strict;
  const lenient = read(quotedLinesIndented(text));
  return lenient.faults.length === 0 ? lenient : strict;
}

const isResource = (text: string): boolean => /^kind:\s*["']?PrometheusRule\b/m.test(text);

/** The documents of a YAML text that are a Kubernetes PrometheusRule, each with as many empty lines before as it had lines. */
function resourcesIn(text: string): string[] {
  let line = 0;
  return text.split(/^---(?:\s.*)?$/m).flatMap((part) => {
    const own = `${'\n'.repeat(line)}${part}`;
    line += part.split('\n').length - 1;
    return isResource(part) ? [own] : [];
  });
}

/**
 * The rules of Kubernetes PrometheusRules as the operator writes them for Prometheus: a file for each.
 * @returns undefined where the text holds none, and is a rules file itself
 */
export function ruleFilesOf(text: string): string[] | undefined {
  const parts = resourcesIn(text);
  if (parts.length === 0) return undefined;
  return parts.map((part) =>
    stringify((parseDocument(part, { logLevel: 'silent' }).toJS() as { spec?: unknown } | null)?.spec ?? {}, {
      lineWidth: 0,
    }),
  );
}

/** Was the file written for Prometheus 1, whose rules were no YAML? */
const isOldFormat = (text: string): boolean => /^\s*ALERT\s+\w+\s*(?:$|IF\b)/m.test(text) && !/^groups:/m.test(text);

/** The problem of a file that only Prometheus 1 reads. */
export const oldFormat = 'it is written in the format of Prometheus 1, which no later one reads';

/** Keys that only vmalert's groups have. Source: VictoriaMetrics's documentation of vmalert. */
const vmalertKeys =
  /^\s+-?\s*(?:concurrency|eval_offset|eval_delay|eval_alignment|notifier_headers|update_entries_limit|type|params|headers|debug)\s*:/m;

/** Is the file written for vmalert, VictoriaMetrics's evaluator? It takes more than Prometheus does. */
const isForVmalert = (text: string, { groups, problems }: RuleFile): boolean =>
  (problems.some(({ message }) => / is not known in a group;/.test(message)) && vmalertKeys.test(text)) ||
  groups.some(({ rules }) => rules.some(({ expr }) => isMetricsQl(expr)));

/** The first fault of a file that is no YAML; those behind it follow from it. */
const brokenFile = (text: string, fault: YAMLParseError): string =>
  isOldFormat(text)
    ? oldFormat
    : `it is not YAML: ${(fault.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}`;

/** Values that a file may have once its aliases are written out; Prometheus's YAML library allows some 400,000. */
const maxSize = 200_000;

const posOf = (pos: readonly { line: number; col: number }[] | undefined): At => ({
  line: pos?.[0]?.line ?? 1,
  col: pos?.[0]?.col ?? 1,
});

type Locate = (node: Node | null | undefined) => At;

function unknownKeys(
  map: YAMLMap,
  known: ReadonlySet<string>,
  what: string,
  problems: RuleFileProblem[],
  at: Locate,
): void {
  for (const pair of map.items as Pair<Node, Node>[]) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    if (!known.has(key))
      problems.push({
        message: `field ${key} is not known in ${what}; Prometheus refuses the whole file`,
        at: at(pair.key),
      });
  }
}

/** Is there a value? An empty map of annotations and a `for` of 0s are as good as none. */
function isSet(map: YAMLMap, key: string): boolean {
  const value = map.get(key, true) as unknown;
  if (isMap(value)) return value.items.length > 0;
  const text = textOf(map, key);
  return text !== undefined && text !== '' && !/^0(?:ms|[smhdwy])?$/.test(text);
}

function wrongDurations(
  map: YAMLMap,
  keys: readonly string[],
  what: string,
  problems: RuleFileProblem[],
  at: Locate,
): void {
  for (const key of keys) {
    const text = textOf(map, key);
    if (text !== undefined && text !== '' && !isFileDuration(text))
      problems.push({
        message: `${what}: ${key}: ${JSON.stringify(text)} is not a duration; expected one as 5m or 1h30m`,
        at: at(map.get(key, true)),
      });
  }
}

/** Labels and annotations that Prometheus refuses: the reserved label, and templates that do not parse. */
function wrongTexts(rule: YAMLMap, name: string, problems: RuleFileProblem[], at: Locate): void {
  for (const part of ['labels', 'annotations']) {
    const map = rule.get(part, true) as unknown;
    if (!isMap(map)) continue;
    for (const pair of map.items as Pair<Node, Node>[]) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (part === 'labels' && (key === '__name__' || key === ''))
        problems.push({ message: `${name}: a label cannot be called ${JSON.stringify(key)}`, at: at(pair.key) });
      if (isMap(pair.value) || isSeq(pair.value))
        problems.push({ message: `${name}: ${part}: ${key} is not text`, at: at(pair.value) });
      const text = isScalar(pair.value) ? scalarText(pair.value.value) : undefined;
      // Templates are filled in for alerts alone, and read with them.
      const fault = text === undefined || !rule.has('alert') ? undefined : templateFault(text);
      if (fault !== undefined)
        problems.push({ message: `${name}: the template of ${key} does not parse: ${fault}`, at: at(pair.value) });
    }
  }
}

/** Text of a YAML scalar; undefined where it is null or no scalar. */
const scalarText = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;

function textOf(map: YAMLMap, key: string): string | undefined {
  const value = map.get(key);
  return scalarText(value);
}

function strings(map: YAMLMap, key: string): Record<string, string> {
  const value = map.get(key, true) as unknown;
  if (!isMap(value)) return {};
  return Object.fromEntries(
    (value.items as Pair<Node, Node>[]).map((pair) => [
      isScalar(pair.key) ? String(pair.key.value) : '',
      isScalar(pair.value) ? (scalarText(pair.value.value) ?? '') : '',
    ]),
  );
}

function readRule(rule: Node, rules: Rule[], problems: RuleFileProblem[], at: Locate, source: readonly string[]): void {
  if (!isMap(rule)) {
    problems.push({ message: 'a rule is not a map', at: at(rule) });
    return;
  }
  unknownKeys(rule, ruleKeys, 'a rule', problems, at);
  const record = textOf(rule, 'record');
  const alert = textOf(rule, 'alert');
  const expr = textOf(rule, 'expr');
  if ((record === undefined) === (alert === undefined))
    problems.push({ message: "exactly one of 'record' and 'alert' must be set", at: at(rule) });
  if (expr === undefined || expr.trim() === '')
    problems.push({ message: `field 'expr' must be set in rule ${alert ?? record ?? ''}`, at: at(rule) });
  if (record !== undefined && ['for', 'keep_firing_for', 'annotations'].some((key) => isSet(rule, key)))
    problems.push({
      message: `recording rule ${record} has 'for', 'keep_firing_for' or 'annotations', which Prometheus refuses`,
      at: at(rule),
    });
  if (record !== undefined && /[{}]/.test(record))
    problems.push({ message: `${record} is not a name of a recording rule: labels stand under labels`, at: at(rule) });
  wrongDurations(rule, ['for', 'keep_firing_for'], alert ?? record ?? 'a rule', problems, at);
  wrongTexts(rule, alert ?? record ?? 'a rule', problems, at);
  const start = at(rule);
  const end = rule.range ? source.length : start.line;
  const exprNode = rule.get('expr', true) as Node | undefined;
  rules.push({
    kind: alert === undefined ? 'record' : 'alert',
    name: alert ?? record ?? '',
    expr: expr ?? '',
    for: textOf(rule, 'for'),
    labels: strings(rule, 'labels'),
    annotations: strings(rule, 'annotations'),
    at: start,
    exprAt: exprNode ? at(exprNode) : start,
    disabled: [...silencesOfRule(source, start.line, end), ...silencesOfFile(source, start.line)],
  });
}
