import { valueOf } from '../formats/documents/number-ties.ts';
import { secondsOf } from './reading.ts';

/** What a source or a document gives a setting: a figure with what its unit measures, a switch, or a word. */
export type Value =
  | { number: number; of?: 'time' | 'bytes' | 'percent' }
  | { switch: boolean }
  | { word: string; port?: string };
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
  const size = /^(?:\w+::)*ByteSize::(b|[kmgt]i?b)\(\s*([\d_]+)\s*\)$/.exec(text);
  if (size)
    return saidValue(`${(size[2] ?? '').replaceAll('_', '')} ${(size[1] ?? '').toUpperCase().replace('I', 'i')}`);
  // A value that a type checks: `NonZeroU64::new(30).unwrap()`, `Wait::try_from("10s".to_string()).unwrap()`.
  const checked =
    /^(?:\w+::)*(?:NonZero\w+::new|\w+::try_from|\w+::from_str)\((.*)\)\.(?:unwrap|expect)\([^)]*\)$/.exec(text);
  if (checked) return valueIn(checked[1] ?? '', constant);
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
