import { escapeRegex } from './patterns.ts';
import { suggest } from './suggest.ts';

/**
 * Expressions: `${{ name }}` in a string of a checklist. This file is the one table of what may stand in them, and the one place
 * where they are found and filled in. `docs/expressions.md` is made of it.
 */

/** Where in a checklist a string stands. */
export type Place = 'stack' | 'stack.processes' | 'with' | 'headers' | 'requests' | 'templates';
export type Path = (string | number)[];
export type Value = string | number | boolean;

interface Namespace {
  /** How it is written: `vars.NAME`, or a name alone. */
  readonly form: string;
  readonly places: readonly Place[];
  /** When it is filled in. */
  readonly when: string;
  readonly what: string;
  /** What to write in another place instead. */
  readonly instead: string;
}

export const namespaces = {
  vars: {
    form: 'vars.NAME',
    places: ['with', 'stack', 'stack.processes'],
    when: 'when the checklist is read',
    what: 'a variable of the checklist (`vars:`), or what `--var NAME=value` says in its place',
    instead: 'variables are put in below `with` and `stack` only',
  },
  facts: {
    form: 'facts.NAME',
    places: ['with'],
    when: 'when the step begins',
    what: 'what an earlier step measured; `facts.STEP/NAME` where several steps measure it. A fact that was not measured makes the step inconclusive',
    instead: 'facts are measured by steps, and are put in below `with` only',
  },
  secrets: {
    form: 'secrets.NAME',
    places: ['headers'],
    when: 'when a request is sent',
    what: 'the environment variable NAME; redacted everywhere, and in no record and no digest. One that is not set makes the step inconclusive',
    instead: 'secrets are put in below `headers` and `body` of a request only; a program reads its environment itself',
  },
  captured: {
    form: 'captured.NAME',
    places: ['requests'],
    when: 'when a request of the row is sent',
    what: 'what an earlier request of the same `http/request` has captured',
    instead: 'only the requests of one `http/request` have what those before them captured; other steps read its facts',
  },
  'run.id': {
    form: 'run.id',
    places: ['with'],
    when: 'when the step begins',
    what: 'the id of the run',
    instead: 'it is put in below `with` only',
  },
  target: {
    form: 'target',
    places: ['with', 'stack.processes'],
    when: 'when the step or the service begins',
    what: 'absolute path of the repository under verification',
    instead: 'it is put in below `with` and `stack.processes` only',
  },
  port: {
    form: 'port.NAME',
    places: ['stack.processes'],
    when: 'when the service begins',
    what: 'a free TCP port, chosen for the run; the same name is the same port in all services',
    instead: 'ports are chosen for `stack.processes` only; a step reads `${{ facts.stack.SERVICE.url }}`',
  },
  template: {
    form: 'template.NAME',
    places: ['templates'],
    when: 'when the checklist is read',
    what: 'a parameter of the template, as its use says it; in any text of its steps, also in ids and titles',
    instead: 'parameters of a template are put in below `templates` only',
  },
  dir: {
    form: 'dir',
    places: ['stack.processes'],
    when: 'when the service begins',
    what: 'absolute path of the service’s own scratch folder, where its `files` are put',
    instead: 'only a service below `stack.processes` has such a folder',
  },
} as const satisfies Record<string, Namespace>;

type NamespaceName = keyof typeof namespaces;

/** A name taken apart: `vars.a.b` is `a.b` of `vars`; what has no such part is the namespace itself. */
function apart(name: string): { namespace: NamespaceName; rest: string } | undefined {
  if (name === 'run.id' || name === 'target' || name === 'dir') return { namespace: name, rest: '' };
  const [, first, rest] = /^(vars|facts|port|template|secrets|captured)\.(.+)$/.exec(name) ?? [];
  return rest === undefined
    ? undefined
    : { namespace: first as 'vars' | 'facts' | 'port' | 'template' | 'secrets' | 'captured', rest };
}

// `$${{` stands for `${{` itself; a `${{` that is closed by no `}}` is found too, and is a fault.
const pattern = /\$\$\{\{|\$\{\{([^{}]*)\}\}|\$\{\{/g;
const wellFormed = /^[A-Za-z0-9_.\-/]+$/;

/** One expression of a checklist. */
export interface Expression {
  /** As it is written. */
  text: string;
  /** What stands between the braces; undefined where it is no name. */
  name: string | undefined;
  /** Where its string stands below the value that was searched. */
  path: Path;
  /** It stands in the key of a mapping, where nothing is filled in. */
  inKey: boolean;
}

/** Every expression below a value, in the keys of mappings too; what is escaped is none. */
export function expressionsIn(value: unknown, path: Path = []): Expression[] {
  const inText = (text: string, at: Path, inKey: boolean): Expression[] =>
    [...text.matchAll(pattern)].flatMap(([whole, inner]) => {
      if (whole === '$${{') return [];
      const name = inner?.trim() ?? '';
      return [{ text: whole, name: wellFormed.test(name) ? name : undefined, path: at, inKey }];
    });
  if (typeof value === 'string') return inText(value, path, false);
  if (Array.isArray(value)) return value.flatMap((one, n) => expressionsIn(one, [...path, n]));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, one]) => [
    ...inText(key, [...path, key], true),
    ...expressionsIn(one, [...path, key]),
  ]);
}

/** Gives the value of a namespace's name; undefined where it has none. */
export type Lookups = Partial<Record<NamespaceName, (rest: string) => Value | undefined>>;

/**
 * Puts values into every string below `value`. A string that is one expression and nothing else takes the value's type. Namespaces
 * without a look-up stay as they are, for a later time.
 * @param pass `last`: nothing is filled in later, so that `$${{` becomes `${{`
 * @param missing gets the names that a look-up does not know; they stay as they are
 */
export function fillIn(value: unknown, lookups: Lookups, pass: 'early' | 'last', missing: string[] = []): unknown {
  const find = (inner: string | undefined): Value | undefined => {
    const name = inner?.trim() ?? '';
    const parts = apart(name);
    const lookup = parts && lookups[parts.namespace];
    const found = lookup?.(parts?.rest ?? '');
    if (lookup !== undefined && found === undefined) missing.push(name);
    return found;
  };
  const fill = (one: unknown): unknown => {
    if (typeof one === 'string') {
      if (!one.includes('${{')) return one;
      const whole = /^\$\{\{([^{}]*)\}\}$/.exec(one);
      if (whole) return find(whole[1]) ?? one;
      return one.replace(pattern, (text, inner?: string) => {
        if (text === '$${{') return pass === 'last' ? '${{' : text;
        return String(find(inner) ?? text);
      });
    }
    if (Array.isArray(one)) return one.map(fill);
    if (one !== null && typeof one === 'object')
      return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, fill(inner)]));
    return one;
  };
  return fill(value);
}

/** What a checklist's names are, as far as they can be known before it runs. */
export interface KnownNames {
  vars: readonly string[];
  /** Facts that steps declare, without those whose names depend on what is found. */
  facts: readonly string[];
  /** May some step yield this fact? */
  yielded: (name: string) => boolean;
}

/** What is wrong with an expression at a place; `elsewhere` is any place where nothing is filled in. */
export function faultOf(
  { text, name, inKey }: Expression,
  place: Place | 'elsewhere',
  known: KnownNames,
  also: readonly Place[] = [],
): { message: string; hint: string } | undefined {
  const literally = 'for the text itself write $${{ in place of ${{';
  if (name === undefined) return { message: `${text} is not an expression`, hint: `write \${{ NAME }}; ${literally}` };
  if (inKey)
    return { message: `${text} is in a key, where nothing is filled in`, hint: `write the key out; ${literally}` };
  const parts = apart(name);
  const own: Namespace | undefined = parts && namespaces[parts.namespace];
  const stands = (at: Place): boolean => own === undefined || own.places.includes(at);
  if (place === 'elsewhere' || ![place, ...also].some(stands))
    return {
      message: `${text} is not put in here`,
      hint: own?.instead ?? 'expressions are put in below `with` and `stack` only',
    };
  const exists =
    parts !== undefined &&
    (parts.namespace !== 'vars' || known.vars.includes(parts.rest)) &&
    (parts.namespace !== 'secrets' || /^[A-Za-z_][A-Za-z0-9_]*$/.test(parts.rest)) &&
    (parts.namespace !== 'facts' || known.yielded(parts.rest));
  if (exists) return undefined;
  const meant = likely(name, place, known);
  return {
    message: parts?.namespace === 'facts' ? `no step yields ${name}` : `nothing is called ${name}`,
    hint: meant === undefined ? `here may stand ${formsAt(place)}; ${literally}` : `did you mean ${meant}?`,
  };
}

const formsAt = (place: Place): string =>
  Object.values(namespaces)
    .filter((one: Namespace) => one.places.includes(place))
    .map((one) => one.form)
    .join(', ');

/** The name that was probably meant: with its namespace, or where that was left out. */
function likely(name: string, place: Place, { vars, facts }: KnownNames): string | undefined {
  const at = (namespace: NamespaceName): boolean => (namespaces[namespace].places as readonly Place[]).includes(place);
  const full = [
    ...vars.map((one) => `vars.${one}`),
    ...(at('facts') ? facts.map((one) => `facts.${one}`) : []),
    ...(['run.id', 'target', 'dir'] as const).filter(at),
  ];
  const bare = new Map(full.map((one) => [one.slice(one.indexOf('.') + 1), one]));
  const short = suggest(name.replace(/^(?:vars|facts)\./, ''), bare.keys());
  if (name.startsWith('run.') && at('run.id')) return 'run.id';
  return suggest(name, full) ?? (short === undefined ? undefined : bare.get(short));
}

/** The pattern of what an unfilled text becomes once it is filled in, anything in the place of each expression. */
export function filledPattern(text: string): RegExp | undefined {
  if (!text.includes('${{')) return undefined;
  let source = '';
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    source += escapeRegex(text.slice(at, match.index)) + (match[0] === '$${{' ? escapeRegex('${{') : '[^]*');
    at = match.index + match[0].length;
  }
  return new RegExp(`^${source}${escapeRegex(text.slice(at))}$`);
}

/** docs/expressions.md */
export function expressionsPage(): string {
  const row = (one: Namespace): string =>
    `| \`\${{ ${one.form} }}\` | ${one.places.map((place) => `\`${place}\``).join(', ')} | ${one.when} | ${one.what} |`;
  return `# Expressions

Made by \`npm run gen\` from \`src/core/expressions.ts\`; do not edit.

An expression stands in a string of a checklist, and a value is put in its place. A string that is one expression and nothing else takes the value's type, so that \`\${{ vars.limit }}\` can be a number.

| expression | where | when it is put in | what it is |
|---|---|---|---|
${Object.values(namespaces).map(row).join('\n')}

\`with\` is below \`with:\` of a step, \`headers\` below \`headers\` or \`body\` there, \`requests\` below \`requests\` of an \`http/request\`, \`stack\` below \`stack:\`, and \`stack.processes\` below that. Nowhere else is anything put in, nor in the keys of a mapping.

\`verify lint\` refuses (65) every name that does not exist, every name in a place where it is not put in, and every \`\${{\` that is not an expression. So nothing that was meant to be put in stays as literal text and is compared with.

For the text \`\${{\` itself, as in a workflow of GitHub, write \`$\${{\`.
`;
}
