import { escapeRegex } from '../core/patterns.ts';
import type { Sources } from '../repository/sources.ts';
import { once } from './reading.ts';
import { saidValue, valueIn, valuesDiffer, type Value } from './setting-values.ts';

/** Where a value stands, and how it is written there. */
export interface Default {
  file: string;
  /** Only a comment says so. */
  comment?: true;
  text: string;
  value: Value;
}

/** The expression that begins at `at`: as far as the next comma or end at its own depth. */
function exprAt(text: string, at: number): string {
  let depth = 0;
  for (let n = at; n < Math.min(text.length, at + 160); n++) {
    const one = text[n] ?? '';
    if ('([{'.includes(one)) depth++;
    else if (')]}'.includes(one)) {
      if (--depth < 0) return text.slice(at, n);
    } else if (depth === 0 && (one === ',' || one === ';' || one === '\n')) return text.slice(at, n);
  }
  return '';
}
/** The rest of the call in which `at` stands. */
export function restOfCall(text: string, at: number): string {
  let depth = 0;
  for (let n = at; n < Math.min(text.length, at + 900); n++) {
    if ('([{'.includes(text[n] ?? '')) depth++;
    else if (')]}'.includes(text[n] ?? '') && --depth < 0) return text.slice(at, n);
  }
  return '';
}

/** Expressions that stand right behind each match. */
const behind = (text: string, pattern: string): string[] =>
  [...text.matchAll(new RegExp(pattern, 'gm'))].map((match) => exprAt(text, match.index + match[0].length));
/** Expressions behind `default` in the calls that hold the match. */
const inCalls = (text: string, pattern: string): string[] =>
  [...text.matchAll(new RegExp(pattern, 'gm'))].flatMap((match) =>
    behind(restOfCall(text, match.index + match[0].length), String.raw`\bdefault(?:_value)?\s*[=:]\s*`).slice(0, 1),
  );

/** The attributes of a field of a Rust struct, for each place where it stands. */
const attributesOf = (text: string, field: string): string[] =>
  [
    ...text.matchAll(
      new RegExp(
        String.raw`((?:^[ \t]*(?:#\[(?:[^\[\]]|\[[^\[\]]*\])*\]|\/\/[^\n]*)[ \t]*\n)+)[ \t]*(?:pub(?:\([^)]*\))?\s+)?${field}\s*:`,
        'gm',
      ),
    ),
  ].map(([, attributes = '']) => attributes);
const ofAttribute = (attributes: string): string[] => behind(attributes, String.raw`\bdefault_values?(?:_t)?\s*=\s*`);

/** Expressions that a source gives the setting `wanted`: a flag (`--x`, `-x`), a variable of the environment, a key or a constant. */
function expressionsOf(text: string, wanted: string, isRust: boolean): string[] {
  const flag = /^--?([A-Za-z][\w-]+)$/.exec(wanted)?.[1];
  if (flag !== undefined) return isRust ? rustFlag(text, escapeRegex(flag)) : flagOf(text, escapeRegex(flag));
  const name = escapeRegex(wanted);
  // The variant of an enum that is its default.
  if (isRust && /^[A-Z][a-z]/.test(wanted))
    return [...text.matchAll(new RegExp(String.raw`\benum ${name}\s*\{([^{}]*?#\[default\]\s*(\w+))`, 'g'))].map(
      ([, , one = '']) => `"${one}"`,
    );
  // Exported constants of Go begin with a capital.
  const constants = /^[A-Z][A-Z0-9_]*_[A-Z0-9_]+$|^[a-z]+[A-Z]\w*$|^[A-Z][A-Z0-9]{3,}$|^[A-Z][a-z]+[A-Z]\w*$/.test(
    wanted,
  )
    ? behind(text, constant(name, 'const|static|let|var|final|val|readonly'))
    : [];
  if (/^[A-Z][A-Z0-9_]*$/.test(wanted)) return [...constants, ...variableOf(text, name, isRust)];
  const key = escapeRegex(wanted.split('.').at(-1) ?? wanted);
  return [...constants, ...(isRust ? rustKey(text, key) : keyOf(text, key))];
}

/** What stands before the value of a constant or variable of that name. */
const constant = (name: string, words: string): string =>
  String.raw`(?:\b(?:${words})\s+(?:[\w<>]+\s+)?|^\s*)${name}\s*(?::\s*[&'\w<>:]+\s*)?(?:\s\w+\s*)?=(?!=)\s*(?:\n\s*)?`;

function rustFlag(text: string, name: string): string[] {
  const own = attributesOf(text, name.replaceAll('-', '_')).filter((one) => !/\blong\s*[=(]\s*"/.test(one));
  const named = [
    ...text.matchAll(
      new RegExp(
        String.raw`#\[(?:arg|clap|structopt)\(([^\n]*\blong\s*[=(]\s*"${name}"(?:[^\[\]]|\[[^\]]*\])*)\]`,
        'g',
      ),
    ),
  ].map(([, one = '']) => one);
  const built = [...text.matchAll(new RegExp(String.raw`\.long\(\s*"${name}"\s*\)([^;]{0,300})`, 'g'))];
  return [
    ...[...own, ...named].flatMap(ofAttribute),
    ...built.flatMap(([, rest = '']) => behind(rest.split('Arg::new')[0] ?? '', String.raw`\.default_value\(\s*`)),
  ];
}

const flagOf = (text: string, name: string): string[] =>
  [
    ...inCalls(text, String.raw`["']--${name}["']`),
    ...inCalls(text, String.raw`\.option\(\s*["']${name}["']`),
    ...behind(text, String.raw`typer\.Option\(\s*(?=[^()]*["']--${name}["'])`),
    ...behind(
      text,
      String.raw`\.(?:String|Bool|Int|Int64|Uint|Uint64|Float64|Duration)(?:Var)?P?\(\s*(?:&?[\w.()*]+,\s*)?"${name}",\s*(?:"\w?",\s*)?`,
    ),
    ...behind(text, String.raw`\.option\(\s*["'][^"'\n]*--${name}\b[^"'\n]*["']\s*,\s*["'\`][^"'\`\n]*["'\`]\s*,\s*`),
    ...behind(text, String.raw`\bName:\s*"${name}",[^{}]*?\bValue:\s*`),
    ...behind(text, String.raw`\.Flag\("${name}",[^;\n]*\.Default\(`),
  ].filter((one) => !/^\s*["'][^"']*\s[^"']*["']/.test(one));

/** A variable of the environment. */
function variableOf(text: string, name: string, isRust: boolean): string[] {
  const found: string[] = [];
  if (isRust)
    found.push(
      ...attributesOf(text, name.toLowerCase())
        .filter((one) => /#\[(?:arg|clap)\([^\]]*\benv\b\s*(?!\s*=)/.test(one))
        .flatMap(ofAttribute),
    );
  found.push(
    ...behind(
      text,
      String.raw`\b(?:get_?env\w*|environ\.get|env\.get|env_?or\w*|env\w*|config|\w+_env\w*!)\(\s*(?:\w+,\s*)?["']${name}["']\s*,\s*`.replace(
        'get_?env',
        '[gG]et_?[eE]nv',
      ),
    ),
    ...behind(text, String.raw`\bprocess\.env(?:\.${name}|\[["']${name}["']\])\s*(?:\|\||\?\?)\s*`),
    ...behind(text, String.raw`\(\s*(?:\w+,\s*)?["']${name}["']\s*\)\s*,\s*(?:\n\s*)?(?=[^\n]*\))`),
    ...behind(
      text,
      String.raw`["']${name}["']\s*\)(?:[^;\n]|\n\s*\.){0,120}?\.unwrap_or(?:_else)?\(\s*(?:\|\w*\|\s*)?`,
    ),
    // clap's builder: `Arg::new("x").env("X").default_value("y")`
    ...text
      .split(/(?=\bArg::new\(|\barg!\()/)
      .flatMap((part) =>
        new RegExp(String.raw`\.env\(\s*"${name}"\s*\)`).test(part.slice(0, 900))
          ? behind(part.slice(0, 900), String.raw`\.default_value\(\s*`).slice(0, 1)
          : [],
      ),
    ...behind(text, String.raw`\benv\s*=\s*"${name}"[^\]\n]*\bdefault_values?(?:_t)?\s*=\s*`),
    ...behind(text, String.raw`\bdefault_values?(?:_t)?\s*=\s*(?=[^\]\n]*\benv\s*=\s*"${name}")`),
    ...[
      ...text.matchAll(
        new RegExp(String.raw`env:"${name}[",][^\`\n]*?\b(?:envDefault|default|env-default):("[^"\n]*")`, 'g'),
      ),
    ].map(([, one = '']) => one),
  );
  return found;
}

function rustKey(text: string, key: string): string[] {
  const found = behind(text, String.raw`\.${key}(?:\.(?:clone|as_deref|as_ref)\(\))*\s*\.unwrap_or\(\s*`);
  for (const attributes of attributesOf(text, key)) {
    const maker = /\bdefault\s*=\s*"([\w:]+?)(?:::<\s*\{?\s*([\w:]+)\s*\}?\s*>)?"/.exec(attributes);
    const made = maker?.[2] ?? maker?.[1]?.split('::').at(-1);
    const own = maker?.[2] === undefined ? bodyIn(text, maker?.[1] ?? '') : undefined;
    if (own !== undefined) found.push(own);
    else if (maker && made !== undefined) found.push(maker[2] === undefined ? `${made}()` : made);
  }
  for (const { index } of text.matchAll(/\bimpl Default for \w+/g)) {
    const end = text.indexOf('\n}', index);
    found.push(...behind(text.slice(index, end < 0 ? undefined : end), String.raw`(?<![\w.])${key}\s*:\s*`));
  }
  return found;
}

const keyOf = (text: string, key: string): string[] => [
  ...behind(text, String.raw`^[ \t]+${key}\s*:\s*[\w\[\], |.]+=\s*`).map(
    (one) => /^Field\(\s*(?:default\s*=\s*)?([^,)]*)/.exec(one)?.[1] ?? one,
  ),
  ...behind(text, String.raw`\bSetDefault\(\s*["'](?:[\w.]+\.)?${key}["']\s*,\s*`),
  ...behind(text, String.raw`\bSetDefault\(\s*&[\w.]+\.${key}\s*,\s*(?!\w*[eE]nv|os\.)`),
  ...behind(text, String.raw`\b${key}\s*:\s*z\.[^\n]*?\.default\(\s*`),
];

const isTest =
  /(?:^|\/)(?:tests?|testdata|fixtures?|examples?|benches|e2e|samples?)\/|(?:^|\/)test_\w+\.py$|[._-](?:test|spec|example|sample)\.|_test\.\w+$/;
export const code = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|php|proto)$/;

const ownCode = once(async (sources) => [...(await sources.matching(code))].filter(([file]) => !isTest.test(file)));

/** What the sources give a setting by its name, each value once for a file. */
export async function defaultsOf(sources: Sources, wanted: string, only?: string): Promise<Default[]> {
  const token = wanted.replace(/^-+/, '').split('.').at(-1) ?? wanted;
  const snake = token.replaceAll('-', '_');
  const texts = await sources.texts();
  const asked = only === undefined ? await ownCode(sources) : [[only, texts.get(only) ?? ''] as const];
  // Fields of Rust are written small.
  const forms = [...new Set([token, snake, snake.toLowerCase()])];
  const written = await Promise.all(forms.map((form) => sources.containText(form)));
  const found: Default[] = [];
  for (const [file, text] of written.includes(true) ? asked : []) {
    const isRust = file.endsWith('.rs');
    if (!forms.some((form) => text.includes(form))) continue;
    for (const expr of expressionsOf(text, wanted, isRust)) {
      const value = valueIn(expr, (name) => constantOf(texts, name)) ?? madeBy(texts, expr);
      // What a variable of a function is set to is no setting, and `X = Settings.X` hands on another's value.
      if (new RegExp(`\\.${escapeRegex(snake)}$`).test(expr.trim())) continue;
      if (value && !('word' in value && /^[a-z]+[A-Z]/.test(wanted)))
        found.push({ file, text: expr.trim().replace(/\s+/g, ' '), value });
    }
    if (isRust && /^[a-z]\w*_\w+$/.test(snake) && !found.some((one) => one.file === file))
      for (const expr of ofComment(text, snake)) {
        const value = saidValue(expr);
        if (value) found.push({ file, text: expr, value, comment: true });
      }
  }
  return found;
}

/** What `Type::function` of the same file gives, where it is one expression. */
function bodyIn(text: string, path: string): string | undefined {
  const [type, name] = path.split('::').slice(-2);
  const from = name === undefined ? -1 : text.search(new RegExp(`^impl(?:<[^>]*>)? ${type ?? ''}\\b`, 'm'));
  if (from < 0) return undefined;
  const body = new RegExp(String.raw`\bfn ${name}\s*\(\)\s*->[^{]+\{\s*([^{};]+?)\s*\}`).exec(text.slice(from))?.[1];
  return body;
}

/** "/// Default: 5 seconds" above a field. */
const ofComment = (text: string, field: string): string[] =>
  attributesOf(text, field).flatMap((attributes) =>
    [
      ...attributes.matchAll(
        /^\s*\/\/\/?\s*defaults?(?: to)?\s*[:=]?\s*[`"]?([\w./-]+(?: (?:seconds?|minutes?|hours?|days?|ms|[KMG]i?B)\b)?)/gim,
      ),
    ].map(([, one = '']) => one.replace(/\.+$/, '')),
  );

/** What the one function of that name gives: `default_port()`. */
function madeBy(texts: ReadonlyMap<string, string>, expr: string): Value | undefined {
  const name = /^(\w+)\(\)$/.exec(expr.trim())?.[1];
  if (name === undefined) return undefined;
  const bodies = new Set<string>();
  for (const [file, text] of texts)
    if (file.endsWith('.rs') && text.includes(`fn ${name}`))
      for (const [, body = ''] of text.matchAll(
        new RegExp(String.raw`\bfn ${name}\s*\(\)\s*->[^{]+\{\s*([^{};]+?)\s*\}`, 'g'),
      ))
        bodies.add(body);
  const [body] = bodies;
  return body === undefined || bodies.size !== 1 ? undefined : valueIn(body, (one) => constantOf(texts, one));
}

/** What a constant stands for, where all that are called so are the same. */
function constantOf(texts: ReadonlyMap<string, string>, name: string): Value | undefined {
  if (!/^[A-Z][A-Z0-9_]+$|^[a-z]+[A-Z]\w*$|^[A-Z][a-z]\w+$/.test(name) || /^(?:None|True|False|Self)$/.test(name))
    return undefined;
  const found: Value[] = [];
  for (const [file, text] of texts) {
    if (!code.test(file) || isTest.test(file) || !text.includes(name)) continue;
    for (const expr of behind(text, constant(name, 'const|static|let|var|final|val'))) {
      const value = valueIn(expr, () => undefined);
      if (value) found.push(value);
    }
  }
  const [first] = found;
  return first && found.every((one) => valuesDiffer(one, first) === false) ? first : undefined;
}
