import { onceOnly } from '../../core/repeated-keys.ts';
import { type JsonObject, objectOf } from './json-parts.ts';
import { parseXml, XmlError, type XmlElement } from './xml.ts';

/** The object of a JSON text. @throws Error with words for people where it does not parse, or a key stands twice */
export function wholeJson(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`it is not whole JSON: ${(cause as Error).message}`, { cause });
  }
  onceOnly(text);
  return objectOf(value);
}

/** The root of an XML text. @throws Error with the line where it does not parse */
export function wholeXml(text: string): XmlElement {
  try {
    return parseXml(text);
  } catch (cause) {
    if (cause instanceof XmlError) throw new Error(`line ${cause.line}: ${cause.message}`, { cause });
    throw cause;
  }
}
