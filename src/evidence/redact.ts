import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const secretName = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|PRIVATE_?KEY|CREDENTIALS?|COOKIE|AUTH)$/i;
const mark = '[redacted]';

/** Does the variable's name say that it holds a secret? */
export const isSecretName = (name: string): boolean => secretName.test(name);

/** Takes known secret values out of text and files, in the encodings in which programs print them. */
export class Redactor {
  #needles: string[] = [];
  /** The needles as their UTF-8 bytes read when a file is taken as Latin-1, which keeps every byte as it is. */
  #bytes: string[] = [];

  /** @param values secrets; those under 4 characters are left alone, since they would blacken everything */
  constructor(values: Iterable<string>) {
    this.add(values);
  }

  /** Secrets that became known later; what was written before is cleaned when its step is sealed. */
  add(values: Iterable<string>): void {
    const needles = new Set(this.#needles);
    for (const value of values) {
      if (value.length < 4) continue;
      needles.add(value);
      needles.add(encodeURIComponent(value));
      needles.add(JSON.stringify(value).slice(1, -1));
      for (const needle of base64Forms(value)) needles.add(needle);
    }
    this.#needles = [...needles].toSorted((a, b) => b.length - a.length);
    this.#bytes = this.#needles.map((needle) => Buffer.from(needle, 'utf8').toString('latin1'));
  }

  /** The secrets of an environment: the variables named, and those whose name says so. */
  static ofEnvironment(env: NodeJS.ProcessEnv, names: Iterable<string>): Redactor {
    const named = new Set(names);
    return new Redactor(
      Object.entries(env)
        .filter(
          ([name, value]) => value !== undefined && (named.has(name) || (secretName.test(name) && value.length >= 8)),
        )
        .map(([, value]) => value ?? ''),
    );
  }

  text(input: string): string {
    let text = input;
    for (const needle of this.#needles) if (text.includes(needle)) text = text.replaceAll(needle, mark);
    return text;
  }

  /** Every string below `value`. */
  deep<T>(value: T): T {
    if (this.#needles.length === 0) return value;
    if (typeof value === 'string') return this.text(value) as T;
    if (Array.isArray(value)) return value.map((v) => this.deep(v)) as T;
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [this.text(k), this.deep(v)])) as T;
    }
    return value;
  }

  /** Rewrites the file if it holds a secret. Files above 256 MiB are blackened whole rather than read into memory. */
  file(path: string, bytes: number): void {
    if (this.#needles.length === 0 || bytes === 0 || !this.#holds(path)) return;
    if (bytes > 256 * 1024 * 1024) {
      writeFileSync(path, `${mark}: this file held a secret and was too large to clean\n`);
      return;
    }
    let text = readFileSync(path, 'latin1');
    for (const needle of this.#bytes) text = text.replaceAll(needle, mark);
    writeFileSync(path, Buffer.from(text, 'latin1'));
  }

  /** Does the file hold a secret? */
  holds(path: string): boolean {
    return this.#needles.length > 0 && this.#holds(path);
  }

  #holds(path: string): boolean {
    const needles = this.#needles.map((needle) => Buffer.from(needle, 'utf8'));
    const overlap = Math.max(...needles.map((needle) => needle.length)) - 1;
    const buffer = Buffer.allocUnsafe(256 * 1024 + overlap);
    const fd = openSync(path, 'r');
    try {
      let kept = 0;
      for (;;) {
        const read = readSync(fd, buffer, kept, buffer.length - kept, null);
        if (read === 0) return false;
        const seen = buffer.subarray(0, kept + read);
        if (needles.some((needle) => seen.includes(needle))) return true;
        kept = Math.min(overlap, seen.length);
        buffer.copyWithin(0, seen.length - kept, seen.length);
      }
    } finally {
      closeSync(fd);
    }
  }
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

const harmful =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/;
const allHarmful = new RegExp(harmful, 'g');

/**
 * Makes untrusted text harmless for terminals, logs and reports: terminal sequences, control characters (tab and newline stay)
 * and bidirectional overrides are taken out; a carriage return becomes a newline.
 */
export function neutral(text: string): string {
  // Every sequence begins with a control character, and most texts have none.
  if (!harmful.test(text)) return text;
  return stripVTControlCharacters(text).replace(/\r\n?/g, '\n').replace(allHarmful, '');
}
