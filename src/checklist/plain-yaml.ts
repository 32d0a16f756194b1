/** What a text holds, and where its mappings and lists begin. */
export interface PlainYaml {
  value: Record<string, unknown>;
  /** Offset of each mapping and list in the text. */
  at: ReadonlyMap<object, number>;
  /** Offset of the key that each of them stands behind. */
  keys: ReadonlyMap<object, number>;
}

class NotPlain extends Error {}
const no = (): never => {
  throw new NotPlain();
};

/**
 * Reads YAML as checklists are mostly written: block mappings and lists, literal blocks, flow collections and scalars of one line.
 * Whatever could be read in another way than it looks, or is wrong, is left to a whole parser, which takes ten times as long; what
 * is read here is read by it alike (`test/formats/plain-yaml.test.ts` compares them over altered texts).
 * @returns undefined where the text is not plain
 */
export function readPlainYaml(text: string): PlainYaml | undefined {
  // Tabs, carriage returns, control characters, marks of byte order and half characters; documents and directives.
  // oxlint-disable-next-line no-control-regex
  if (/[^\n\u0020-\u007e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(text)) return undefined;
  if (/^(?:---|\.\.\.|%)/m.test(text)) return undefined;
  const reader = new Reader(text);
  try {
    return { value: reader.document(), at: reader.at, keys: reader.keys };
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

interface Line {
  /** Offset of the first character that is no space. */
  at: number;
  indent: number;
  /** From there to the end; empty where the line is blank or a comment. */
  text: string;
}

const key = /^(?<name>[A-Za-z_/][\w./-]*|"[^"\\]+"|'[^']+'):(?= |$)/;
/** The text of a key that may stand in quotes. */
const unquoted = (name: string): string => (/^["']/.test(name) ? name.slice(1, -1) : name);
const refusedKey = /^(?:__proto__|constructor|prototype)$/;

class Reader {
  readonly at = new Map<object, number>();
  readonly keys = new Map<object, number>();
  readonly #lines: Line[] = [];
  readonly #raw: string[];
  #n = 0;

  constructor(text: string) {
    this.#raw = text.split('\n');
    let offset = 0;
    for (const raw of this.#raw) {
      const indent = raw.length - raw.trimStart().length;
      const rest = raw.slice(indent);
      this.#lines.push({ at: offset + indent, indent, text: rest.startsWith('#') ? '' : rest });
      offset += raw.length + 1;
    }
  }

  document(): Record<string, unknown> {
    const first = this.#next();
    if (!first || first.indent !== 0 || !key.test(first.text)) return no();
    const value = this.#mapping(0);
    if (this.#next()) no();
    return value;
  }

  /** The next line that holds something. */
  #next(): Line | undefined {
    while (this.#n < this.#lines.length && this.#lines[this.#n]?.text === '') this.#n++;
    return this.#lines[this.#n];
  }

  /** @param first what stands behind the dash of a list, at the mapping's indent */
  #mapping(indent: number, first?: Line): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    for (let line = first ?? this.#next(); line && line.indent === indent; line = this.#next()) {
      const written = key.exec(line.text)?.groups?.['name'];
      if (written === undefined) {
        if (line.text.startsWith('- ')) break;
        return no();
      }
      const name = unquoted(written);
      if (!this.at.has(found)) this.at.set(found, line.at);
      if (refusedKey.test(name) || isSpecial(name) || Object.hasOwn(found, name)) no();
      this.#n++;
      const rest = line.text.slice(written.length + 1).trimStart();
      const value = this.#value(rest, line.at + line.text.length - rest.length, indent);
      if (value !== null && typeof value === 'object') this.keys.set(value, line.at);
      found[name] = value;
    }
    const after = this.#next();
    if (after && after.indent > indent) no();
    return found;
  }

  /** What stands behind `key: `, or below it. */
  #value(rest: string, at: number, indent: number): unknown {
    if (rest === '|' || rest === '|-') return this.#literal(indent, rest === '|');
    if (rest !== '' && !rest.startsWith('#')) return this.#scalarLine(rest, at, indent);
    const below = this.#next();
    if (!below) return no();
    if (below.text.startsWith('- ') && below.indent >= indent) return this.#list(below.indent);
    return below.indent > indent && key.test(below.text) ? this.#mapping(below.indent) : no();
  }

  #list(indent: number): unknown[] {
    const found: unknown[] = [];
    for (let line = this.#next(); line && line.indent === indent && line.text.startsWith('- '); line = this.#next()) {
      if (found.length === 0) this.at.set(found, line.at);
      const skipped = line.text.length - line.text.slice(1).trimStart().length;
      const rest = line.text.slice(skipped);
      const at = line.at + skipped;
      if (key.test(rest)) found.push(this.#mapping(indent + skipped, { at, indent: indent + skipped, text: rest }));
      else if (/^(?:- |-$|#|\||>|$)/.test(rest)) no();
      else {
        this.#n++;
        found.push(this.#scalarLine(rest, at, indent));
      }
    }
    const after = this.#next();
    if (after && after.indent > indent) no();
    return found;
  }

  /** A literal block, whose lines are deeper than `indent`. */
  #literal(indent: number, ends: boolean): string {
    const lines: string[] = [];
    let own = 0;
    for (; this.#n < this.#raw.length; this.#n++) {
      const raw = this.#raw[this.#n] ?? '';
      const deep = raw.length - raw.trimStart().length;
      if (raw.trim() === '') {
        // Spaces of a blank line may be content.
        if (raw !== '' || own === 0) no();
        lines.push('');
        continue;
      }
      if (own === 0) own = deep > indent ? deep : no();
      if (deep < own) break;
      lines.push(raw.slice(own));
    }
    while (lines.at(-1) === '') lines.pop();
    const after = this.#next();
    if (own === 0 || (after && after.indent > indent)) no();
    // A comment that stands deeper may be content to some.
    return lines.join('\n') + (ends ? '\n' : '');
  }

  /** A scalar or flow collection that ends with its line. */
  #scalarLine(rest: string, at: number, indent: number): unknown {
    const after = this.#next();
    // What is deeper would go on with it.
    if (after && after.indent > indent) no();
    if (!/^["'[{]/.test(rest)) {
      const plain = rest.replace(/ +#.*$/, '').trimEnd();
      if (!/^(?:[A-Za-z0-9_./$(+~=^;<]|-(?=[^ ]))/.test(plain) || /: |:$| #|^<</.test(plain)) no();
      return resolved(plain);
    }
    const flow = new Flow(rest, at, this);
    const value = flow.value();
    if (!/^(?: *| +#.*)$/.test(flow.rest)) no();
    return value;
  }
}

/** One line of flow style: quoted text, lists and mappings. */
class Flow {
  readonly #text: string;
  readonly #offset: number;
  readonly #places: Pick<Reader, 'at' | 'keys'>;
  #n = 0;

  constructor(text: string, offset: number, places: Pick<Reader, 'at' | 'keys'>) {
    this.#text = text;
    this.#offset = offset;
    this.#places = places;
  }

  get rest(): string {
    return this.#text.slice(this.#n);
  }

  value(): unknown {
    const start = this.#offset + this.#n;
    switch (this.#text[this.#n]) {
      case '"': {
        const quoted = this.#take(/"(?:[^"\\]|\\["\\nt])*"/y);
        return JSON.parse(quoted) as string;
      }
      case "'":
        return this.#take(/'(?:[^']|'')*'/y)
          .slice(1, -1)
          .replaceAll("''", "'");
      case '[': {
        const list: unknown[] = [];
        this.#places.at.set(list, start);
        this.#members(']', () => list.push(this.value()));
        return list;
      }
      case '{': {
        const mapping: Record<string, unknown> = {};
        this.#places.at.set(mapping, start);
        this.#members('}', () => {
          const at = this.#offset + this.#n;
          const name = unquoted(this.#take(/(?:[A-Za-z_/][\w./-]*|"[^"\\]+"|'[^']+')(?=: )/y));
          if (refusedKey.test(name) || isSpecial(name) || Object.hasOwn(mapping, name)) no();
          this.#take(/: +/y);
          const value = this.value();
          if (value !== null && typeof value === 'object') this.#places.keys.set(value, at);
          mapping[name] = value;
        });
        return mapping;
      }
      default:
        return resolved(
          this.#take(
            /(?:[A-Za-z0-9_./$]|-(?=[\w-]))(?:[\w./$@%+=~*^<>()|;-]|:(?=[\w/])| +(?=[\w./$(+=<>-]))*(?= *[,\]}])/y,
          ),
        );
    }
  }

  #members(end: string, one: () => void): void {
    this.#n++;
    this.#take(/ */y);
    while (this.#text[this.#n] !== end) {
      one();
      this.#take(/ */y);
      if (this.#text[this.#n] === ',') this.#take(/, +/y);
      else if (this.#text[this.#n] !== end) no();
    }
    this.#n++;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#n;
    const found = pattern.exec(this.#text)?.[0] ?? no();
    this.#n += found.length;
    return found;
  }
}

/** Words that are no text to some parser, whatever their case. */
const isSpecial = (word: string): boolean => /^(?:null|true|false|yes|no|on|off|y|n|~)$/i.test(word);

/** YAML's core schema, for what is written as it would be put into a text. */
function resolved(plain: string): unknown {
  if (plain === 'true') return true;
  if (plain === 'false') return false;
  if (isSpecial(plain) || /^(?:[-+]?\.(?:inf|nan)|0[xo])/i.test(plain)) return no();
  if (!/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain)) return plain;
  return plain.length <= 16 && String(Number(plain)) === plain && plain !== '-0' ? Number(plain) : no();
}
