import { spread, type CommandNode } from './node.ts';

interface Field {
  attributes: string;
  name: string;
  type: string;
}

/** Flags that clap adds by itself. */
const ofClap: ReadonlySet<string> = new Set(['help', 'version']);

const kebab = (name: string): string =>
  name
    .replace(/^r#/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
/** The text between the bracket at `at` and the one that closes it. */
function inside(text: string, at: number): string {
  const pairs: Record<string, string> = { '{': '}', '(': ')', '[': ']', '<': '>' };
  const [open, close] = [text[at] ?? '', pairs[text[at] ?? ''] ?? ''];
  let depth = 0;
  for (let n = at; n < text.length; n++) {
    if (text[n] === '"') {
      // A text may hold brackets.
      for (n++; n < text.length && text[n] !== '"'; n++) if (text[n] === '\\') n++;
    } else if (text[n] === open) depth++;
    else if (text[n] === close && --depth === 0) return text.slice(at + 1, n);
  }
  return text.slice(at + 1);
}

const withoutComments = (text: string): string => text.replace(/^\s*\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');

/** Attributes in front of a place, and the place behind them. */
function attributesAt(text: string, at: number): { attributes: string; next: number } {
  let attributes = '';
  let next = at;
  for (;;) {
    next += /^[\s,]*/.exec(text.slice(next))?.[0].length ?? 0;
    if (!text.startsWith('#[', next)) return { attributes, next };
    const body = inside(text, next + 1);
    attributes += `#[${body}]\n`;
    next += body.length + 3;
  }
}

function fieldsOf(body: string): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < body.length;) {
    const { attributes, next } = attributesAt(body, at);
    const match = /^(?:pub(?:\([^)]*\))?\s+)?(r#)?(\w+)\s*:\s*/.exec(body.slice(next));
    if (!match) break;
    let end = next + match[0].length;
    const from = end;
    for (let depth = 0; end < body.length && !(body[end] === ',' && depth === 0); end++)
      depth += /[<([]/.test(body[end] ?? '') ? 1 : /[>)\]]/.test(body[end] ?? '') ? -1 : 0;
    fields.push({ attributes, name: match[2] ?? '', type: body.slice(from, end).trim() });
    at = end + 1;
  }
  return fields;
}

interface Variant {
  attributes: string;
  name: string;
  fields?: Field[];
  type?: string;
}

function variantsOf(body: string): Variant[] {
  const variants: Variant[] = [];
  for (let at = 0; at < body.length;) {
    const { attributes, next } = attributesAt(body, at);
    const name = /^[A-Z]\w*/.exec(body.slice(next))?.[0];
    if (name === undefined) break;
    at = next + name.length;
    at += /^\s*/.exec(body.slice(at))?.[0].length ?? 0;
    const content = /[{(]/.test(body[at] ?? '') ? inside(body, at) : undefined;
    if (content === undefined) variants.push({ attributes, name });
    else if (body[at] === '{') variants.push({ attributes, name, fields: fieldsOf(content) });
    else variants.push({ attributes, name, type: content.replace(/^\s*(?:#\[[^\]]*\]\s*)*/, '').trim() });
    at += content === undefined ? 0 : content.length + 2;
  }
  return variants;
}

const attributeText = (attributes: string, key: string): string | undefined =>
  new RegExp(`\\b${key}\\s*[=(]\\s*"([^"]+)"`).exec(attributes)?.[1];
const plainType = (type: string): string =>
  type
    .replace(/^(?:Option|Box|Vec)<\s*(.*)>$/s, '$1')
    .replace(/^Box<(.*)>$/s, '$1')
    .replace(/^.*::/, '')
    .replace(/[^\w].*$/s, '');

/**
 * The command that a program's sources define by clap's derived parser; undefined where there is none, or more than one. A parser
 * without subcommands is the program's only where `entry`, the text of its first file, derives it, or where the package has one
 * program (`alone`) and one parser. What is flattened, or a subcommand, of a type that the sources do not derive leaves the command open.
 */
export function clapCommand(texts: readonly string[], entry?: string, alone = false): CommandNode | undefined {
  const structs = new Map<string, { fields: Field[]; attributes: string; parser: boolean; entry: boolean }>();
  const enums = new Map<string, Variant[]>();
  const choices = new Map<string, Set<string>>();
  // Other rules for names than clap's own are not followed.
  if (texts.some((text) => /#\[(?:command|clap|structopt)\([^\]]*\brename_all/.test(text))) return undefined;
  for (const raw of texts) {
    if (!/\b(?:Parser|Subcommand|Args|ValueEnum)\b/.test(raw)) continue;
    const text = withoutComments(raw);
    for (const match of text.matchAll(
      /#\[derive\(([^)]*)\)\]((?:\s*#\[(?:[^[\]]|\[[^\]]*\])*\])*)\s*(?:pub(?:\([^)]*\))?\s+)?(struct|enum)\s+(\w+)[^{;(]*\{/g,
    )) {
      const [whole, derived = '', attributes = '', kind, name = ''] = match;
      if (!/\b(?:Parser|Subcommand|Args|ValueEnum)\b/.test(derived)) continue;
      const body = inside(text, match.index + whole.length - 1);
      if (/\bValueEnum\b/.test(derived)) choices.set(name, choicesOf(attributes, variantsOf(body)));
      else if (kind === 'enum') enums.set(name, variantsOf(body));
      else
        structs.set(name, {
          fields: fieldsOf(body),
          attributes,
          parser: /\bParser\b/.test(derived),
          entry: raw === entry,
        });
    }
  }
  const roots = [...structs.values()].filter(
    (one) => one.parser && one.fields.some((field) => /\bsubcommand\b/.test(field.attributes)),
  );
  const parsers = [...structs.values()].filter((one) => one.parser);
  const flat = parsers.filter((one) => one.entry || (alone && parsers.length === 1));
  const [root] = flat.length === 1 ? flat : roots;
  return root && (flat.length === 1 || roots.length === 1)
    ? nodeOf(root.fields, root.attributes, { structs, enums, choices }, 0)
    : undefined;
}

/** The names of a list of values; none where another rule than clap's own may make them. */
function choicesOf(attributes: string, variants: readonly Variant[]): Set<string> {
  if (/rename_all/.test(attributes) || variants.length === 0) return new Set();
  return new Set(
    variants.flatMap((one) => [
      attributeText(one.attributes, 'name') ?? kebab(one.name),
      ...[...one.attributes.matchAll(/\balias(?:es)?\s*=\s*(?:\[[^\]]*\]|"[^"]*")/g)].flatMap(([text]) =>
        [...text.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name.toLowerCase()),
      ),
    ]),
  );
}

interface Known {
  choices: ReadonlyMap<string, ReadonlySet<string>>;
  structs: ReadonlyMap<string, { fields: Field[]; attributes: string }>;
  enums: ReadonlyMap<string, Variant[]>;
}

function nodeOf(fields: readonly Field[], attributes: string, known: Known, depth: number): CommandNode {
  const node: CommandNode = {
    flags: new Set(),
    subcommands: new Map(),
    free: ofClap,
    open: depth > 8 || /trailing_var_arg|allow_hyphen_values|allow_external|ignore_errors/.test(attributes),
  };
  if (node.open) return node;
  const globals = new Set<string>();
  for (const field of fields) {
    if (/trailing_var_arg|allow_hyphen_values|\blast\s*=|cfg_attr|\blong\s*=\s*[^"\s]/.test(field.attributes))
      node.open = true;
    if (/\bflatten\b/.test(field.attributes)) {
      const part = known.structs.get(plainType(field.type));
      if (!part) node.open = true;
      else {
        const own = nodeOf(part.fields, part.attributes, known, depth + 1);
        for (const flag of own.flags) node.flags.add(flag);
        for (const [flag, values] of own.values ?? []) (node.values ??= new Map()).set(flag, values);
        for (const [name, sub] of own.subcommands) node.subcommands.set(name, sub);
        node.open ||= own.open;
      }
    } else if (/\bsubcommand\b/.test(field.attributes)) {
      const variants = known.enums.get(plainType(field.type));
      if (!variants) node.open = true;
      else for (const variant of variants) addVariant(node, variant, known, depth);
    } else if (/#\[(?:arg|clap|structopt)\b[\s\S]*?\blong\b/.test(field.attributes)) {
      const own = attributeText(field.attributes, 'long') ?? kebab(field.name);
      const all = [
        own,
        ...[...field.attributes.matchAll(/\b(?:visible_)?alias(?:es)?\s*=\s*(?:\[[^\]]*\]|"[^"]*")/g)].flatMap(
          ([text]) => [...text.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name),
        ),
      ];
      const choices = known.choices.get(plainType(field.type));
      for (const flag of all) {
        node.flags.add(flag);
        if (choices && choices.size > 0 && !/\bvalue_parser\b/.test(field.attributes))
          (node.values ??= new Map()).set(flag, choices);
        if (/\bglobal\s*=\s*true/.test(field.attributes)) globals.add(flag);
      }
    }
  }
  if (globals.size > 0) spread(node, globals);
  return node;
}

function addVariant(node: CommandNode, variant: Variant, known: Known, depth: number): void {
  if (/external_subcommand/.test(variant.attributes)) {
    node.open = true;
    return;
  }
  if (/\bflatten\b/.test(variant.attributes)) {
    const variants = known.enums.get(plainType(variant.type ?? ''));
    if (!variants) node.open = true;
    for (const one of variants ?? []) addVariant(node, one, known, depth + 1);
    return;
  }
  const part = variant.type === undefined ? undefined : known.structs.get(plainType(variant.type));
  const below = variant.type === undefined ? undefined : known.enums.get(plainType(variant.type));
  let own: CommandNode;
  if (part) own = nodeOf(part.fields, part.attributes + variant.attributes, known, depth + 1);
  else if (below) {
    own = { flags: new Set(), subcommands: new Map(), open: false, free: ofClap };
    for (const one of below) addVariant(own, one, known, depth + 1);
  } else if (variant.type !== undefined) own = { flags: new Set(), subcommands: new Map(), open: true };
  else own = nodeOf(variant.fields ?? [], variant.attributes, known, depth + 1);
  const names = [attributeText(variant.attributes, 'name') ?? kebab(variant.name)];
  for (const [text] of variant.attributes.matchAll(/\b(?:visible_)?alias(?:es)?\s*=\s*(?:\[[^\]]*\]|"[^"]*")/g))
    names.push(...[...text.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name));
  for (const name of names) node.subcommands.set(name, own);
}
