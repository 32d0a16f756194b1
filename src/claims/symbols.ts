import { escapeRegex } from '../core/patterns.ts';
import { didYouMean } from '../core/suggest.ts';
import type { CodeSpan, MarkdownDocument } from '../formats/documents/markdown.ts';
import { commandIsExcused, excuseOf } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import { commandsOfFence } from '../formats/programs/shell.ts';
import type { Repository } from '../repository/repository.ts';
import type { Sources } from '../repository/sources.ts';
import type { Claim } from './claim.ts';
import { dated, doubt, holds, unjudged, type Verdict, wrong } from '../formats/documents/verdict.ts';
import type { Reading } from './reading.ts';

const test = /^(?:[\w.-]+::|[\w.]+\.)*(test_\w{4,}|\w{4,}_test|Test[A-Z]\w{3,})(?:\(\))?$/;
/** `tests/a.rs::name`, `tests/test_a.py::TestB::test_c`. */
const inFile = /^((?:[\w.-]+\/)*[\w.-]+\.(?:rs|py|go|[jt]sx?))::(?:\w+::)*(\w+)$/;
const ofTests =
  /\bensur\w+\b|\btests?\b|\btested\b|\bproof\b|\bproves?n?\b|\bverif\w+\b|\bcover\w*\b|\bvalidat\w+\b|\bassert\w*\b/i;
const errorCode = /^([A-Z]{1,8}[-_]?)(\d{2,5})$/;
const remoteCall = /(?<![\w/.])((?:[a-z_]\w*\.)+)?([A-Z]\w+)[/.]([A-Z]\w+)(?![\w/.])/g;

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
    const table = parsed.tables.find((one) => one.rows.some((row) => row.line === span.line));
    const said = `${headings} ${table?.header.join(' ') ?? ''} ${context}`;
    const verdict = await judge(repository, sources, span, said);
    add(span.line, span.text, verdict?.more === undefined ? verdict : { ...verdict, cause: `tests of ${document}` });
  }
  claims.push(...(await rpcClaims(sources, parsed)));
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

/** Does the word stand in any source? */
async function hasWord(sources: Sources, word: string): Promise<boolean> {
  if (!(await sources.has(word))) return false;
  const pattern = new RegExp(`(?<![A-Za-z0-9_])${escapeRegex(word)}(?![A-Za-z0-9_])`);
  return [...(await sources.texts()).values()].some((text) => pattern.test(text));
}

async function testIn(sources: Sources, file: string, name: string): Promise<Verdict | undefined> {
  const texts = await sources.texts();
  const named = [...texts].filter(([path]) => path === file || path.endsWith(`/${file}`));
  const [first] = named;
  // That the file is not there is told of as a path.
  if (!first) return undefined;
  const word = new RegExp(`\\b${escapeRegex(name)}\\b`);
  const holder = named.find(([, text]) => word.test(text));
  if (holder) return holds(`${holder[0]} has it`);
  return named.length === 1 || !(await hasWord(sources, name))
    ? wrong(`${first[0]} has no ${name}`, 'correct the name, or write the test')
    : unjudged('it may be of another file of this name');
}

async function testVerdict(repository: Repository, sources: Sources, name: string): Promise<Verdict> {
  if ((await hasWord(sources, name)) || repository.files.some((path) => path.includes(name)))
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
  if (await hasWord(sources, code)) return holds('the sources have it');
  const alike = new RegExp(`["'\`]${escapeRegex(prefix)}\\d{2,5}["'\`]`, 'g');
  const known = new Set([...(await sources.texts()).values()].flatMap((text) => text.match(alike) ?? []));
  if (known.size < 3 || !sources.whole) return unjudged('not known');
  return doubt(`no source has it, though they have ${known.size} that begin like it`, 'correct the code');
}

interface Service {
  file: string;
  package: string;
  methods: Set<string>;
}

async function servicesOf(sources: Sources): Promise<Map<string, Service[]>> {
  const found = new Map<string, Service[]>();
  for (const [file, raw] of await sources.matching(/\.proto$/)) {
    const text = raw.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
    const own = /^\s*package\s+([\w.]+)\s*;/m.exec(text)?.[1] ?? '';
    for (const match of text.matchAll(/^\s*service\s+(\w+)\s*\{/gm)) {
      let depth = 1;
      let end = match.index + match[0].length;
      for (; end < text.length && depth > 0; end++) depth += text[end] === '{' ? 1 : text[end] === '}' ? -1 : 0;
      const body = text.slice(match.index, end);
      const methods = new Set([...body.matchAll(/\brpc\s+(\w+)\s*\(/g)].map(([, name = '']) => name));
      found.set(match[1] ?? '', [...(found.get(match[1] ?? '') ?? []), { file, package: own, methods }]);
    }
  }
  return found;
}

/** `pond.v1.PondService/Feed`, in prose and in calls of grpcurl, against the services of .proto files. */
async function rpcClaims(sources: Sources, parsed: MarkdownDocument): Promise<Claim[]> {
  const services = await servicesOf(sources);
  if (services.size === 0) return [];
  const packages = new Set([...services.values()].flat().map((one) => one.package));
  const claims: Claim[] = [];
  const done = new Set<string>();
  const lines = [
    ...parsed.spans.map(({ line, text, context, heading }) => ({
      line,
      text,
      excused: commandIsExcused(context, heading),
    })),
    ...parsed.fences
      .filter((fence) => commandsOfFence(fence.lang, fence.text) !== undefined)
      .flatMap((fence) =>
        fence.text
          .split('\n')
          .map((text, n) => ({ line: fence.line + n, text, excused: commandIsExcused('', fence.heading) })),
      ),
  ];
  for (const [n, raw] of parsed.prose.entries()) {
    // "`PondService`: `Feed`, `Drain`"
    const [, service = '', names = ''] =
      /`([A-Z]\w+)`\*{0,2}\s*(?::|—|–|-|\(|offers|provides|has|implements)\s*((?:`[A-Z]\w+`(?:\(\))?(?:, (?:and )?| and | or )?)+)/.exec(
        raw,
      ) ?? [];
    const known = services.get(service);
    const listed = [...names.matchAll(/`(\w+)`/g)].map(([, one = '']) => one);
    if (
      !known?.some(({ methods }) => listed.some((one) => methods.has(one))) ||
      commandIsExcused(raw, headingsAbove(parsed, n + 1))
    )
      continue;
    for (const one of listed)
      if (!known.some(({ methods }) => methods.has(one)) && !(await sources.has(one)))
        claims.push({
          kind: 'name',
          line: n + 1,
          text: one,
          ...doubt(
            `the service ${service} of ${known.map(({ file }) => file).join(', ')} has no such method`,
            'correct the name',
          ),
        });
  }
  for (const { line, text, excused } of lines)
    for (const [whole, prefix = '', service = '', method = ''] of text.matchAll(remoteCall)) {
      if (done.has(whole)) continue;
      const known = services.get(service);
      const own = prefix.replace(/\.$/, '');
      const say = excused ? doubt : wrong;
      if (known?.some((one) => own === '' || one.package === own || one.package.endsWith(`.${own}`))) {
        done.add(whole);
        const files = known.map((one) => one.file).join(', ');
        const all = known.flatMap((one) => [...one.methods]);
        if (all.includes(method)) claims.push({ kind: 'name', line, text: whole, ...holds(`${files} has it`) });
        // `Service.Name` may be anything else.
        else if (whole.includes('/') || prefix !== '') {
          claims.push({
            kind: 'name',
            line,
            text: whole,
            ...say(
              `the service ${service} of ${files} has no method ${method}`,
              didYouMean(method, all, 'correct the name'),
            ),
          });
        }
      } else if (own !== '' && whole.includes('/') && packages.has(own) && sources.whole) {
        done.add(whole);
        claims.push({
          kind: 'name',
          line,
          text: whole,
          ...say(
            `no .proto file has a service ${service} in the package ${own}`,
            `the services are ${[...services.keys()].slice(0, 5).join(', ')}`,
          ),
        });
      }
    }
  return claims;
}
