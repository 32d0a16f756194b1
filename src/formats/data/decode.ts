/**
 * The text of a file that another program wrote: UTF-8 unless a mark at its beginning, or an XML declaration, says otherwise.
 * @throws Error with words for people where the bytes are no text in that encoding
 */
export function decodeText(bytes: Uint8Array): string {
  const [a, b, c] = bytes;
  const marked = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const declared =
    marked ?? /^(?:\u00ef\u00bb\u00bf)?\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.-]+)["']/i.exec(head)?.[1];
  // A text that declares UTF-16 and can be read up to here is none.
  const name = marked ?? (declared === undefined || /^utf-?16/i.test(declared) ? 'utf-8' : declared);
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(a === 0xef && b === 0xbb && c === 0xbf ? 'utf-8' : name, { fatal: true });
  } catch {
    throw new Error(`it declares the encoding ${name}, which is not known`);
  }
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new Error(`its bytes are not ${decoder.encoding.toUpperCase()} text`);
  }
  const at = text.indexOf('\0');
  if (at >= 0)
    throw new Error(`it holds a NUL at character ${at}: it is not text, or UTF-16 without a mark at its beginning`);
  return text;
}
