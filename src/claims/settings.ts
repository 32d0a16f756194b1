import { posix } from 'node:path';
import type { Sources } from '../repository/sources.ts';
import { escapeRegex } from '../core/patterns.ts';
import { excuseOf, isGlob, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome } from '../formats/documents/surroundings.ts';
import { foldersAbove, liesBeside } from '../formats/data/paths.ts';
import { doubt, holds, remark, type Claim, type Reading, type Verdict } from './reading.ts';
import { ownPrograms } from './own-programs.ts';
import { saidSettings, type Said } from './said-settings.ts';
import { code, defaultsOf, type Default } from './defaults.ts';
import { saidValue, valuesDiffer } from './setting-values.ts';

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
  for (const said of saidSettings(parsed)) {
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
    // A field of that name in another notation, or of another file, has it.
    const field = new RegExp(
      `(?<![\\w.-])${escapeRegex(said.name)}\\s*(?::[^=\\n]*)?=\\s*["']?${escapeRegex(plain(said.value))}["']?\\s*(?:[,;)#]|$)`,
      'm',
    );
    if (verdict === 'other' && all.some(([path, text]) => code.test(path) && field.test(text))) return undefined;
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

const isCompose = /(?:^|[./-])compose[\w.-]*\.ya?ml$/;

/** What a Compose file sets is not what holds without it; what it puts in the place of a variable is. */
const defaultsIn = (path: string, text: string): string =>
  isCompose.test(path) ? (text.match(/\$\{\w+:?-[^}]*\}/g) ?? []).join('\n') : text;

/** What configuration gives the name, by its last part: below its section, where the document names one. */
function inConfiguration(file: string, text: string, wanted: string, words = false): Default[] {
  const parts = wanted.replace(/^-+/, '').split('.');
  const last = parts.at(-1) ?? '';
  const names = [...new Set([wanted.replace(/^-+/, ''), ...(parts.length > 1 ? [last] : [])])];
  const found: Default[] = [];
  for (const one of names) {
    if (!text.includes(one)) continue;
    const setting = new RegExp(
      String.raw`(?<![\w.-])-{0,2}["']?${escapeRegex(one)}["']?\s*[=:]\s*["']?([\w./-]+)(?!\S*[ \t]+[\d*?])["']?`,
      'g',
    );
    // Comments are taken away only of the lines that have the name: a large file is asked for many.
    for (const match of text
      .split('\n')
      .filter((line) => line.includes(one))
      .join('\n')
      .replace(/(?:^|\s)(?:#|\/\/).*$/gm, '')
      .replace(/\$\{(\w+):?-([^}]*)\}/g, ' $1=$2 ')
      .matchAll(setting)) {
      const value = saidValue(match[1] ?? '');
      if (value && (words || !('word' in value))) found.push({ file, text: match[1] ?? '', value });
    }
  }
  return found;
}
