import { suggest } from '../../core/suggest.ts';
import { objectOf } from '../../formats/data/json-parts.ts';
import { locatedYaml, type LocatedYaml } from '../../formats/data/yaml.ts';

/** A value that a file sets and no template reads, or that a template reads and no file sets. */
export interface ValueFault {
  kind: 'unused' | 'unset';
  file: string;
  line: number;
  /** `image.tag` */
  path: string;
  /** A value beside it that is spelt nearly so. */
  near?: string;
}

interface Chart {
  /** Templates and other files that a template engine reads, by path. */
  templates: ReadonlyMap<string, string>;
  /** Names under which dependencies have their values, and what Chart.yaml asks: `redis.enabled`. */
  dependencies: readonly string[];
  conditions: readonly string[];
  /** Packed dependencies may read what no template here does. */
  closed: boolean;
}

const comment = /\{\{-?\s*\/\*[\s\S]*?\*\/\s*-?\}\}/g;
const reference = /(?:\$|\.[A-Za-z]\w*|\b)?\.Values((?:\.[A-Za-z_]\w*)+)/g;
/** All values at once are handed on: `.Values |`, `toYaml .Values`, `index .Values $name`. */
const handedOn = /\.Values(?![.\w])/;
const index = /index\s+(?:\$|\.[A-Za-z]\w*)?\.Values((?:\.[A-Za-z_]\w*)*)((?:\s+"[^"]+")+)/g;
const guard =
  /\b(?:if|with|range|default|or|and|not|coalesce|required|empty|hasKey|dig|ternary|eq|ne|gt|lt|ge|le|get|pluck|kindIs|typeIs|include|tpl|toYaml|toJson|merge|mergeOverwrite|fail)\b/;

/** Every path below `.Values` that templates read, with where, and whether a guard or a default stands with it. */
function referencesIn(templates: ReadonlyMap<string, string>): {
  read: { path: string; file: string; line: number; guarded: boolean }[];
  open: boolean;
} {
  const read: { path: string; file: string; line: number; guarded: boolean }[] = [];
  let open = false;
  for (const [file, source] of templates) {
    const text = source.replace(comment, (whole) => whole.replace(/[^\n]/g, ' '));
    const rest = text.replace(index, (whole, parent: string, names: string) => {
      const path = `${parent}${[...names.matchAll(/"([^"]+)"/g)].map(([, name]) => `.${name ?? ''}`).join('')}`.slice(
        1,
      );
      read.push({ path, file, line: 1, guarded: true });
      return whole.replace(/[^\n]/g, ' ');
    });
    if (handedOn.test(rest)) open = true;
    for (const [action] of rest.matchAll(/\{\{[\s\S]*?\}\}/g))
      for (const match of action.matchAll(reference)) {
        const at = rest.indexOf(action) + match.index;
        read.push({
          path: (match[1] ?? '').slice(1),
          file,
          line: rest.slice(0, at).split('\n').length,
          guarded: guard.test(action) || /[:]?=/.test(action),
        });
      }
  }
  return { read, open };
}

const isBelow = (path: string, above: string): boolean => path === above || path.startsWith(`${above}.`);

/** The paths of a file's values: of mappings those of what they hold. */
function* pathsOf(value: unknown, above: string[] = []): Generator<string[]> {
  const entries = Object.entries(objectOf(value));
  if (entries.length === 0) {
    if (above.length > 0) yield above;
    return;
  }
  for (const [key, inner] of entries) yield* pathsOf(inner, [...above, key]);
}

/** Is there a value at this path, or may one be: below what is no mapping? */
function isSet(value: unknown, path: readonly string[]): boolean {
  let at: unknown = value;
  for (const key of path) {
    if (at === null || typeof at !== 'object') return false;
    if (!(key in at)) return false;
    at = objectOf(at)[key];
  }
  return true;
}

/** Is a value of this path (`image.tag`, `hosts[0].name`) in the chart's values, or read by its templates? Undefined where that cannot be said. */
export function knowsValue(path: string, values: unknown, chart: Chart): boolean | undefined {
  const { read, open } = referencesIn(chart.templates);
  const parts = path.replace(/\[\d+\]/g, '').split('.');
  const [top = ''] = parts;
  if (open || read.length === 0 || !chart.closed || top === 'global' || chart.dependencies.includes(top))
    return undefined;
  const whole = parts.join('.');
  return (
    isSet(values, parts) ||
    [...read.map((one) => one.path), ...chart.conditions].some((one) => isBelow(whole, one) || isBelow(one, whole))
  );
}

/**
 * Holds values and templates of a chart against each other, without rendering.
 * @param files values files by path, `values.yaml` of the chart first
 * @param others files that other deployments name: what one of them sets is set
 * @returns undefined where templates hand all values on, so that nothing can be said
 */
export function valueFaults(
  files: ReadonlyMap<string, string>,
  chart: Chart,
  others: ReadonlyMap<string, string> = new Map(),
): ValueFault[] | undefined {
  const { read, open } = referencesIn(chart.templates);
  if (open || read.length === 0) return undefined;
  const known = [...read.map((one) => one.path), ...chart.conditions];
  const located: [file: string, yaml: LocatedYaml][] = [];
  for (const [file, text] of files) {
    const yaml = locatedYaml(text);
    if (yaml === undefined) return undefined;
    located.push([file, yaml]);
  }
  const isOthers = (name: string): boolean => name === 'global' || name === 'tags' || chart.dependencies.includes(name);
  const faults: ValueFault[] = [];
  const all = [
    ...new Set(known.flatMap((path) => path.split('.').map((_, n, parts) => parts.slice(0, n + 1).join('.')))),
  ];
  for (const [file, yaml] of chart.closed ? located : []) {
    const said = new Set<string>();
    for (const path of pathsOf(yaml.value)) {
      const [top = ''] = path;
      // A chart above asks for `enabled`.
      if (isOthers(top) || /^(?:x-|_)/.test(top) || path.join('.') === 'enabled') continue;
      const whole = path.join('.');
      if (known.some((one) => isBelow(whole, one) || isBelow(one, whole))) continue;
      // The uppermost that nothing reads: one finding for a block.
      const unread = path.find((_, n) => !all.includes(path.slice(0, n + 1).join('.')));
      const cut = path.slice(0, path.indexOf(unread ?? '') + 1);
      const name = cut.join('.');
      if (said.has(name)) continue;
      said.add(name);
      const parent = cut.slice(0, -1);
      const siblings = all
        .map((one) => one.split('.'))
        .filter(
          (one) => one.length === cut.length && parent.every((part, n) => part === one[n]) && !isSet(yaml.value, one),
        )
        .map((one) => one.at(-1) ?? '');
      const last = suggest(cut.at(-1) ?? '', siblings);
      const near = last === undefined ? undefined : [...parent, last].join('.');
      faults.push({ kind: 'unused', file, line: yaml.lineOf(cut), path: name, ...(near !== undefined && { near }) });
    }
  }
  const values = [
    ...located.map(([, yaml]) => yaml.value),
    ...[...others.values()].map((text) => locatedYaml(text)?.value),
  ];
  for (const [path, places] of Map.groupBy(read, (one) => one.path)) {
    const parts = path.split('.');
    if (isOthers(parts[0] ?? '') || places.some((one) => one.guarded) || values.some((one) => isSet(one, parts)))
      continue;
    // What is asked for somewhere may be left unset.
    if (read.some((one) => one.guarded && isBelow(path, one.path))) continue;
    const [first] = places;
    if (!first) continue;
    const beside = values.flatMap((one) => {
      let at = one;
      for (const key of parts.slice(0, -1)) at = objectOf(at)[key];
      return Object.keys(objectOf(at)).filter((key) => !all.includes([...parts.slice(0, -1), key].join('.')));
    });
    const near = suggest(parts.at(-1) ?? '', beside);
    faults.push({
      kind: 'unset',
      file: first.file,
      line: first.line,
      path,
      ...(near !== undefined && { near: [...parts.slice(0, -1), near].join('.') }),
    });
  }
  return faults;
}
