import { escapeRegex } from '../core/patterns.ts';
import { didYouMean } from '../core/suggest.ts';
import type { CodeSpan } from '../formats/documents/markdown.ts';
import { excuseOf } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove, tableAt } from '../formats/documents/surroundings.ts';
import type { Repository } from '../repository/repository.ts';
import type { Sources } from '../repository/sources.ts';
import { dated, doubt, holds, unjudged, wrong, type Claim, type Reading, type Verdict } from './reading.ts';
import { procedureClaims } from './remote-procedures.ts';

const test = /^(?:[\w.-]+::|[\w.]+\.)*(test_\w{4,}|\w{4,}_test|Test[A-Z]\w{3,})(?:\(\))?$/;
/** `tests/a.rs::name`, `tests/test_a.py::TestB::test_c`. */
const inFile = /^((?:[\w.-]+\/)*[\w.-]+\.(?:rs|py|go|[jt]sx?))::(?:\w+::)*(\w+)$/;
const ofTests =
  /\bensur\w+\b|\btests?\b|\btested\b|\bproof\b|\bproves?n?\b|\bverif\w+\b|\bcover\w*\b|\bvalidat\w+\b|\bassert\w*\b/i;
const errorCode = /^([A-Z]{1,8}[-_]?)(\d{2,5})$/;

/** Names that stand for any. */
const standsFor =
  /__|(?:^|_)(?:function|method|class|feature)?_?name$|Name$|Foo|foo_|Bar(?![a-z])|Example|Something|Whatever/;

/** Names of tests, error codes and remote procedures: do the sources have them? */
export async function symbolClaims({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const done = new Set<string>();
  const add = (line: number, text: string, verdict: Verdict | undefined): void => {
    if (verdict && !done.has(text)) claims.push({ kind: 'name', line, text, ...verdict });
    done.add(text);
  };
  for (const span of parsed.spans) {
    const headings = headingsAbove(parsed, span.line);
    const context = span.context.replaceAll(span.text, ' ');
    // What a block of the document itself shows is of its example.
    const shown = parsed.fences.some((fence) =>
      fence.text.includes(span.text.replace(/\(.*$/, '').split(/::|\./).at(-1) ?? span.text),
    );
    if (
      shown ||
      /^\W*if\b/i.test(span.context) ||
      /\bexamples?\b/i.test(labelAbove(parsed, span.line)) ||
      /\b(?:meaningful|descriptive|naming)\b|^\W*examples?\W/i.test(span.context) ||
      excuseOf(context, span.heading) === 'absent' ||
      isYetToCome(labelAbove(parsed, span.line), headings)
    )
      continue;
    const table = tableAt(parsed, span.line);
    const said = `${headings} ${table?.header.join(' ') ?? ''} ${context}`;
    const verdict = await judge(repository, sources, span, said);
    add(span.line, span.text, verdict?.more === undefined ? verdict : { ...verdict, cause: `tests of ${document}` });
  }
  claims.push(...(await procedureClaims(sources, parsed)));
  return claims;
}

async function judge(
  repository: Repository,
  sources: Sources,
  span: CodeSpan,
  said: string,
): Promise<Verdict | undefined> {
  const text = span.text.trim();
  const [, file = '', name = ''] = inFile.exec(text) ?? [];
  if (name !== '') return testIn(sources, file, name);
  const named = test.exec(text)?.[1];
  if (named !== undefined && ofTests.test(said) && !/\bfixtures?\b/i.test(said) && isCalledTest(named, span))
    return testVerdict(repository, sources, named);
  const code = errorCode.exec(text);
  return code && /\b(?:error|status|exit|reason|failure|fault) codes?\b|\berrors?\b/i.test(said)
    ? codeVerdict(sources, text, code[1] ?? '')
    : undefined;
}

/** A word that ends in `_test` may be a key or a tool: only beside the word, or as a function, is it the name of one. */
const isCalledTest = (name: string, { text, context }: CodeSpan): boolean =>
  // `test_password` is a variable as easily.
  (name !== 'TestMain' && !name.endsWith('_test') && !/^test_[a-z]+$/.test(name)) ||
  name.split('_').length > 4 ||
  /\(\)$|::/.test(text) ||
  new RegExp(`\\btests?\\b[\\s:,*]*\`[^\`]*${name}|${name}\`[\\s)]*tests?\\b`, 'i').test(context);

async function testIn(sources: Sources, file: string, name: string): Promise<Verdict | undefined> {
  const texts = await sources.texts();
  const named = [...texts].filter(([path]) => path === file || path.endsWith(`/${file}`));
  const [first] = named;
  // That the file is not there is told of as a path.
  if (!first) return undefined;
  const word = new RegExp(`\\b${escapeRegex(name)}\\b`);
  const holder = named.find(([, text]) => word.test(text));
  if (holder) return holds(`${holder[0]} has it`);
  return named.length === 1 || !(await sources.hasWord(name))
    ? wrong(`${first[0]} has no ${name}`, 'correct the name, or write the test')
    : unjudged('it may be of another file of this name');
}

async function testVerdict(repository: Repository, sources: Sources, name: string): Promise<Verdict> {
  if ((await sources.hasWord(name)) || repository.files.some((path) => path.includes(name)))
    return holds('the sources have it');
  if (standsFor.test(name)) return unjudged('it stands for any name');
  // Macros compose names; `func TestX`, `class TestX`, `fn x_test` and `def test_x` say them whole.
  const alike = name.startsWith('test_')
    ? /\b(?:fn|def|func|function|void)\s+test_\w{4,}/g
    : name.endsWith('_test')
      ? /\b(?:fn|def|func|function|void)\s+\w{4,}_test\b/g
      : /\b(?:func|class)\s+Test[A-Z]\w{3,}/g;
  const known = new Set(
    [...(await sources.texts()).values()].flatMap(
      (text) => text.match(alike)?.map((one) => one.replace(/^\w+\s+/, '')) ?? [],
    ),
  );
  if (known.size < 3 || !sources.whole) return unjudged('not known');
  return {
    ...dated(
      wrong('no test of the sources is called so', didYouMean(name, known, 'correct the name, or write the test')),
    ),
    more: ', nor so as {n} more tests that it names',
  };
}

async function codeVerdict(sources: Sources, code: string, prefix: string): Promise<Verdict | undefined> {
  if (await sources.hasWord(code)) return holds('the sources have it');
  const alike = new RegExp(`["'\`]${escapeRegex(prefix)}\\d{2,5}["'\`]`, 'g');
  const known = new Set([...(await sources.texts()).values()].flatMap((text) => text.match(alike) ?? []));
  if (known.size < 3 || !sources.whole) return unjudged('not known');
  return doubt(`no source has it, though they have ${known.size} that begin like it`, 'correct the code');
}
