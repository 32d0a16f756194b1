/** A secret as programs print it: texts to be found as they stand, and base64 that may be broken into lines. */
export interface Forms {
  exact: Set<string>;
  wrapped: Set<string>;
}

const jsonText = (text: string): string => JSON.stringify(text).slice(1, -1);
const toLowerHex = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (one) => one.toLowerCase());

/** `encodeURIComponent`, and what others make of the same: slashes kept, blanks as `+`, all but letters and digits encoded. */
function percentForms(value: string): string[] {
  let loose: string;
  try {
    loose = encodeURIComponent(value);
  } catch {
    return []; // half of a surrogate pair
  }
  const strict = loose.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return [loose, strict, encodeURI(value)]
    .flatMap((one) => [one, one.replaceAll('%2F', '/'), one.replaceAll('%20', '+'), one.replaceAll('%7E', '~')])
    .flatMap((one) => [one, toLowerHex(one)]);
}

/** Programs that encode in several steps write the letters of some escapes small and of others not. */
function mixedCase(value: string): string[] {
  const [loose = ''] = percentForms(value);
  const escapes = [...new Set(loose.match(/%(?:[0-9][A-F]|[A-F][0-9A-F])/g))];
  if (escapes.length > 5) return [];
  return escapes.reduce(
    (forms, one) => [...forms, ...forms.map((form) => form.replaceAll(one, one.toLowerCase()))],
    [loose],
  );
}

function markupForms(value: string): string[] {
  const base = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quotes = ['"', '&quot;', '&#34;', '&#x22;'];
  return quotes.flatMap((double) =>
    ["'", '&#39;', '&#x27;', '&apos;', '&#039;'].map((single) => base.replaceAll('"', double).replaceAll("'", single)),
  );
}

/** The part of each of the three base64 alignments that does not depend on the neighbours. */
function base64Forms(value: string): string[] {
  const forms: string[] = [];
  for (let shift = 0; shift < 3; shift++) {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]).toString('base64');
    const from = shift === 0 ? 0 : shift + 1;
    const stable = encoded.replace(/=+$/, '').slice(from, encoded.includes('=') ? -1 : undefined);
    if (stable.length >= 6) forms.push(stable, stable.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

/** Every character or byte written as its number, and what is encoded twice. */
function byteForms(value: string): string[] {
  const bytes = [...Buffer.from(value)].map((byte) => byte.toString(16).padStart(2, '0'));
  const upper = bytes.map((byte) => byte.toUpperCase());
  const chars = Array.from(value, (char) => char.codePointAt(0) ?? 0);
  const hex = bytes.join('');
  const wide = Buffer.from(value, 'utf16le').toString('base64').replace(/=+$/, '');
  const twice = Buffer.from(Buffer.from(value).toString('base64')).toString('base64').replace(/=+$/, '');
  return [
    bytes.map((byte) => `%${byte}`).join(''),
    upper.map((byte) => `%${byte}`).join(''),
    ...percentForms(value).flatMap((one) => percentForms(one)),
    ...[' ', ':'].flatMap((by) => [bytes.join(by), upper.join(by)]),
    hex.replace(/(.{4})(?!$)/g, '$1 '),
    chars.map((code) => `\\u${code.toString(16).padStart(4, '0')}`).join(''),
    chars.map((code) => `&#${code};`).join(''),
    chars.map((code) => `&#x${code.toString(16)};`).join(''),
    [...Buffer.from(value)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    value.replaceAll('=', '=3D'),
    Array.from(value).join(' '),
    Array.from(value).join('\0'),
    wide,
    twice,
  ];
}

/** All forms of one value. */
function formsOfOne(value: string, forms: Forms): void {
  const hex = Buffer.from(value).toString('hex');
  const ascii = value.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const once = [
    value,
    ...percentForms(value),
    ...mixedCase(value),
    ...markupForms(value),
    value.replace(/[^A-Za-z0-9_@%+=:,./\u0080-\uffff-]/g, String.raw`\$&`),
    value.replaceAll("'", String.raw`'\''`),
    hex,
    hex.toUpperCase(),
    hex.replace(/../g, String.raw`\x$&`),
  ];
  const json = [...once, jsonText(ascii), jsonText(value).replaceAll('/', String.raw`\/`)].flatMap((one) => [
    one,
    jsonText(one),
  ]);
  for (const one of json) {
    forms.exact.add(one);
    // JSON in JSON, as in the record of a program that prints JSON.
    forms.exact.add(jsonText(one));
    forms.exact.add(jsonText(jsonText(one)));
  }
  for (const one of base64Forms(value)) forms.wrapped.add(one);
  for (const one of [hex, hex.toUpperCase()]) forms.wrapped.add(one);
  if (/^[A-Za-z0-9+/=_-]{16,}$/.test(value)) forms.wrapped.add(value);
  for (const one of byteForms(value)) forms.exact.add(one);
}

/** The forms of a secret and, where it has lines, of each line that is long enough to be told. */
export function addForms(value: string, forms: Forms): void {
  formsOfOne(value, forms);
  if (!value.includes('\n')) return;
  formsOfOne(value.trim().replaceAll('\r\n', '\n'), forms);
  formsOfOne(value.trim().replace(/\r?\n/g, '\r\n'), forms);
  for (const line of value.split('\n')) if (line.trim().length >= 16) formsOfOne(line.trim(), forms);
}

/** Base64 of at least this many characters is looked for also where it is broken into lines. */
const breakable = 8;
const window_ = 4;
const lineBreak = String.raw`(?:=?(?:\r?\n|(?:\\+r)?\\+n)[ \t]*)?`;

/** Finds a base64 text even where it is broken into lines, also as JSON escapes them. */
export class Wrapped {
  readonly text: string;
  readonly #pattern: RegExp | undefined;
  readonly #parts: string[];

  constructor(text: string) {
    this.text = text;
    this.#pattern =
      text.length < breakable
        ? undefined
        : new RegExp(
            text
              .split('')
              .map((char) => char.replace(/[+/]/, String.raw`\$&`))
              .join(lineBreak),
            'g',
          );
    // However it is broken, some of these stand whole, unless its lines are shorter than that.
    this.#parts = [];
    for (let at = 0; at + window_ <= text.length; at += window_) this.#parts.push(text.slice(at, at + window_));
  }

  replace(text: string, mark: string): string {
    const out = text.includes(this.text) ? text.replaceAll(this.text, mark) : text;
    return this.#pattern && this.#parts.some((part) => out.includes(part)) ? out.replace(this.#pattern, mark) : out;
  }
}
