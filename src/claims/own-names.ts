import { didYouMean } from '../core/suggest.ts';
import { excuseOf } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove, toldGone } from '../formats/documents/surroundings.ts';
import { dated, doubt, holds, isOfAVersion, once, wrong, type Claim, type Reading, type Verdict } from './reading.ts';

const code = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|swift|scala)$/;
const member = /^([A-Z]\w{2,})(?:::|\.)([A-Za-z_]\w{2,})(?:\(.*\))?$/;
const packaged = /^([a-z]\w+)\.([A-Z]\w{2,})(?:\(.*\))?$/;
const standsFor = /X{2}|Xxx|Xyz|Foo|foo_|Bar(?![a-z])|Example|Something|Whatever|^My[A-Z]|^your|^my_/;
const done = /\b(?:fully |is |are |now )+implemented\b|\bcomplete[d]?\b|\bdone\b/i;
/** The sentence speaks of what is not there, or no more. */
const excused =
  /\b(?:unimplemented|not (?:yet |fully )?(?:implemented|there|a)|follow-?ups?|proposed|missing|deferred|remains?|replac\w+|remov\w+|renam\w+|deprecat\w+|instead|could|should|would|planned|lacks?|no|without|does(?: not|n['’]t)|is(?: not|n['’]t)|SDK|librar(?:y|ies)|package|upstream|its|generat\w+)\b/i;
/** In another language it is not known what the sentence says of the name. */
const isForeign = (text: string): boolean => /(?=[^\p{ASCII}])\p{L}/u.test(text.replace(/`[^`]*`/g, ' '));
const stub =
  /\btodo!\s*\(|\bunimplemented!\s*\(|\bpanic!?\(\s*"(?:not (?:yet )?implemented|todo|unimplemented)|raise NotImplementedError|throw new Error\(\s*["'`](?:not (?:yet )?implemented|todo)/i;

interface Body {
  file: string;
  line: number;
  text: string;
}

/** Definitions of functions by name, with what stands in them as far as the next definition of the same depth. */
const functions = once(async (sources): Promise<Map<string, Body[]>> => {
  const found = new Map<string, Body[]>();
  for (const [file, text] of await sources.matching(/\.(?:rs|go)$/)) {
    let [line, last] = [1, 0];
    for (const match of text.matchAll(
      /^([ \t]*)(?:pub(?:\([\w ]+\))?\s+)?(?:async\s+|const\s+|unsafe\s+)*(?:fn|func)\s+(?:\([^)]*\)\s*)?(\w+)/gm,
    )) {
      const first = text.indexOf('\n', match.index);
      // A body of one line ends on it.
      const end = /\}\s*$/.test(text.slice(match.index, first))
        ? first
        : text.indexOf(`\n${match[1] ?? ''}}`, match.index);
      for (; last < match.index; last++) if (text[last] === '\n') line++;
      const body = { file, line, text: text.slice(match.index, end < 0 ? undefined : end) };
      found.set(match[2] ?? '', [...(found.get(match[2] ?? '') ?? []), body]);
    }
  }
  return found;
});

/** All words of the code, and the types that it defines. */
interface Words {
  all: ReadonlySet<string>;
  types: Set<string>;
  packages: Set<string>;
}
const words = once(async (sources): Promise<Words> => {
  const { all } = await sources.words();
  const found = { all, types: new Set<string>(), packages: new Set<string>() };
  // Elsewhere a dependency's type of the same name may be meant as easily.
  for (const text of (await sources.matching(/\.(?:rs|go|py)$/)).values()) {
    for (const [, name = ''] of text.matchAll(/\b(?:struct|enum|trait|class|interface|union|type)\s+([A-Z]\w+)/g))
      found.types.add(name);
    for (const [, name = ''] of text.matchAll(/^package (\w+)/gm)) found.packages.add(name);
  }
  return found;
});

/**
 * Members of the repository's own types that a sentence names: do the sources know the word? And of functions that are said to be
 * implemented: are they?
 */
export async function ownNameClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const said = new Set<string>();
  const known = await words(sources);
  const { types } = known;
  if (types.size === 0 && (await functions(sources)).size === 0) return claims;
  const byLine = Map.groupBy(parsed.spans, (span) => span.line);
  for (const [line, spans] of byLine) {
    const headings = headingsAbove(parsed, line);
    const label = labelAbove(parsed, line);
    if (isYetToCome(label, headings) || isOfAVersion(headings) || excused.test(label)) continue;
    for (const span of spans) {
      const name = span.text.trim();
      if (
        said.has(name) ||
        standsFor.test(name) ||
        toldGone(parsed).has(name) ||
        excused.test(span.context.replace(/`[^`]*`/g, ' ')) ||
        isForeign(`${span.context} ${headings}`) ||
        excuseOf(span.context.replaceAll(name, ' '), span.heading) === 'absent'
      )
        continue;
      if (parsed.fences.some((fence) => fence.text.includes(name.split(/::|\.|\(/).at(-1) ?? name))) continue;
      const verdict = judge(name, known, sources.whole);
      if (verdict) {
        said.add(name);
        claims.push({ kind: 'name', line, text: name, ...verdict });
      }
      const finished = await stubOf(sources, name, span.context);
      if (finished) claims.push({ kind: 'value', line, text: name, ...finished });
    }
  }
  for (const fence of parsed.fences.filter(({ lang }) => /^(?:rust|rs|go|golang)$/.test(lang)))
    for (const [n, code] of fence.text.split('\n').entries())
      for (const [call, type = '', part = ''] of code
        .replace(/\/\/.*$/, '')
        .matchAll(/\b([A-Z]\w{2,})::([a-z]\w{2,})\(/g))
        if (
          types.has(type) &&
          !said.has(call) &&
          !fence.text.includes(`fn ${part}`) &&
          !isYetToCome('', headingsAbove(parsed, fence.line))
        ) {
          said.add(call);
          const verdict = judge(`${type}::${part}`, known, sources.whole);
          if (verdict) claims.push({ kind: 'name', line: fence.line + n, text: `${type}::${part}`, ...verdict });
        }
  claims.push(...(await partClaims(sources, parsed, types)));
  return claims;
}

const list = String.raw`((?:\s*\`[^\`]+\`(?:,|\s+and|,\s+and|\s+or|\s+&)?)+)`;
const partsOf = [
  new RegExp(String.raw`\`([A-Z]\w+)\`[^.;|]{0,40}?\b(?:variants|fields|members|methods)\b:?${list}`, 'g'),
  new RegExp(String.raw`\`([A-Z]\w+)\` (?:with|has|holds|contains|exposes|carries)${list}`, 'g'),
];

/** "`SegmentError` has the variants `A` and `B`": what the definition of a type, or all that is written of it, does not have. */
async function partClaims(
  sources: Reading['sources'],
  parsed: Reading['parsed'],
  types: ReadonlySet<string>,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const [n, raw] of parsed.prose.entries()) {
    if (
      !raw.includes('`') ||
      isYetToCome('', headingsAbove(parsed, n + 1)) ||
      /\b(?:not|no|will|planned|new|add(?:s|ed)?|removed)\b/i.test(raw)
    )
      continue;
    for (const pattern of partsOf)
      for (const [, type = '', names = ''] of raw.matchAll(pattern)) {
        if (!types.has(type)) continue;
        const texts = [...(await sources.matching(code)).values()].filter((text) =>
          new RegExp(`\\b${type}\\b`).test(text),
        );
        const parts = [...names.matchAll(/`([A-Za-z_]\w+)(?:\(\))?`/g)].map(([, name = '']) => name);
        const isThere = (name: string): boolean => texts.some((text) => new RegExp(`\\b${name}\\b`).test(text));
        // Where none of them is there, something else is listed.
        if (!parts.some(isThere)) continue;
        for (const name of parts)
          claims.push({
            kind: 'name',
            line: n + 1,
            text: `${type}: ${name}`,
            ...(isThere(name)
              ? holds('its sources have it')
              : (sources.whole ? wrong : doubt)(`no source that speaks of ${type} has ${name}`, 'correct the name')),
          });
      }
  }
  return claims;
}

/** `Type::member`, `Type.member`, `package.Name`, where the type or the package is the repository's own. */
function judge(name: string, { all, types, packages }: Words, whole: boolean): Verdict | undefined {
  const [, type = '', part = ''] = member.exec(name) ?? packaged.exec(name) ?? [];
  if (part === '' || !(types.has(type) || packages.has(type))) return undefined;
  if (all.has(part)) return holds('the sources know both names');
  return dated(
    (whole ? wrong : doubt)(
      `the sources define ${type}, and nothing in them is called ${part}`,
      didYouMean(part, all, 'correct the name'),
    ),
  );
}

/** "`Segment::compact` is fully implemented", where its body says otherwise. */
async function stubOf(sources: Reading['sources'], name: string, context: string): Promise<Verdict | undefined> {
  if (!done.test(context) || /\bnot\b|\bexcept\b|\bpartial/i.test(context)) return undefined;
  const bare = /(\w+)(?:\(\))?$/.exec(name)?.[1] ?? '';
  const bodies = (await functions(sources)).get(bare) ?? [];
  const [only] = bodies;
  if (bodies.length !== 1 || !only || /_test\.go$|(?:^|\/)tests?\//.test(only.file)) return undefined;
  const found = stub.exec(only.text);
  return found
    ? wrong(`${only.file}:${only.line}: its body says ${found[0].trim()}`, 'finish it, or say what is left')
    : undefined;
}

const asserts =
  /\bassert\w*!?\s*\(|\bexpect\w*!?\s*\(|\bt\.(?:Error|Fatal|Fail)\w*\(|\brequire\.\w+\(|\bassert\.\w+\(|\b\w+\.(?:Equal\w*|NotEqual\w*|NoError\w*|Error(?:Is|As|Contains)|True|False|Nil|NotNil|Len|Empty|NotEmpty|Contains|NotContains|Greater\w*|Less\w*|InDelta|ElementsMatch|JSONEq|Panics\w*|NotPanics|Eventually\w*)\(|\bpanic!\s*\(|\?;|\bprop_assert|\bensure!|\bshould_panic|\bcheck\w*\(|\bverify\w*\(|\bmatch\b|->\s*(?:anyhow::)?Result/;
const proves =
  /\b(?:prov(?:en|ed|es)|cover(?:ed|s)?|verif(?:ied|ies)|validat(?:ed|es)|test(?:ed|s)? by|tested|pass(?:es|ed)?|checked|guaranteed|confirmed|demonstrated|tests?)\b/i;

/** Tests that a sentence gives as proof: are they run, and do they assert anything? */
export async function testProofClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const said = new Set<string>();
  const known = await functions(sources);
  const lines = parsed.prose.map((text, n) => ({ text, line: n + 1 }));
  const texts = await sources.texts();
  for (const { text, line } of lines) {
    if (
      !proves.test(text) ||
      /\b(?:planned|will|would|add|extend|not|no longer|ignored|skipped|asserts? nothing|flaky|stub|placeholder|todo|disabled)\b/i.test(
        text,
      )
    )
      continue;
    for (const [, name = ''] of text.matchAll(
      /(?<![\w.:/])`?(?:\w+::)*([a-z]\w+_\w+|Test[A-Z]\w+)(?:\(\))?`?(?![\w./])/g,
    )) {
      const bodies = known.get(name) ?? [];
      const [only] = bodies;
      if (bodies.length === 0 && !said.has(name) && known.size > 0 && isGivenAsProof(text, name)) {
        said.add(name);
        if (sources.whole && !(await sources.containText(name)))
          claims.push({
            kind: 'name',
            line,
            text: name,
            ...doubt('no test or function has this name', 'name the test that shows it'),
          });
        continue;
      }
      if (said.has(name) || bodies.length !== 1 || !only) continue;
      const before = (texts.get(only.file) ?? '').split('\n').slice(Math.max(0, only.line - 5), only.line - 1);
      const attributes = before.slice(before.findLastIndex((one) => /^\s*$|[};]\s*$/.test(one)) + 1).join('\n');
      const isTest = only.file.endsWith('_test.go')
        ? name.startsWith('Test')
        : /#\[(?:\w+::)*(?:\w+_)?test\b/.test(attributes);
      if (!isTest) continue;
      said.add(name);
      const at = `${only.file}:${only.line}`;
      const claim = (verdict: Verdict): unknown =>
        claims.push({ kind: 'value', line, text: `test ${name}`, ...verdict });
      if (/#\[ignore\b/.test(attributes) || /^[^\n]*\n\s*t\.Skip(?:f|Now)?\(/.test(only.text))
        claim(
          wrong(
            `${at} is ${only.file.endsWith('.go') ? 'skipped' : 'ignored'}, so that it proves nothing`,
            'let it run, or name another',
          ),
        );
      else if (!asserts.test(`${attributes}\n${only.text.replace(/\/\/.*$/gm, '')}`) && !callsHelper(only.text, known))
        claim(
          wrong(`${at} asserts nothing: it passes whatever happens`, 'assert what the document says, or name another'),
        );
      else claim(holds(`${at} asserts something`));
    }
  }
  return claims;
}

/** "`wal_survives_a_crash` proves …", "proven by `wal_survives_a_crash`": a name of three words at least. */
const isGivenAsProof = (text: string, name: string): boolean =>
  name.split('_').length > 2 &&
  new RegExp(
    `\`${name}(?:\\(\\))?\`\\s+(?:proves|shows|demonstrates|verifies|covers|guarantees)\\b|\\b(?:proven|shown|demonstrated|verified|covered|guaranteed|tested) by (?:the test )?\`${name}(?:\\(\\))?\``,
  ).test(text);

/** Does it call a function of the sources whose body asserts? */
const callsHelper = (text: string, known: ReadonlyMap<string, Body[]>): boolean =>
  [...text.matchAll(/\b(\w+)\s*\(/g)].some(([, name = '']) =>
    (known.get(name) ?? []).some(
      (body) => body.text !== text && /(?:\bassert\w*!?\s*\(|\bt\.(?:Error|Fatal|Fail)|panic!)/.test(body.text),
    ),
  );
