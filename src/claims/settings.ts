import { posix } from 'node:path';
import { escapeRegex } from '../core/patterns.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { excuseOf, isGlob, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome } from '../formats/documents/surroundings.ts';
import { foldersAbove } from '../formats/data/paths.ts';
import type { Reading } from './reading.ts';
import type { Claim } from './claim.ts';
import { doubt, holds, wrong, type Verdict } from '../formats/documents/verdict.ts';

/** A setting that a document gives a value. */
interface Said {
  line: number;
  name: string;
  value: string;
  context: string;
  /** It is said of what holds without being set. */
  byDefault: boolean;
  /** It stands in a table or as an assignment: it may be what the reader is to set. */
  bare?: true;
}

const value = String.raw`"?\`?"?(\d[\w.,]*|true|false|"[^"\`]{1,40}")"?\`?"?`;
const name = String.raw`-{0,2}[A-Za-z][\w.-]{3,}`;
const inProse = [
  new RegExp(
    String.raw`\`(${name})\`\s+(?:is|are)\s+(?:currently\s+)?(?:set|configured|limited|fixed)?\s*(?:to|at)?\s*${value}(?=[\s,.;)]|$)`,
    'g',
  ),
  new RegExp(String.raw`\`(${name})\s*[=:]\s*${value}\``, 'g'),
  new RegExp(
    String.raw`\`(${name})(?:[ =]<?[\w-]*>?)?\`\s*(?:\(|—|–|-|:)?\s*\(?(?:defaults?\s+to|default(?:\s+is)?\s*[:=]?|by default)\s*${value}`,
    'gi',
  ),
];
/** Words before a value that is one of several: of a condition, an instruction, one place. */
const chosen =
  /\b(?:if|when(?:ever)?|unless|while|where|until|once|whether|only|sure|ensure|verify|check|confirm|assum\w+|requires?)\b/i;
const instructs =
  /\b(?:set(?:ting)?|flip\w*|toggl\w*|switch\w*|turn\w*|us(?:e|ing)|with|without|via|by|through|change|try|increas\w+|rais\w+|lower|decreas\w+|reduc\w+|pass(?:ing)?|run|overrid\w+|enabl\w+|disabl\w+|can|need\w*|for|export|to|then)\b|[^\P{L}a-zA-Z]/iu;
const asserts = /\b(?:(?:we|it) (?:currently )?(?:run|use|set)s?|runs with|currently)\b/i;
/** "listens on port 7430 by default (`http_port`)": one name, one number. */
const around = /\bby default\b|\bdefaults?\b/i;

function saidIn(parsed: MarkdownDocument): Said[] {
  const found: Said[] = [];
  for (const [n, line] of parsed.prose.entries()) {
    if (/^\s*\|/.test(line)) continue;
    const before = found.length;
    for (const [at, pattern] of inProse.entries())
      for (const { 0: text, 1: one = '', 2: is = '', index } of line.matchAll(pattern)) {
        const byDefault = /default/i.test(text);
        const lead = line.slice(0, index).replace(/`[^`]*`/g, ' ');
        // "`x = 5`" alone may be what the reader is told to write.
        const isBare = at === 1;
        if (!byDefault && (chosen.test(lead) || (isBare && instructs.test(lead) && !asserts.test(lead)))) continue;
        found.push({ line: n + 1, name: one, value: is, context: line, byDefault, ...(isBare && { bare: true }) });
      }
    const spans = parsed.spans.filter((span) => span.line === n + 1);
    const [only] = spans;
    const numbers = line.replace(/`[^`]*`/g, ' ').match(/(?<![\w.])\d+(?![\w.]*\w)/g) ?? [];
    if (
      found.length === before &&
      spans.length === 1 &&
      only &&
      new RegExp(`^${name}$`).test(only.text) &&
      numbers.length === 1 &&
      around.test(line)
    )
      found.push({ line: n + 1, name: only.text, value: numbers[0] ?? '', context: line, byDefault: true });
  }
  for (const { header, rows } of parsed.tables) {
    const at = header.findIndex(
      (head, n) => n > 0 && /^\W*(?:defaults?|default value|value|current value)\W*$/i.test(head),
    );
    if (
      at < 0 ||
      !/\b(?:setting|key|name|option|flag|parameter|variable|constant|field|property|config\w*|argument)s?\b/i.test(
        header[0] ?? '',
      )
    )
      continue;
    for (const { cells, line } of rows) {
      const one = (cells[0] ?? '').replace(/`/g, '').trim();
      const is = new RegExp(`^${value}$`).exec((cells[at] ?? '').trim())?.[1];
      if (is !== undefined && new RegExp(`^${name}$`).test(one))
        found.push({
          line,
          name: one,
          value: is,
          context: cells.join(' '),
          byDefault: /default/i.test(header[at] ?? ''),
          bare: true,
        });
    }
  }
  return found;
}

const configuration = /\.(?:ya?ml|toml|json|ini|conf|cfg|properties|env|service|xml)$|(?:^|\/)\.env[\w.-]*$/;
const isTest =
  /(?:^|\/)(?:tests?|testdata|fixtures?|examples?|benches|e2e|samples?)\/|[._-](?:test|spec|example|sample)\./;
/** Configuration of one place, or of a machine that builds: what it sets is no default. */
const ofOnePlace = /^\.\w+\/|(?:^|[/._-])(?:dev\w*|local|staging|stage|prod\w*|ci)(?=[/._-])/;
const code = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|php|proto)$/;

/** Values of a setting: where it stands, and what it is there. */
type Found = { file: string; value: string }[];

/** What configuration gives the name, by its last part: below its section, where the document names one. */
function inConfiguration(file: string, text: string, wanted: string): Found {
  const parts = wanted.replace(/^-+/, '').split('.');
  const last = parts.at(-1) ?? '';
  const names = [...new Set([wanted.replace(/^-+/, ''), ...(parts.length > 1 ? [last] : [])])];
  const found: Found = [];
  for (const one of names) {
    const setting = new RegExp(
      String.raw`(?<![\w.-])-{0,2}["']?${escapeRegex(one)}["']?\s*[=:]\s*["']?([\w./-]+)["']?`,
      'g',
    );
    for (const match of text
      .replace(/(?:^|\s)(?:#|\/\/).*$/gm, '')
      .replace(/\$\{(\w+):?-([^}]*)\}/g, ' $1=$2 ')
      .matchAll(setting))
      found.push({ file, value: match[1] ?? '' });
  }
  return found;
}

/** What code says of it: a constant, or the default of an argument. */
function inCode(file: string, text: string, wanted: string): Found {
  const found: Found = [];
  const literal = String.raw`&?["']?(-?\d[\d_]*(?:\.\d+)?|true|false|[\w.:/-]+)["']?`;
  if (/^[A-Z][A-Z0-9_]{3,}$/.test(wanted)) {
    const constant = new RegExp(
      String.raw`(?:\b(?:const|static|let|var|final|val|readonly)\s+(?:[\w<>]+\s+)?|^)${wanted}\s*(?::\s*[&'\w<>]+\s*)?=\s*${literal}\s*(?:;|$|#|\/\/|,)`,
      'gm',
    );
    for (const [, is = ''] of text.matchAll(constant)) found.push({ file, value: is.replaceAll('_', '') });
  }
  const flag = /^--([a-z][a-z0-9-]+)$/.exec(wanted)?.[1];
  if (flag === undefined) return found;
  const field = escapeRegex(flag.replaceAll('-', '_'));
  const patterns = [
    // clap, argparse and click, Go’s flags, commander
    String.raw`default_values?(?:_t)?\s*=\s*${literal}[^\]]*\]\s*(?:pub\s+)?${field}\s*:`,
    String.raw`["']--${escapeRegex(flag)}["'][^()\n]{0,120}?\bdefault\s*=\s*${literal}`,
    String.raw`\.(?:String|Int|Int64|Uint|Bool|Float64|Duration)\w*\([^"\n]{0,40}"${escapeRegex(flag)}",\s*(?:"\w",\s*)?${literal}\s*,`,
    String.raw`\.option\(\s*["'][^"'\n]*--${escapeRegex(flag)}\b[^"'\n]*["']\s*,\s*["'][^"'\n]*["']\s*,\s*${literal}`,
  ];
  for (const pattern of patterns)
    for (const [, is = ''] of text.matchAll(new RegExp(pattern, 'g'))) found.push({ file, value: is });
  return found;
}

const plain = (text: string): string =>
  text
    .replace(/^["'`]+|["'`]+$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
/** Two values that can be held against one another, and differ. Figures with units are of one unit, or nothing is said. */
function differs(a: string, b: string): boolean | undefined {
  const [x, y] = [plain(a), plain(b)];
  if (x === y) return false;
  const parts = [x, y].map((one) => /^(-?\d[\d_,]*(?:\.\d+)?)\s*([a-z]*)$/.exec(one));
  const [p, q] = parts;
  if (p && q) {
    const [m, n] = [p, q].map((one) => Number((one[1] ?? '').replace(/[_,]/g, ''))) as [number, number];
    const [u, v] = [p[2] ?? '', q[2] ?? ''];
    if (m === n && (u === '' || v === '' || u[0] === v[0])) return false;
    return u === v ? m !== n : undefined;
  }
  return /^(?:true|false)$/.test(x) && /^(?:true|false)$/.test(y) ? true : undefined;
}

/**
 * Settings that a document gives a value: does the file that the same line names give them another one, or the constant or
 * argument of that name, where there is one only?
 */
export async function settingClaims({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const texts = await sources.texts();
  const above = foldersAbove(document);
  for (const said of [...saidIn(parsed), ...replicasIn(parsed)]) {
    const headings = headingsAbove(parsed, said.line);
    if (!/[_.-]/.test(said.name) && said.name !== 'replicas' && !said.name.startsWith('--')) continue;
    // A sentence that holds one against another says itself that they differ.
    if (/\b(?:but|whereas|mismatch\w*|differs?)\b/i.test(said.context)) continue;
    if (excuseOf(said.context.replace(/\bdefaults?\b/gi, ' '), '') !== undefined || isYetToCome('', headings)) continue;
    const named = new Set<string>();
    for (const span of parsed.spans.filter(({ line }) => line === said.line))
      for (const path of readPath(span.text)?.paths ?? []) {
        const at = isGlob(path)
          ? undefined
          : ((await repository.find(path, above)) ?? (await repository.findBySuffix(path)));
        if (at !== undefined && texts.has(at)) named.add(at);
      }
    const verdict = judge(texts, said, named);
    if (verdict) claims.push({ kind: 'value', line: said.line, text: `${said.name} ${plain(said.value)}`, ...verdict });
  }
  return claims;
}

function judge(texts: ReadonlyMap<string, string>, said: Said, named: ReadonlySet<string>): Verdict | undefined {
  const [file] = named;
  const hint = (at: string): string => `correct the document, or ${at}`;
  if (named.size === 1 && file !== undefined) {
    const text = texts.get(file) ?? '';
    const constants = inCode(file, text, said.name);
    const found = constants.length > 0 ? constants : inConfiguration(file, text, said.name);
    const verdict = of(found, said);
    return verdict === 'other' ? wrong(`${file} sets ${said.name} to ${valuesOf(found)}`, hint(file)) : verdict;
  }
  // A flag that is shown with a value need not have it by default.
  if (named.size > 1 || (said.name.startsWith('--') && !said.byDefault)) return undefined;
  const all = [...texts].filter(([path]) => !isTest.test(path));
  const inSources = all.flatMap(([path, text]) => (code.test(path) ? inCode(path, text, said.name) : []));
  if (inSources.length > 0) {
    const verdict = of(inSources, said);
    return verdict === 'other'
      ? (inSources.length === 1 && (said.byDefault || said.bare !== true) ? wrong : doubt)(
          `${inSources[0]?.file} has ${said.name} at ${valuesOf(inSources)}`,
          hint(inSources[0]?.file ?? ''),
        )
      : verdict;
  }
  // What the sources give by default, in whatever notation, may be another in the files of one place.
  const field = new RegExp(
    `(?<![\\w.-])${escapeRegex(said.name)}\\s*[:=].*\\b${escapeRegex(plain(said.value))}\\b`,
    'i',
  );
  if (said.byDefault && all.some(([path, text]) => code.test(path) && field.test(text))) return undefined;
  const files = all.filter(
    ([path]) =>
      configuration.test(path) &&
      !(said.byDefault && ofOnePlace.test(path)) &&
      (/(?:^|[./-])compose[\w.-]*\.ya?ml$/.test(path) || (said.byDefault && /default/i.test(path)) || isOwn(path)),
  );
  const found = files.flatMap(([path, text]) => inConfiguration(path, text, said.name));
  const verdict = of(found, said);
  // Of places that differ none is the default.
  if (verdict === 'other' && said.byDefault && new Set(found.map((one) => one.value)).size > 1) return undefined;
  return verdict === 'other'
    ? doubt(`${found[0]?.file} sets ${said.name} to ${valuesOf(found)}`, hint(found[0]?.file ?? ''))
    : verdict;
}

const isOwn = (path: string): boolean =>
  /^(?:config|conf|etc|settings)(?:\/|\.)|(?:^|\/)(?:config|settings|application)\.\w+$/.test(path) ||
  posix.dirname(path) === '.';
const valuesOf = (found: Found): string => [...new Set(found.map((one) => one.value))].slice(0, 3).join(', ');

/** Is the value one of those that were found, or another than all of them? Undefined where that cannot be told. */
function of(found: Found, said: Said): Verdict | 'other' | undefined {
  const told = found.map((one) => ({ one, differs: differs(one.value, said.value) }));
  const same = told.find((one) => one.differs === false);
  if (same) return holds(`${same.one.file} says so`);
  return told.length > 0 && told.every((one) => one.differs === true) ? 'other' : undefined;
}

/** "`k8s/x.yaml` runs 5 replicas" */
function replicasIn(parsed: MarkdownDocument): Said[] {
  return parsed.prose.flatMap((line, n): Said[] => {
    const count = /(?<![\w.-])(\d{1,3})\s+replicas\b/i.exec(line)?.[1];
    return count === undefined || !/`[^`]+\.ya?ml`/.test(line)
      ? []
      : [{ line: n + 1, name: 'replicas', value: count, context: line, byDefault: false }];
  });
}
