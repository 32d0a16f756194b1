import { realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import type { Finding } from '../core/finding.ts';
import type { Frame } from '../core/record.ts';
import type { Checkout } from '../hosts/checkout.ts';
import { neutral, type Redactor } from '../evidence/redact.ts';

/** Lines shown before and after the line at fault. */
const around = 2;
const maxFrames = 100;
const maxBytes = 2 * 1024 * 1024;
const maxWidth = 240;

/** Files whose every line may be a secret. */
export const secretFile =
  /^(?:\.env.*|.*\.env|.*\.(?:pem|key|p12|pfx|jks|kdbx)|id_[a-z0-9]+|\.netrc|\.pgpass|credentials.*)$/i;
/**
 * `password: x`, `API_KEY=x`, `"token": "x"`: what stands behind is not shown. A reference (`${…}`, `$(…)`) is no secret, nor is a
 * bare word in source code, where it names a value.
 */
const named = String.raw`((?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|credentials?)["']?\s*[:=]\s*)(?!\s*["']?\$[{(])`;
const quoted = new RegExp(`${named}("[^"]*"|'[^']*')`, 'gi');
const anyValue = new RegExp(`${named}("[^"]*"|'[^']*'|[^\\s,}]+)`, 'gi');
const configuration = /\.(?:ya?ml|toml|ini|conf|cfg|properties|json|md|txt|sh)$|^(?:Docker|Make)file/i;

/**
 * The source around each finding's place, one frame a line of a file. Nothing is shown of files outside the target, of files that
 * hold secrets by their nature, and of files in which a secret spans lines.
 */
export function framesOf(findings: readonly Finding[], checkout: Checkout, redactor: Redactor): Frame[] {
  const texts = new Map<string, string[] | undefined>();
  const frames = new Map<string, Frame>();
  for (const { where } of findings) {
    if (where?.line === undefined || frames.size >= maxFrames) continue;
    const key = `${where.file}:${where.line}`;
    if (frames.has(key)) continue;
    if (!texts.has(where.file)) texts.set(where.file, linesOf(where.file, checkout, redactor));
    const lines = texts.get(where.file);
    if (!lines || where.line > lines.length) continue;
    const from = Math.max(1, where.line - around);
    frames.set(key, {
      file: where.file,
      line: where.line,
      from,
      lines: lines.slice(from - 1, where.line + around).map((line) => neutral(line).slice(0, maxWidth)),
    });
  }
  return [...frames.values()];
}

function linesOf(file: string, checkout: Checkout, redactor: Redactor): string[] | undefined {
  if (secretFile.test(basename(file))) return undefined;
  let text: string;
  try {
    const path = realpathSync(resolve(checkout.root, file));
    const way = relative(realpathSync(checkout.root), path);
    const stat = statSync(path);
    if (way.startsWith('..') || isAbsolute(way) || !stat.isFile() || stat.size > maxBytes) return undefined;
    text = checkout.text(path);
  } catch {
    return undefined;
  }
  if (text.includes('\0')) return undefined;
  const lines = text.split(/\r\n|\n|\r/).map((line) => redactor.text(line));
  if (redactor.text(text).split(/\r\n|\n|\r/).length !== lines.length) return undefined;
  const secret = configuration.test(basename(file)) ? anyValue : quoted;
  return lines.map((line) => line.replace(secret, '$1[redacted]'));
}
