import { library } from './libraries.ts';

/** An element of an XML text, with what is directly in it. */
export interface XmlElement {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlElement[];
  /** Its own text, CDATA among it, without that of its children; at most `maxText` characters. */
  text: string;
  /** Line of its start tag, from 1. */
  line: number;
}

/** Why a text is not taken as XML. */
export class XmlError extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

const maxText = 20_000;
const maxDepth = 200;
const maxElements = 2_000_000;

/**
 * Reads a well-formed XML text. Entities are not expanded but for the five of XML and references to characters: a text that
 * declares its own is refused, so that none can grow or lead to a file. Namespaces' prefixes are taken off.
 * @throws XmlError
 */
export function parseXml(text: string): XmlElement {
  const { SaxesParser } = library('saxes');
  const parser = new SaxesParser({ xmlns: false, position: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  const refuse = (message: string): never => {
    throw new XmlError(message, parser.line);
  };
  const add = (part: string): void => {
    const current = open.at(-1);
    if (current && current.text.length < maxText) current.text += part.slice(0, maxText - current.text.length);
  };
  parser.on('error', (cause) => refuse(cause.message.replace(/^\d+:\d+: /, '')));
  parser.on('doctype', (doctype) => {
    if (/<!ENTITY/i.test(doctype)) refuse('it declares entities of its own, which are not expanded');
  });
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length >= maxDepth) refuse(`more than ${maxDepth} elements lie inside of one another`);
    if (++count > maxElements) refuse(`it has more than ${maxElements} elements`);
    const element: XmlElement = {
      name: name.replace(/^.*:/, ''),
      attributes,
      children: [],
      text: '',
      line: parser.line,
    };
    open.at(-1)?.children.push(element);
    open.push(element);
    root ??= element;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(text.replace(/^\uFEFF/, '')).close();
  return root ?? refuse('it holds no element');
}

/** The elements of a name below an element, however deep. */
export function* below(element: XmlElement, name: string): Generator<XmlElement> {
  for (const child of element.children) {
    if (child.name === name) yield child;
    yield* below(child, name);
  }
}
