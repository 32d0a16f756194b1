import { escapeRegex } from '../core/patterns.ts';
import { valueOf } from '../formats/documents/number-ties.ts';
import { secondsOf } from './spoken.ts';

/** What a source or a document gives a setting: a figure with what its unit measures, a switch, or a word. */
export type Value =
  | { number: number; of?: 'time' | 'bytes' | 'percent' }
  | { switch: boolean }
  | { word: string; port?: string };
/** Where a value stands, and how it is written there. */
export interface Default {
  file: string;
  text: string;
  value: Value;
}

const seconds: Record<string, number> = {
  nanos: 1e-9,
  nanosecond: 1e-9,
  micros: 1e-6,
  microsecond: 1e-6,
  millis: 1e-3,
  millisecond: 1e-3,
  secs: 1,
  second: 1,
  seconds: 1,
  mins: 60,
  minute: 60,
  minutes: 60,
  hour: 3600,
  hours: 3600,
  days: 86_400,
};
const switches: Record<string, boolean> = {
  true: true,
  on: true,
  yes: true,
  enabled: true,
  false: false,
  off: false,
  no: false,
  disabled: false,
};
/** What stands in the place of a value, and is none. */
const noValue =
  /^(?:none|null|nil|unset|empty|auto\w*|required?|optional|n\/a|default|undefined|varies|see|same|""|''|\[\]|\{\}|-+|—|–)$/i;

/** The value of a text of a document, or of a literal of a source. */
export function saidValue(raw: string): Value | undefined {
  const text = raw
    .trim()
    .replace(/^["'`]+|["'`]+$/g, '')
    .trim();
  const lower = text.toLowerCase();
  if (Object.hasOwn(switches, lower)) return { switch: switches[lower] === true };
  if (text === '' || noValue.test(text)) return undefined;
  const time = secondsOf(text.replace(/µs|microseconds?|\bus\b/g, 'ms'));
  if (time !== undefined) return { number: /µs|microsecond|\dus\b/.test(text) ? time / 1000 : time, of: 'time' };
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s?([KMGT])i?B?$/i.exec(text) ?? [];
  if (unit !== '') return { number: Number(digits) * 1024 ** (1 + 'KMGT'.indexOf(unit.toUpperCase())), of: 'bytes' };
  const share = /^(\d+(?:\.\d+)?)\s?%$/.exec(text)?.[1];
  if (share !== undefined) return { number: Number(share), of: 'percent' };
  if (/^-?\d[\d_,]*(?:\.\d+)?$/.test(text)) return { number: Number(text.replace(/[_,]/g, '')) };
  const number = valueOf(text);
  if (Number.isFinite(number)) return { number };
  if (!/^[\w./:@%-]{1,60}$/.test(text)) return undefined;
  if (text.includes('@')) return undefined;
  const port = /^(?:https?:\/\/)?[\w.%-]*:(\d{2,5})(?:\/|$)/.exec(text)?.[1];
  return { word: lower.replace('localhost', '127.0.0.1'), ...(port !== undefined && { port }) };
}

/** The value of an expression of a source: literals, products, lengths of time. `constant` gives what a name stands for. */
export function valueIn(expr: string, constant: (name: string) => Value | undefined): Value | undefined {
  const text = expr
    .trim()
    .replace(/^Some\((.*)\)$/s, '$1')
    .replace(/^(?:String::from|PathBuf::from|Path|str|int|float|Field|Number|parseInt)\((.*?)(?:,\s*\d+)?\)$/s, '$1')
    .replace(/\.(?:to_string|to_owned|into|to_path_buf|parse)\(\)(?:\.unwrap\(\))?$/, '')
    .replace(/\s+as\s+\w+$/, '')
    .trim();
  const quoted = /^&?(?:r|f|b)?(["'`])([^"'`]*)\1$/.exec(text)?.[2] ?? /^fmt\.Sprintf\("%s(:\d+)"/.exec(text)?.[1];
  if (quoted !== undefined) return saidValue(quoted);
  if (/^(?:true|false|True|False)$/.test(text)) return { switch: /true/i.test(text) };
  const span =
    /^(?:\w+::)*Duration::from_(\w+)\(\s*([\d_.]+)\s*\)$/.exec(text) ??
    /^(?:datetime\.)?timedelta\(\s*(\w+)\s*=\s*([\d_.]+)\s*\)$/.exec(text);
  if (span) {
    const unit = seconds[span[1] ?? ''];
    return unit === undefined ? undefined : { number: Number((span[2] ?? '').replaceAll('_', '')) * unit, of: 'time' };
  }
  const shift = /^(\d+)\s*<<\s*(\d+)$/.exec(text);
  if (shift) return { number: Number(shift[1]) * 2 ** Number(shift[2]) };
  let product = 1;
  let isTime = false;
  for (const part of text.split('*')) {
    const one = part.trim();
    const unit = /^time\.(\w+?)s?$/.exec(one)?.[1]?.toLowerCase();
    if (unit !== undefined && seconds[unit] !== undefined) {
      product *= seconds[unit];
      isTime = true;
    } else if (/^-?\d[\d_]*(?:\.\d+)?(?:_?[uif]\d+|usize)?$/.test(one))
      product *= Number(one.replace(/_?(?:[uif]\d+|usize)$/, '').replaceAll('_', ''));
    else if (/^[A-Za-z_][\w:.]*$/.test(one) && text === one) return constant(one.split(/::|\./).at(-1) ?? one);
    else return undefined;
  }
  return { number: product, ...(isTime && { of: 'time' as const }) };
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b));
/** What a figure without a unit may be counted in. */
const unitsOf = {
  time: [1e-9, 1e-6, 1e-3, 1, 60, 3600, 86_400],
  bytes: [1, 1000, 1e6, 1e9, 1024, 1024 ** 2, 1024 ** 3],
  percent: [1, 100],
};

/** Do the two values say something else? Undefined where they cannot be held against one another. */
export function valuesDiffer(a: Value, b: Value): boolean | undefined {
  if ('switch' in a || 'switch' in b) return 'switch' in a && 'switch' in b ? a.switch !== b.switch : undefined;
  if ('number' in a && 'number' in b) {
    if (a.of === b.of) return !near(a.number, b.number);
    if (a.of !== undefined && b.of !== undefined) return undefined;
    const [plain, unit] = a.of === undefined ? [a, b] : [b, a];
    // Kilobytes of a thousand and of 1024 are not told apart.
    const readings = unit.of !== 'bytes' ? [unit.number] : [0, 1, 2, 3].map((n) => unit.number * (1000 / 1024) ** n);
    return !unitsOf[unit.of ?? 'bytes'].some((one) => readings.some((reading) => near(plain.number * one, reading)));
  }
  if ('word' in a && 'word' in b) {
    if (a.word === b.word) return false;
    if (a.port !== undefined && b.port !== undefined) return a.port !== b.port;
    const [x, y] = [a.word, b.word].map((one) => one.replace(/^\.\/|\/$/g, ''));
    return x !== y && ![`${x}`.endsWith(`/${y}`), `${y}`.endsWith(`/${x}`)].includes(true);
  }
  const [figure, word] =
    'number' in a ? [a, b as { port?: string }] : [b as { number: number }, a as { port?: string }];
  return word.port === undefined ? undefined : Number(word.port) !== figure.number;
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
function restOfCall(text: string, at: number): string {
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
  const name = escapeRegex(flag ?? wanted);
  const found: string[] = [];
  if (flag !== undefined) {
    const field = name.replaceAll('-', '_');
    if (isRust) {
      const own = attributesOf(text, field).filter((one) => !/\blong\s*[=(]\s*"/.test(one));
      const named = [
        ...text.matchAll(
          new RegExp(
            String.raw`#\[(?:arg|clap|structopt)\(([^\n]*\blong\s*[=(]\s*"${name}"(?:[^\[\]]|\[[^\]]*\])*)\]`,
            'g',
          ),
        ),
      ].map(([, one = '']) => one);
      found.push(...[...own, ...named].flatMap(ofAttribute));
      found.push(
        ...[...text.matchAll(new RegExp(String.raw`\.long\(\s*"${name}"\s*\)([^;]{0,300})`, 'g'))].flatMap(
          ([, rest = '']) => behind(rest.split('Arg::new')[0] ?? '', String.raw`\.default_value\(\s*`),
        ),
      );
      return found;
    }
    return [
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
  }
  if (/^[A-Z][A-Z0-9_]*_[A-Z0-9_]+$|^[a-z]+[A-Z]\w*$|^[A-Z][A-Z0-9]{3,}$/.test(wanted))
    found.push(
      ...behind(
        text,
        String.raw`(?:\b(?:const|static|let|var|final|val|readonly)\s+(?:[\w<>]+\s+)?|^\s*)${name}\s*(?::\s*[&'\w<>:]+\s*)?(?:\s\w+\s*)?=(?!=)\s*(?:\n\s*)?`,
      ),
    );
  if (/^[A-Z][A-Z0-9_]*$/.test(wanted)) {
    if (isRust)
      found.push(
        ...attributesOf(text, name.toLowerCase())
          .filter((one) => /#\[(?:arg|clap)\([^\]]*\benv\b\s*(?!\s*=)/.test(one))
          .flatMap(ofAttribute),
      );
    found.push(
      ...behind(
        text,
        String.raw`\b(?:get_?env\w*|environ\.get|env\.get|env_?or\w*|env\w*|config)\(\s*(?:\w+,\s*)?["']${name}["']\s*,\s*`.replace(
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
  const key = escapeRegex(wanted.split('.').at(-1) ?? wanted);
  if (isRust) {
    for (const attributes of attributesOf(text, key)) {
      const maker = /\bdefault\s*=\s*"([\w:]+?)(?:::<\s*\{?\s*([\w:]+)\s*\}?\s*>)?"/.exec(attributes);
      const made = maker?.[2] ?? maker?.[1]?.split('::').at(-1);
      if (maker && made !== undefined) found.push(maker[2] === undefined ? `${made}()` : made);
    }
    for (const { index } of text.matchAll(/\bimpl Default for \w+/g)) {
      const end = text.indexOf('\n}', index);
      found.push(...behind(text.slice(index, end < 0 ? undefined : end), String.raw`(?<![\w.])${key}\s*:\s*`));
    }
    return found;
  }
  return [
    ...found,
    ...behind(text, String.raw`^[ \t]+${key}\s*:\s*[\w\[\], |.]+=\s*`).map(
      (one) => /^Field\(\s*(?:default\s*=\s*)?([^,)]*)/.exec(one)?.[1] ?? one,
    ),
    ...behind(text, String.raw`\bSetDefault\(\s*["'](?:[\w.]+\.)?${key}["']\s*,\s*`),
    ...behind(text, String.raw`\bSetDefault\(\s*&[\w.]+\.${key}\s*,\s*(?!\w*[eE]nv|os\.)`),
    ...behind(text, String.raw`\b${key}\s*:\s*z\.[^\n]*?\.default\(\s*`),
  ];
}

const isTest =
  /(?:^|\/)(?:tests?|testdata|fixtures?|examples?|benches|e2e|samples?)\/|(?:^|\/)test_\w+\.py$|[._-](?:test|spec|example|sample)\.|_test\.\w+$/;
const code = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|php|proto)$/;

/** What the sources give a setting by its name, each value once for a file. */
export function defaultsOf(texts: ReadonlyMap<string, string>, wanted: string, only?: string): Default[] {
  const token = wanted.replace(/^-+/, '').split('.').at(-1) ?? wanted;
  const snake = token.replaceAll('-', '_');
  const found: Default[] = [];
  for (const [file, text] of texts) {
    if (only === undefined ? !code.test(file) || isTest.test(file) : file !== only) continue;
    const isRust = file.endsWith('.rs');
    if (!text.includes(token) && !text.includes(snake) && !(isRust && text.includes(snake.toLowerCase()))) continue;
    for (const expr of expressionsOf(text, wanted, isRust)) {
      const value = valueIn(expr, (name) => constantOf(texts, name)) ?? madeBy(texts, expr);
      // What a variable of a function is set to is no setting.
      if (value && !('word' in value && /^[a-z]+[A-Z]/.test(wanted)))
        found.push({ file, text: expr.trim().replace(/\s+/g, ' '), value });
    }
  }
  return found;
}

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
  if (!/^[A-Z][A-Z0-9_]+$|^[a-z]+[A-Z]\w*$|^[A-Z][a-z]\w+$/.test(name)) return undefined;
  const found: Value[] = [];
  for (const [file, text] of texts) {
    if (!code.test(file) || isTest.test(file) || !text.includes(name)) continue;
    for (const expr of behind(
      text,
      String.raw`(?:\b(?:const|static|let|var|final|val)\s+(?:[\w<>]+\s+)?|^\s*)${name}\s*(?::\s*[&'\w<>:]+\s*)?(?:\s\w+\s*)?=(?!=)\s*(?:\n\s*)?`,
    )) {
      const value = valueIn(expr, () => undefined);
      if (value) found.push(value);
    }
  }
  const [first] = found;
  return first && found.every((one) => valuesDiffer(one, first) === false) ? first : undefined;
}
