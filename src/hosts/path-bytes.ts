/**
 * Names of files are bytes. As text they are UTF-8 where they can be; a byte that is not UTF-8 stands as U+DC80 to U+DCFF, half a
 * surrogate pair, as Python's `surrogateescape` does (PEP 383), so that the bytes can be had again.
 */
const loneByte = /[\udc80-\udcff]/;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text. */
export function textOfPath(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return pieces(bytes);
  }
}

function pieces(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    try {
      text += strict.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      text += String.fromCharCode(0xdc00 + first);
      at += 1;
    }
  }
  return text;
}

/** The path as the file system takes it: the text itself, or its bytes where it is no UTF-8. */
export function bytesOfPath(path: string): string | Buffer {
  if (!loneByte.test(path)) return path;
  const parts = path.split(/([\udc80-\udcff])/);
  return Buffer.concat(
    parts.map((part, n) => (n % 2 === 1 ? Buffer.from([part.charCodeAt(0) - 0xdc00]) : Buffer.from(part))),
  );
}

/** The path as it is shown to people and kept in records: bytes that are no UTF-8 as `\xE9`. */
export function shownPath(path: string): string {
  return loneByte.test(path)
    ? path.replace(/[\udc80-\udcff]/g, (byte) => `\\x${(byte.charCodeAt(0) - 0xdc00).toString(16).toUpperCase()}`)
    : path;
}

/** What git prints with `-z`: names, each ended by a NUL. */
export function namesOf(output: Buffer | undefined): string[] {
  if (!output || output.length === 0) return [];
  const whole = output.toString('utf8');
  if (!whole.includes('\ufffd')) return whole.split('\0').filter((name) => name !== '');
  const names: string[] = [];
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(0, at);
    const stop = end === -1 ? output.length : end;
    if (stop > at) names.push(textOfPath(output.subarray(at, stop)));
    at = stop + 1;
  }
  return names;
}
