/** Values as Grafana writes them, and its colours. Source: grafana-data's valueFormats and its colour palette. */

type Scale = [factor: number, suffix: string][];
const decimal = (unit: string): Scale =>
  ['', 'k', 'M', 'G', 'T', 'P'].map((prefix, n) => [1000 ** n, ` ${prefix}${unit}`]);
const binary = (unit: string): Scale =>
  ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'].map((prefix, n) => [1024 ** n, ` ${prefix}${unit}`]);
const counts = (unit: string): Scale => [
  [1, unit],
  [1e3, ` K${unit}`],
  [1e6, ` Mil${unit}`],
  [1e9, ` Bil${unit}`],
  [1e12, ` Tri${unit}`],
];
const seconds: Scale = [
  [1e-9, ' ns'],
  [1e-6, ' µs'],
  [1e-3, ' ms'],
  [1, ' s'],
  [60, ' min'],
  [3600, ' hours'],
  [86_400, ' days'],
  [604_800, ' weeks'],
  [31_536_000, ' years'],
];
const inSeconds = (factor: number): Scale => seconds.map(([at, suffix]) => [at / factor, suffix]);

const scales: Record<string, Scale> = {
  short: counts(''),
  ops: counts(' ops/s'),
  reqps: counts(' req/s'),
  rps: counts(' rd/s'),
  wps: counts(' wr/s'),
  iops: counts(' io/s'),
  cps: counts(' c/s'),
  eps: counts(' evt/s'),
  mps: counts(' msg/s'),
  opm: counts(' ops/min'),
  s: seconds,
  ms: inSeconds(1e-3),
  µs: inSeconds(1e-6),
  us: inSeconds(1e-6),
  ns: inSeconds(1e-9),
  m: inSeconds(60),
  h: inSeconds(3600),
  d: inSeconds(86_400),
  bytes: binary('B'),
  kbytes: binary('B')
    .slice(1)
    .map(([at, suffix]) => [at / 1024, suffix]),
  mbytes: binary('B')
    .slice(2)
    .map(([at, suffix]) => [at / 1024 ** 2, suffix]),
  decbytes: decimal('B'),
  deckbytes: decimal('B')
    .slice(1)
    .map(([at, suffix]) => [at / 1000, suffix]),
  bits: binary('b'),
  decbits: decimal('b'),
  Bps: decimal('B/s'),
  binBps: binary('B/s'),
  bps: decimal('b/s'),
  binbps: binary('b/s'),
  hertz: decimal('Hz'),
  watt: decimal('W'),
  joule: decimal('J'),
};
const plain: Record<string, [before: string, after: string, factor: number]> = {
  percent: ['', '%', 1],
  percentunit: ['', '%', 100],
  celsius: ['', ' °C', 1],
  fahrenheit: ['', ' °F', 1],
  currencyUSD: ['$', '', 1],
  currencyEUR: ['€', '', 1],
  currencyGBP: ['£', '', 1],
};

/** As many decimals as tell the value apart, at most three figures after the first. */
function fixed(value: number, decimals: number | undefined): string {
  if (decimals !== undefined) return value.toFixed(Math.min(20, Math.max(0, decimals)));
  if (value === 0 || Number.isInteger(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return String(Number(value.toFixed(Math.min(12, digits))));
}

/** @param decimals of the panel; without it, what the value needs */
export function formatValue(value: number | null | undefined, unit: string, decimals?: number): string {
  if (value === null || value === undefined) return '–';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const custom = /^(suffix|prefix):(.*)$/.exec(unit);
  if (custom) {
    const [, kind, affix = ''] = custom;
    return kind === 'prefix' ? `${affix}${fixed(value, decimals)}` : `${fixed(value, decimals)} ${affix}`;
  }
  if (unit.startsWith('bool')) return value === 0 ? 'False' : 'True';
  if (unit.startsWith('dateTime')) return new Date(value).toISOString().replace('T', ' ').slice(0, 19);
  const affixes = plain[unit];
  if (affixes) return `${affixes[0]}${fixed(value * affixes[2], decimals)}${affixes[1]}`;
  const scale = scales[unit];
  if (!scale)
    return `${fixed(value, decimals)}${unit === '' || unit === 'none' || unit === 'string' ? '' : ` ${unit}`}`;
  const size = Math.abs(value);
  const base = unit === 'short' || scale[0]?.[0] === 1 ? 0 : scale.findIndex(([at]) => at === 1);
  const zero = size === 0 ? scale[base] : undefined;
  const [factor, suffix] = zero ?? scale.findLast(([at]) => size >= at) ?? scale[0] ?? [1, ''];
  return `${fixed(value / factor, decimals)}${suffix}`;
}

/** Colours of series, in turn. */
export const palette =
  '#73BF69 #F2CC0C #5794F2 #FF780A #F2495C #8AB8FF #B877D9 #37872D #FADE2A #447EBC #C15C17 #890F02'.split(' ');

const shades: Record<string, string> = {
  green: '#73BF69',
  'dark-green': '#37872D',
  'semi-dark-green': '#56A64B',
  'light-green': '#96D98D',
  'super-light-green': '#C8F2C2',
  yellow: '#FADE2A',
  'dark-yellow': '#E0B400',
  'semi-dark-yellow': '#F2CC0C',
  'light-yellow': '#FFEE52',
  red: '#F2495C',
  'dark-red': '#C4162A',
  'semi-dark-red': '#E02F44',
  'light-red': '#FF7383',
  blue: '#5794F2',
  'dark-blue': '#1F60C4',
  'semi-dark-blue': '#3274D9',
  'light-blue': '#8AB8FF',
  orange: '#FF9830',
  'dark-orange': '#FA6400',
  'semi-dark-orange': '#FF780A',
  'light-orange': '#FFB357',
  purple: '#B877D9',
  'dark-purple': '#8F3BB8',
  'semi-dark-purple': '#A352CC',
  'light-purple': '#CA95E5',
  transparent: 'rgba(0,0,0,0)',
  text: '#8e9299',
};

/** A colour by Grafana's name for it, or as it is where it is a plain CSS colour; anything else is grey. */
export const colorOf = (name: string): string =>
  shades[name] ?? (/^#[0-9a-f]{3,8}$|^rgba?\([\d\s,.%]+\)$/i.test(name) ? name : '#8e9299');
