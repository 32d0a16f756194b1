import { posix } from 'node:path';
import type { Sources } from '../repository/sources.ts';
import { escapeRegex } from '../core/patterns.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { excuseOf, isGlob, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome } from '../formats/documents/surroundings.ts';
import { foldersAbove, liesBeside } from '../formats/data/paths.ts';
import type { Reading } from './reading.ts';
import { ownPrograms } from './own-programs.ts';
import { lengthOfTime } from './spoken.ts';
import type { Claim } from './claim.ts';
import { defaultsIn, inConfiguration, isCompose } from './configured-values.ts';
import { code, defaultsOf, type Default } from './defaults.ts';
import { saidValue, valuesDiffer } from './setting-values.ts';
import { doubt, holds, remark, type Verdict } from '../formats/documents/verdict.ts';

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
  /** The name stands in brackets behind the value: it may be of something else. */
  loose?: true;
  /** The settings of the same table. */
  beside?: readonly string[];
}

const figure = String.raw`(?:${lengthOfTime}|\d[\d,]*(?:\.\d+)?[ -](?:µs|microseconds?|[KMGT]i?B)\b|\d[\w.,]*%?)`;
const value = String.raw`"?\`?"?(?<value>${figure}|true|false|on|off|enabled|disabled|"[^"\`]{1,40}")"?\`?"?`;
/** In back-ticks a word is a value as well. */
const anyValue = String.raw`(?:${value}|\`(?<word>[\w./:@-]{1,60})\`)`;
const name = String.raw`-{0,2}[A-Za-z][\w.-]{3,}`;
const named = String.raw`\`(?<name>${name})\``;
const inProse = [
  new RegExp(
    String.raw`${named}\)?\s+(?:is|are)\s+(?:currently\s+)?(?:set|configured|limited|fixed)?\s*(?:to|at)?\s*${anyValue}(?=[\s,.;)]|$)`,
    'g',
  ),
  new RegExp(String.raw`\`(?<name>${name})\s*[=:]\s*${value}\``, 'g'),
  new RegExp(
    String.raw`\`(?<name>${name})(?:[ =]<?[\w-]*>?)?\`\)?\s*(?:\(|—|–|-|:|,?\s*(?:which|that))?\s*\(?(?:defaults?\s+to|default(?:\s+is)?\s*[:=]?|by default)\s*${anyValue}`,
    'gi',
  ),
  // "a `merge_factor` of 10 by default"
  new RegExp(String.raw`\`(?<name>${name})\`\s+of\s+${anyValue} by default`, 'gi'),
  // "1000 (`maxBatchSize`)", "dead after two minutes without a heartbeat (`--worker-timeout`)"
  new RegExp(
    String.raw`(?<![\w.,/–-])(?:(?<value>${figure})(?![\w/–-])|\`(?<word>[./][\w./-]{1,60})\`)[^.;|()\`\d]{0,40}\(\`(?<name>${name})\`\)`,
    'gi',
  ),
];
const inBrackets = new RegExp(String.raw`\(default(?:s to|\s+is)?\s*[:=]?\s*${anyValue}(?=[\s,.;)])`, 'i');
/** Words before a value that is one of several: of a condition, an instruction, one place. */
const chosen =
  /\b(?:if|when(?:ever)?|unless|while|where|until|once|whether|only|sure|ensure|verify|check|confirm|assum\w+|requires?)\b/i;
const instructs =
  /\b(?:set(?:ting)?|flip\w*|toggl\w*|switch\w*|turn\w*|us(?:e|ing)|with|without|via|by|through|change|try|increas\w+|rais\w+|lower|decreas\w+|reduc\w+|pass(?:ing)?|run|overrid\w+|enabl\w+|disabl\w+|can|need\w*|for|export|to|then)\b|[^\P{L}a-zA-Z]/iu;
const asserts = /\b(?:(?:we|it) (?:currently )?(?:run|use|set)s?|runs with|currently)\b/i;
/** The sentence does not say how things are. */
const unsettled =
  /\b(?:no longer|not yet|planned|will|would|future|removed|deprecated|instead of|rather than|was|were|used to|previously|formerly|e\.g|for example|such as|should|could|recommend\w*|suggest\w*|increas\w+|rais\w+|reduc\w+|lower\w*|chang\w+|set|if|when)\b/i;
const wasSo = /\b(?:previously|formerly|used to|was|will|planned|no longer)\b/i;
/** "listens on port 7430 by default (`http_port`)": one name, one number. */
const around = /\bby default\b|\bdefaults?\b/i;

function saidIn(parsed: MarkdownDocument): Said[] {
  const found: Said[] = [];
  for (const [n, line] of parsed.prose.entries()) {
    if (/^\s*\|/.test(line)) continue;
    const before = found.length;
    for (const [at, pattern] of inProse.entries())
      for (const { 0: text, index, groups = {} } of line.matchAll(pattern)) {
        const { name: one = '', value: is = groups['word'] ?? '' } = groups;
        const from = Math.max(0, ...[...line.slice(0, index).matchAll(/[.;!?]\s|\|/g)].map((end) => end.index + 1));
        const context =
          line.slice(from, index) +
          text +
          (/^(?:[^.;|!?]|[.!?](?=\S))*/.exec(line.slice(index + text.length))?.[0] ?? '');
        const byDefault = at === 4 || around.test(context);
        const lead = `${parsed.prose[n - 1] ?? ''} ${line.slice(0, index)}`.replace(/`[^`]*`/g, ' ');
        // "`x = 5`" alone may be what the reader is told to write.
        const isBare = at === 1;
        // "`X=1` enables it" says what it does, not what holds.
        if (
          isBare &&
          (/^(?:true|false)$/i.test(is) ||
            /^`?\W{0,3}(?:(?:only|also|additionally) )?(?:enables?|disables?|turns?|makes?|allows?|lets?|keeps?|forces?|means|switch\w*|adds?|skips?|excludes?|includes?)\b/i.test(
              line.slice(index + text.length),
            )) &&
          !asserts.test(lead)
        )
          continue;
        if (!byDefault && (chosen.test(lead) || (isBare && instructs.test(lead) && !asserts.test(lead)))) continue;
        if (at === 4 && (unsettled.test(context) || found.some((other) => other.line === n + 1 && other.name === one)))
          continue;
        found.push({
          line: n + 1,
          name: one,
          value: is,
          // "(default 30 s)" right behind the name says so whatever the sentence is about.
          context: at > 3 || (at > 1 && !wasSo.test(context)) ? '' : context,
          byDefault,
          ...(isBare && { bare: true }),
          ...(at === 4 && { loose: true }),
        });
      }
    const spans = parsed.spans.filter((span) => span.line === n + 1);
    const [only] = spans;
    const bare = line.replace(/`[^`]*`/g, ' ');
    const numbers = bare.match(/(?<![\w.])\d+(?![\w.]*\w)/g) ?? [];
    // "RFC 3550 §6.3.5 time-out (default 30s)": what stands behind the word, and no other number.
    const { value: own, word = own } = inBrackets.exec(line)?.groups ?? {};
    const given = word ?? (bare.match(/\d[\w.,]*/g)?.length === 1 ? numbers[0] : undefined);
    if (
      found.length === before &&
      spans.length === 1 &&
      only &&
      new RegExp(`^${name}$`).test(only.text) &&
      given !== undefined &&
      around.test(line) &&
      !endsBetween(line, `\`${only.text}\``, given)
    )
      found.push({ line: n + 1, name: only.text, value: given, context: line, byDefault: true });
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
    const beside = rows.map(({ cells }) => settingOf(cells[0] ?? ''));
    for (const { cells, line } of rows) {
      const one = settingOf(cells[0] ?? '');
      const is = /^`?"?([^\s`"|]+|\d\S* [a-zµA-Z]+)"?`?$/.exec((cells[at] ?? '').trim())?.[1];
      if (is !== undefined && new RegExp(`^${name}$`).test(one))
        found.push({
          line,
          name: one,
          value: is,
          context: cells.join(' '),
          byDefault: /default/i.test(header[at] ?? ''),
          bare: true,
          beside,
        });
    }
  }
  return found;
}

/** Does a clause end between the two, so that the one is not said of the other? */
function endsBetween(line: string, name: string, number: string): boolean {
  const [from, to] = [line.indexOf(name), line.lastIndexOf(number)];
  return /;|[.!?]\s/.test(from < to ? line.slice(from + name.length, to) : line.slice(to + number.length, from));
}

const settingOf = (cell: string): string => {
  const text = cell.replace(/`/g, '').trim();
  return /(?:^|[\s,/])(--[a-z][\w-]+)/.exec(text)?.[1] ?? text;
};

/** Does the source define it by its own name, in capitals? */
const isConstant = (text: string, name: string): boolean =>
  /^[A-Z][A-Z0-9_]+$/.test(name) &&
  new RegExp(
    String.raw`^\s*(?:pub(?:\([a-z]+\))?\s+|export\s+)?(?:(?:const|static|final|val)\s+)${escapeRegex(name)}\b[^=\n(]*=|^${escapeRegex(name)}\s*(?::\s*\w+\s*)?=(?!.*env)`,
    'm',
  ).test(text);

/** A name that says little may be another program's: then the file must know most of those that are listed with it. */
function isMeant(file: string, said: Said, texts: ReadonlyMap<string, string>, programs: number): boolean {
  const dotted = said.name.split('.');
  if (dotted.length > 1 && !/[-_]|[a-z][A-Z]/.test(dotted.at(-1) ?? '')) return false;
  if (said.name.replace(/^-+/, '').split(/[-_.]|(?<=[a-z])(?=[A-Z])/).length > 2) return true;
  const text = texts.get(file) ?? '';
  if (isConstant(text, said.name) || /^[A-Z]+[a-z]+[A-Z]/.test(said.name)) return true;
  // A variable that the file itself reads.
  if (new RegExp(`\\b(?:var|var_os|[gG]etenv|environ|get|env)\\W{1,3}${escapeRegex(said.name)}\\b`).test(text))
    return true;
  const beside = said.beside ?? [];
  if (beside.length < 3) return programs < 2;
  const known = beside.filter((one) => {
    const bare = one.replace(/^-+/, '');
    return [bare, bare.replaceAll('-', '_'), bare.toLowerCase()].some((one) => text.includes(one));
  });
  return known.length >= beside.length * 0.6;
}

const configuration = /\.(?:ya?ml|toml|json|ini|conf|cfg|properties|env|service|xml)$|(?:^|\/)\.env[\w.-]*$/;
const isTest =
  /(?:^|\/)(?:tests?|testdata|fixtures?|examples?|benches|e2e|samples?)\/|[._-](?:test|spec|example|sample)\./;
/** Configuration of one place, or of a machine that builds: what it sets is no default. */
const ofOnePlace = /^\.\w+\/|(?:^|[/._-])(?:dev\w*|local|staging|stage|prod\w*|ci|demo|test)(?=[/._-])/;

const plain = (text: string): string =>
  text
    .replace(/^["'`]+|["'`]+$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
/**
 * Settings that a document gives a value: does the file that the same line names give them another one, or the constant or
 * argument of that name, where there is one only?
 */
export async function settingClaims({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const texts = await sources.texts();
  const programs = (await ownPrograms(sources)).size;
  const above = foldersAbove(document);
  for (const said of [...saidIn(parsed), ...replicasIn(parsed)]) {
    const headings = headingsAbove(parsed, said.line);
    if (!/[_.-]|[a-z][A-Z]/.test(said.name) && said.name !== 'replicas' && !said.name.startsWith('--')) continue;
    // It tells of what the document's own block sets.
    if (
      said.bare === true &&
      !said.byDefault &&
      parsed.fences.some((fence) =>
        new RegExp(
          String.raw`(?<![\w.-])["']?${escapeRegex(said.name)}["']?\s*[:=]\s*["']?${escapeRegex(plain(said.value))}\b`,
          'i',
        ).test(fence.text),
      )
    )
      continue;
    // A sentence that holds one against another says itself that they differ.
    if (/\b(?:but|whereas|mismatch\w*|differs?|different|wrong|before)\b|→|->/i.test(said.context)) continue;
    const excuse = excuseOf(said.context.replace(/\bdefaults?\b/gi, ' '), '');
    // In a column of defaults the other words of the row tell what the setting does.
    const counts = excuse === undefined || (excuse !== 'absent' && said.bare === true && said.byDefault);
    if (!counts || isYetToCome('', headings)) continue;
    const named = new Set<string>();
    for (const span of parsed.spans.filter(({ line }) => line === said.line))
      for (const path of readPath(span.text)?.paths ?? []) {
        if (isGlob(path)) continue;
        const at = (await repository.find(path, above)) ?? (await repository.findBySuffix(path));
        if (at !== undefined && texts.has(at)) named.add(at);
      }
    const verdict = await judge(sources, said, named, programs);
    // `apps/a/README.md` speaks of the settings of `apps/a`, and not of those of `apps/b`.
    if (verdict && !liesBeside(document, verdict.seen.split(' ')[0] ?? ''))
      claims.push({ kind: 'value', line: said.line, text: `${said.name} ${plain(said.value)}`, ...verdict });
  }
  return claims;
}

async function judge(
  sources: Sources,
  said: Said,
  named: ReadonlySet<string>,
  programs: number,
): Promise<Verdict | undefined> {
  const texts = await sources.texts();
  const [file] = named;
  const hint = (at: string): string => `correct the document, or ${at}`;
  if (named.size === 1 && file !== undefined) {
    const text = texts.get(file) ?? '';
    const constants = await defaultsOf(sources, said.name, file);
    const found = constants.length > 0 ? constants : inConfiguration(file, text, said.name);
    const verdict = of(found, said);
    return verdict === 'other' ? doubt(`${file} sets ${said.name} to ${valuesOf(found)}`, hint(file)) : verdict;
  }
  // A flag that is shown with a value need not have it by default.
  if (named.size > 1 || (said.name.startsWith('--') && !said.byDefault)) return undefined;
  const all = [...texts].filter(([path]) => !isTest.test(path));
  // "`x = 5`" in a sentence may be anybody's setting: held against a constant only.
  const isAssigned = said.bare === true && !said.byDefault;
  const inSources = (await defaultsOf(sources, said.name)).filter(({ file: at }) =>
    isAssigned ? isConstant(texts.get(at) ?? '', said.name) : isMeant(at, said, texts, programs),
  );
  if (inSources.length > 0) {
    const verdict = of(inSources, said);
    // A file that starts the program may give it another value.
    const given =
      verdict === 'other'
        ? of(
            all
              .filter(([path]) => configuration.test(path))
              .flatMap(([path, text]) => inConfiguration(path, text, said.name, true)),
            said,
          )
        : undefined;
    if (given !== undefined && given !== 'other') return given;
    return verdict === 'other'
      ? doubt(`${inSources[0]?.file} has ${said.name} at ${valuesOf(inSources)}`, hint(inSources[0]?.file ?? ''))
      : verdict;
  }
  // What the sources give by default, in whatever notation, may be another in the files of one place.
  // A reader of the environment may put `AUTH_` before the field `max_retries`.
  const fields = [said.name, said.name.replace(/^[A-Z]+_/, '').toLowerCase()].map(escapeRegex).join('|');
  const field = new RegExp(`(?<![\\w.-])(?:${fields})\\s*[:=].*\\b${escapeRegex(plain(said.value))}\\b`, 'i');
  const declared = new RegExp(`^\\s*(?:pub(?:\\([^)]*\\))?\\s+)?${escapeRegex(said.name)}\\??\\s*:\\s*[A-Z&]`, 'm');
  const value = plain(said.value);
  const isSo = (text: string): boolean =>
    ((/[a-z]/.test(value) || text.includes(value)) && field.test(text)) ||
    (text.includes(said.name) && declared.test(text));
  if (said.byDefault && all.some(([path, text]) => code.test(path) && isSo(text))) return undefined;
  const files = all.filter(
    ([path]) =>
      configuration.test(path) &&
      !(said.byDefault && ofOnePlace.test(path)) &&
      (isCompose.test(path) || (said.byDefault && /default/i.test(path)) || isOwn(path)),
  );
  const found = files.flatMap(([path, text]) =>
    inConfiguration(path, said.byDefault ? defaultsIn(path, text) : text, said.name),
  );
  const verdict = of(found, said);
  // Of places that differ none is the default.
  if (verdict === 'other' && said.byDefault && new Set(found.map((one) => one.text)).size > 1) return undefined;
  // What a row or an assignment gives may be of another program than the one whose file sets a name that says little.
  const isVague =
    said.name.split(/[-_.]|(?<=[a-z])(?=[A-Z])/).length < 3 ||
    /(?:^|\/)\.env\.(?!example$|sample$)/.test(found[0]?.file ?? '');
  return verdict === 'other'
    ? (isVague && (said.bare === true || said.byDefault) ? remark : doubt)(
        `${found[0]?.file} sets ${said.name} to ${valuesOf(found)}`,
        hint(found[0]?.file ?? ''),
      )
    : verdict;
}

const isOwn = (path: string): boolean =>
  /(?:^|\/)values\.ya?ml$|^(?:config|conf|etc|settings)(?:\/|\.)|(?:^|\/)(?:config|settings|application)\.\w+$/.test(
    path,
  ) || posix.dirname(path) === '.';
const valuesOf = (found: readonly Default[]): string =>
  [...new Set(found.map((one) => one.text))].slice(0, 3).join(', ');

/** Is the value one of those that were found, or another than all of them? Undefined where that cannot be told. */
function of(found: readonly Default[], said: Said): Verdict | 'other' | undefined {
  const value = saidValue(said.value);
  if (!value) return undefined;
  const told = found.map((one) => ({ one, differs: valuesDiffer(one.value, value) }));
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
