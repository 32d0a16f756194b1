import { parseDocument, isMap, isScalar, LineCounter, type Node } from 'yaml';
import { didYouMean } from '../core/suggest.ts';
import type { CodeSpan, Fence } from '../formats/documents/markdown.ts';
import { excuseOf, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, tableAt } from '../formats/documents/surroundings.ts';
import type { Repository } from '../repository/repository.ts';
import { foldersAbove } from '../formats/data/paths.ts';
import { doubt, holds, once, remark, wrong, type Claim, type Reading } from './reading.ts';

interface Key {
  name: string;
  section: string;
  line: number;
  /** It has a value of its own, and no keys below it. */
  leaf: boolean;
}

const code = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|php|exs?|proto)$/;
/** Reads settings into fields, or by their names. */
const settingsRead =
  /\bserde\b|Deserialize|(?:yaml|mapstructure|toml|json|koanf):"|BaseModel|BaseSettings|@dataclass|\bviper\b|@ConfigurationProperties|\bz\.object|tomllib|toml\.load|configparser|safe_load/;
/** Takes whatever keys it is given. */
const takesAny =
  /serde\(flatten\)|HashMap<String,\s*(?:toml::|serde_(?:json|yaml)::)?Value>|map\[string\](?:interface\{\}|any)|additionalProperties|extra\s*=\s*["']allow/;

const dottedKey = /^((?:[a-z][\w-]*\.)*)([a-z][\w-]*[_-][\w-]*)$/;

/** Keys of configuration that a document shows or names, beside others that the sources read: does anything read them? */
export async function keyClaims(reading: Reading): Promise<Claim[]> {
  const { sources, parsed } = reading;
  const fences = parsed.fences.map((fence) => [fence, keysOf(fence)] as const).filter(([, keys]) => keys.length > 0);
  const spans = parsed.spans.filter(({ text }) => dottedKey.test(text));
  // All words of the sources are looked at only for a document that speaks of keys.
  if (fences.length + spans.length === 0) return [];
  const book = await Words.of(sources);
  if (!sources.whole || book.open) return [];
  const above = foldersAbove(reading.document);
  return [...(await ofFences(reading, fences, book, above)), ...(await ofSpans(reading, spans, book, above))];
}

/** Keys that a block of configuration sets. */
async function ofFences(
  { repository, parsed }: Reading,
  fences: readonly (readonly [Fence, Key[]])[],
  book: Words,
  above: readonly string[],
): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const [fence, keys] of fences) {
    const headings = headingsAbove(parsed, fence.line);
    const lead = parsed.prose.slice(Math.max(0, fence.line - 5), fence.line - 1).join(' ');
    if (isYetToCome('', headings) || excuseOf(lead.replace(/:\s*$/, '.'), '') === 'absent') continue;
    const own = keys.filter((key) => book.reads(key.name));
    // A block may be of a file that the repository does not have.
    const titled = /^\s*(?:#|;|\/\/)\s*(\S+\.(?:toml|ya?ml|ini|conf|cfg))\b/.exec(fence.text)?.[1];
    const named = titled ?? /[\w./-]+\/[\w.-]+\.(?:toml|ya?ml|ini|conf|cfg)\b/.exec(lead)?.[0];
    const leaves = keys.filter((key) => key.leaf && !book.knows(key.name)).length;
    // So are keys of which most are not known.
    const isElsewhere =
      (named !== undefined && (await repository.find(named, above)) === undefined) ||
      (leaves > 2 && leaves > own.filter((key) => key.leaf).length);
    const about = await namesFile(
      repository,
      `${fence.text.split('\n')[0]} ${lead} ${parsed.prose.slice(fence.line + fence.text.split('\n').length, fence.line + fence.text.split('\n').length + 3).join(' ')}`,
      above,
    );
    for (const key of keys) {
      // A short word may be a name that the reader gives.
      if (!key.leaf || !/^[A-Za-z][a-z0-9]+(?:[_-]|[A-Z]).*$/.test(key.name) || book.knows(key.name)) continue;
      // A section is the project's own where the sources read another key of it, or where the block is said to be one of its files.
      const beside = own.filter((one) => one.section === key.section).length;
      const isOwn =
        own.length * 2 >= keys.length && (beside > 0 || own.some((one) => key.section.startsWith(one.name)));
      if (
        !isOwn &&
        !(
          about !== undefined &&
          /toml|ini|ya?ml/.test(fence.lang) &&
          (key.section === '' || !book.knows(key.section.split('.')[0] ?? ''))
        )
      )
        continue;
      const sure =
        isOwn &&
        !isElsewhere &&
        keys.some((one) => one.section === key.section && book.declares(one.name)) &&
        (key.section === ''
          ? own.length >= 2 && about !== undefined
          : key.section.split('.').every((part, n) => (n === 0 ? book.declares(part) : book.reads(part))));
      claims.push({
        kind: 'name',
        line: fence.line + key.line,
        text: key.section === '' ? key.name : `${key.section}.${key.name}`,
        ...(sure ? doubt : remark)(
          'no source reads this key, though they read others of its section',
          didYouMean(key.name, book.names, 'correct the key, or read it'),
        ),
      });
    }
  }
  return claims;
}

/** Keys that a text names in back-ticks. */
async function ofSpans(
  { repository, parsed }: Reading,
  spans: readonly CodeSpan[],
  book: Words,
  above: readonly string[],
): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const span of spans) {
    const [, section = '', name = ''] = dottedKey.exec(span.text) ?? [];
    const line = parsed.prose[span.line - 1] ?? '';
    const headings = headingsAbove(parsed, span.line);
    if (name === '' || excuseOf(span.context, span.heading) === 'absent' || isYetToCome('', headings)) continue;
    const file = await namesFile(repository, line, above);
    const table = tableAt(parsed, span.line);
    const listed =
      table !== undefined && /\b(?:key|setting|option|field|parameter|config\w*)s?\b/i.test(table.header[0] ?? '');
    const said =
      section !== '' ? file !== undefined || listed : file !== undefined && /\[[a-z][\w.-]*\]|\bsection\b/i.test(line);
    if (!said) continue;
    const first = section.split('.')[0] ?? '';
    if (book.knows(name)) {
      claims.push({ kind: 'name', line: span.line, text: span.text, ...holds('the sources read it') });
      continue;
    }
    // Of a dotted name the section must be one that the sources read.
    if (section !== '' && !book.reads(first)) continue;
    const bracketed = /\[([a-z][\w.-]*)\]/.exec(line)?.[1];
    const beside = table?.rows.some((row) => {
      const other = (row.cells[0] ?? '').replace(/`/g, '').trim();
      return (
        section !== '' && other !== span.text && other.startsWith(section) && book.reads(other.slice(section.length))
      );
    });
    const sure =
      file === undefined ? beside === true : section !== '' || (bracketed !== undefined && book.reads(bracketed));
    claims.push({
      kind: 'name',
      line: span.line,
      text: span.text,
      ...(sure ? wrong : doubt)(
        'no source and no configuration has this key',
        didYouMean(name, book.names, 'correct the key, or read it'),
      ),
    });
  }
  return claims;
}

/** A file of configuration of the repository that a text names. */
async function namesFile(repository: Repository, text: string, above: readonly string[]): Promise<string | undefined> {
  for (const [one] of text.matchAll(/(?:[\w.-]+\/)*[\w.-]+\.(?:toml|ya?ml|ini|conf|json)\b/g)) {
    const [path] = readPath(one)?.paths ?? [];
    const at = path === undefined ? undefined : await repository.find(path, above);
    if (
      at !== undefined &&
      !/compose|\.github|loki|mimir|tempo|promtail|alloy|otel|collector|nginx|traefik|mkdocs|prometheus|grafana|k8s|kube|helm|Cargo\.toml|pyproject|package\.json|alert/i.test(
        at,
      )
    )
      return at;
  }
  return undefined;
}

/** The keys of a block, with their sections and lines from 0. */
function keysOf({ lang, text }: Fence): Key[] {
  const found: Key[] = [];
  if (lang === 'toml' || lang === 'ini') {
    let section = '';
    for (const [line, raw] of text.split('\n').entries()) {
      const head = /^\s*\[+\s*([\w."-]+)\s*\]+/.exec(raw)?.[1];
      if (head !== undefined) section = head.replace(/"/g, '');
      const name = /^\s*([A-Za-z][\w-]*)\s*=/.exec(raw)?.[1];
      if (name !== undefined) found.push({ name, section, line, leaf: true });
    }
    return /\[(?:package|(?:build-|dev-)?dependencies|target|patch|lib|bin|source|registries|workspace|profile|features|tool|project|build-system|Service|Unit|Install)\b/.test(
      text,
    )
      ? []
      : found;
  }
  if (
    !/^ya?ml$/.test(lang) ||
    /^\s*(?:apiVersion|services|groups|stages?|script|steps|uses|scrape_configs|version|on|jobs|kind)\s*:/m.test(text)
  )
    return [];
  const lines = new LineCounter();
  const visit = (node: Node | null | undefined, section: string): void => {
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      if (!isScalar(key) || typeof key.value !== 'string') continue;
      found.push({ name: key.value, section, line: lines.linePos(key.range?.[0] ?? 0).line - 1, leaf: !isMap(value) });
      visit(value as Node | null, section === '' ? key.value : `${section}.${key.value}`);
    }
  };
  const parsed = parseDocument(text, { lineCounter: lines, logLevel: 'silent', uniqueKeys: false });
  if (parsed.errors.length > 0) return [];
  visit(parsed.contents, '');
  return found;
}

/** The words of the repository's code and configuration, however they join their parts. */
class Words {
  readonly #all: ReadonlySet<string>;
  readonly #code: ReadonlySet<string>;
  readonly #fields: ReadonlySet<string>;
  /** Names of fields, for what may have been meant. */
  readonly names: readonly string[];
  /** The sources take keys that they do not write out. */
  readonly open: boolean;

  private constructor(
    all: ReadonlySet<string>,
    ofCode: ReadonlySet<string>,
    fields: ReadonlySet<string>,
    names: readonly string[],
    open: boolean,
  ) {
    this.#all = all;
    this.#fields = fields;
    this.#code = ofCode;
    this.names = names;
    this.open = open;
  }

  static readonly of = once(async (sources): Promise<Words> => {
    const written = new Set<string>();
    for (const word of (await sources.words()).all) written.add(word);
    const inCode = new Set<string>();
    const fields = new Set<string>();
    const names = new Set<string>();
    let open = false;
    for (const [path, text] of await sources.texts()) {
      // Words of any code prove little: only where settings are read are they keys.
      const declares = code.test(path) && settingsRead.test(text);
      for (const word of text.match(declares ? /[A-Za-z][\w-]{2,}/g : /[A-Za-z]\w*-[\w-]+/g) ?? []) {
        written.add(word);
        if (declares) inCode.add(word);
      }
      if (!code.test(path)) continue;
      if (declares)
        for (const [, field, tag] of text.matchAll(
          /(?:^|[{,;(])\s*(?:pub(?:\([^)]*\))?\s+)?([A-Za-z]\w*)\??\s*:(?!:)|(?:yaml|toml|json|mapstructure|koanf|rename\s*=\s*)[:=]?\s*"([\w-]+)/gm,
        ))
          fields.add(folded(field ?? tag ?? ''));
      open ||= takesAny.test(text) && /config|settings/i.test(path);
      for (const [, field = ''] of text.matchAll(/^\s*(?:pub\s+)?([a-z]\w*_\w+)\s*:/gm)) names.add(field);
    }
    return new Words(new Set([...written].map(folded)), new Set([...inCode].map(folded)), fields, [...names], open);
  });

  knows(name: string): boolean {
    return this.#all.has(folded(name));
  }

  /** Is it a field of what code reads settings into? */
  declares(name: string): boolean {
    return this.#fields.has(folded(name));
  }

  /** Does code know it, and not configuration alone? */
  reads(name: string): boolean {
    return this.#code.has(folded(name));
  }
}

const folded = (word: string): string => word.toLowerCase().replace(/[_-]/g, '');
