import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { addForms, type Forms, Wrapped } from './encodings.ts';
import { isSecret, passwordsIn, withoutShapes } from './secret-shapes.ts';

const mark = '[redacted]';
/**
 * A password that is a plain word (`POSTGRES_PASSWORD: temporal`) is often the name of the thing itself: taken out where it stands
 * alone, not where it is a part of other names (`temporal_requests_total`, `dashboards/temporal.json`).
 */
const isWord = /^(?:[a-z]+|[A-Z][a-z]+|[A-Z]+)$/;
const wholeWord = (word: string): RegExp => new RegExp(`(?<![A-Za-z0-9_/-])${word}(?![A-Za-z0-9_/-]|\\.\\w)`, 'g');
const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/**
 * Takes secrets out of text and files: known values in the encodings in which programs print them, and what is a secret by its shape
 * (keys of providers, private keys, passwords in addresses).
 */
export class Redactor {
  readonly #forms: Forms = { exact: new Set(), wrapped: new Set() };
  #needles: string[] = [];
  #wrapped: Wrapped[] = [];
  /** The needles as their UTF-8 bytes read when a file is taken as Latin-1, which keeps every byte as it is. */
  #bytes: string[] = [];

  /** @param values secrets; those under 4 characters are left alone, since they would blacken everything */
  constructor(values: Iterable<string>) {
    this.add(values);
  }

  /** Secrets that became known later; what was written before is cleaned when its step is sealed. */
  add(values: Iterable<string>): void {
    for (const value of values) if (value.length >= 4) addForms(value, this.#forms);
    this.#needles = [...this.#forms.exact].filter((one) => one.length >= 4).toSorted((a, b) => b.length - a.length);
    this.#wrapped = [...this.#forms.wrapped].toSorted((a, b) => b.length - a.length).map((one) => new Wrapped(one));
    this.#bytes = this.#needles.map(latin1);
  }

  /** The secrets of an environment: the variables named, those whose name says so, and passwords in addresses. */
  static ofEnvironment(env: Readonly<Record<string, string | undefined>>, names: Iterable<string>): Redactor {
    return new Redactor(secretsOfVariables(env, names));
  }

  text(input: string): string {
    return this.#without(input, this.#needles);
  }

  #without(input: string, needles: readonly string[]): string {
    let text = input;
    for (const needle of needles)
      if (text.includes(needle)) text = text.replaceAll(isWord.test(needle) ? wholeWord(needle) : needle, mark);
    for (const one of this.#wrapped) text = one.replace(text, mark);
    return withoutShapes(text, mark);
  }

  /** Every string below `value`. */
  deep<T>(value: T): T {
    if (typeof value === 'string') return this.text(value) as T;
    if (Array.isArray(value)) return value.map((v) => this.deep(v)) as T;
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [this.text(k), this.deep(v)])) as T;
    }
    return value;
  }

  /** Rewrites the file if it holds a secret. Files above 256 MiB are blackened whole rather than read into memory. */
  file(path: string, bytes: number): void {
    if (bytes === 0 || !this.#holds(path)) return;
    if (bytes > 256 * 1024 * 1024) {
      writeFileSync(path, `${mark}: this file held a secret and was too large to clean\n`);
      return;
    }
    writeFileSync(path, Buffer.from(this.#without(readFileSync(path, 'latin1'), this.#bytes), 'latin1'));
  }

  /** Does the file hold a secret? */
  holds(path: string): boolean {
    return this.#holds(path);
  }

  #holds(path: string): boolean {
    const overlap = Math.max(4096, ...this.#bytes.map((needle) => needle.length * 2)) - 1;
    const buffer = Buffer.allocUnsafe(256 * 1024 + overlap);
    const fd = openSync(path, 'r');
    try {
      let kept = 0;
      for (;;) {
        const read = readSync(fd, buffer, kept, buffer.length - kept, null);
        if (read === 0) return false;
        const seen = buffer.subarray(0, kept + read).toString('latin1');
        if (this.#without(seen, this.#bytes) !== seen) return true;
        kept = Math.min(overlap, seen.length);
        buffer.copyWithin(0, seen.length - kept, seen.length);
      }
    } finally {
      closeSync(fd);
    }
  }
}

/** The values of variables that are secrets: those named, those whose name says so, and passwords in addresses. */
export function secretsOfVariables(
  env: Readonly<Record<string, string | undefined>>,
  names: Iterable<string> = [],
): string[] {
  const named = new Set(names);
  return Object.entries(env).flatMap(([name, value = '']) =>
    named.has(name) || isSecret(name, value) ? [value, ...passwordsIn(value)] : passwordsIn(value),
  );
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
