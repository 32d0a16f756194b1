import { lineAt } from '../formats/data/lines.ts';
import { liesIn } from '../formats/data/paths.ts';
import { holds, isAdvice, spokenLines, unjudged, wrong, type Claim, type Reading, type Verdict } from './reading.ts';
import { namedPaths } from './measures.ts';

/** Something of which documents say that there is none. */
interface Absent {
  what: string;
  /** How it is called, after "no" or "zero". */
  said: string;
  files: RegExp;
  /** Where it stands; comments are left in for those that are comments. */
  found: RegExp;
  inComments?: true;
  /** It is forbidden in what is shipped only: tests may have it. */
  inTests?: true;
}

const code = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|c|cc|cpp|h|hpp|swift|scala|sh)$/;
const rust = /\.rs$/;
const todo = (word: string): Absent => ({
  what: word,
  said: String.raw`${word}s?`,
  files: code,
  found: new RegExp(String.raw`(?:\/\/|#|\/\*|\*|--).*\b${word}\b`, 'g'),
  inComments: true,
});
const macro = (name: string): Absent => ({
  what: `${name}!`,
  said: String.raw`${name}!(?:\(\))?`,
  files: rust,
  found: new RegExp(String.raw`\b${name}!\s*\(`, 'g'),
});
const absents: readonly Absent[] = [
  todo('TODO'),
  todo('FIXME'),
  todo('HACK'),
  todo('XXX'),
  { what: 'unwrap', said: String.raw`\.?unwrap(?:\(\))?s?`, files: rust, found: /\.unwrap\(\)/g },
  { what: 'expect', said: String.raw`\.?expect\(\)`, files: rust, found: /\.expect\(/g },
  { what: 'unsafe', said: String.raw`unsafe`, files: rust, found: /\bunsafe\s*(?:\{|fn\b|impl\b|trait\b)/g },
  { what: 'panic', said: String.raw`panic!(?:\(\))?`, files: /\.(?:rs|go)$/, found: /\bpanic!?\(/g },
  ...['todo', 'unimplemented', 'unreachable', 'println', 'eprintln', 'dbg'].map(macro),
  {
    what: 'console.log',
    said: String.raw`console\.log(?:\(\))?s?`,
    files: /\.[cm]?[jt]sx?$/,
    found: /\bconsole\.log\(/g,
  },
  {
    what: 'log.Printf',
    said: String.raw`log\.Print(?:f|ln)(?:\(\))?`,
    files: /\.go$/,
    found: /\blog\.Print(?:f|ln)\(/g,
  },
  {
    what: 'fmt.Println',
    said: String.raw`fmt\.Print(?:f|ln)(?:\(\))?`,
    files: /\.go$/,
    found: /\bfmt\.Print(?:f|ln)\(/g,
  },
  { what: 'any', said: String.raw`any[- ]types?|uses? of any`, files: /\.tsx?$/, found: /[:<]\s*any\b(?!\w)/g },
  { what: 'ts-ignore', said: String.raw`@?ts-ignores?`, files: /\.tsx?$/, found: /@ts-ignore\b/g, inComments: true },
  { what: 'print', said: String.raw`print(?:\(\)| statements?)`, files: /\.py$/, found: /^\s*print\(/gm },
  {
    what: 'ignored test',
    said: String.raw`(?:ignored|skipped|disabled)(?: (?:unit|integration))? tests?|tests? (?:is|are) (?:ignored|skipped|disabled)|#\[ignore\]|t\.Skip(?:\(\))?`,
    files: code,
    found:
      /#\[ignore\b|\bt\.Skip(?:f|Now)?\(|@pytest\.mark\.skip\b|@unittest\.skip\b|@Disabled\b|@Ignore\b|\b(?:it|test|describe)\.skip\(|\bx(?:it|describe)\(/g,
    inTests: true,
  },
];

const none = String.raw`\b(?:zero|no|0|none of the|without(?: any)?|free of)\s+(?:remaining |known |open |outstanding |more )?`;
const tests =
  /(?:^|\/)(?:tests?|benches|examples?|testdata|fixtures?|__tests__|e2e|spec|scripts|build\.rs$)(?:\/|$)|(?:_test\.go|[._-](?:test|spec)\.[cm]?[jt]sx?|(?:^|\/)test_\w+\.py|(?:^|\/)tests?\.rs|build\.rs)$/;
const everywhere =
  /\b(?:production|library|code ?base|repositor\w+|project|in the code|source|anywhere|remain|crates?|workspace|module|package|server|all code|shipped)\b/i;

/** Rust's own tests at a file's end, and strings and comments, hold no code of the program. */
function ownCode(path: string, text: string, { inComments, inTests }: Absent): string {
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
  let own = inTests === true ? text : text.replace(/^[ \t]*#\[cfg\((?:all\()?test\b[\s\S]*$/m, blank);
  if (inComments !== true) {
    own = own.replace(/^\s*(?:\/\/|#(?!\[)|\*).*$/gm, blank).replace(/\s\/\/.*$/gm, blank);
    if (!path.endsWith('.py')) own = own.replace(/"(?:[^"\\\n]|\\.)*"/g, blank);
  }
  return own;
}

/** "Zero `unwrap()` in production code", "no TODO or FIXME", "no skipped tests": the places that say otherwise. */
export async function absenceClaims({ repository, sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const bare = namedPaths(parsed);
  for (const { line, text: raw } of spokenLines(parsed)) {
    const text = raw.replace(/`/g, '');
    if (!/\b(?:zero|no|0|none|without|free of)\b/i.test(text)) continue;
    for (const one of absents) {
      const match = new RegExp(
        String.raw`${none}(?:[\w.!()#\[\]@]+(?:,| or| and|\/|, or)\s+){0,4}?(?:${one.said})(?![\w-])\s*(?:calls?|comments?|blocks?|macros?|code|markers?|usages?|uses?|statements?|remain|left|in\b|[.,;|)]|$)`,
        'i',
      ).exec(text);
      const negated =
        match ??
        (one.what === 'ignored test' ? /\bnone (?:is|are|was|were) (?:ignored|skipped|disabled)/i.exec(text) : null);
      if (!negated || isAdvice(text.replace(negated[0], ' '), negated.index)) continue;
      const below = bare
        .filter((path) => path.line === line && path.text.includes('/'))
        .map((path) => path.text.replace(/\/$/, ''))
        .concat([...text.matchAll(/\bin ((?:[\w.-]+\/)+[\w.-]+)/g)].map(([, path = '']) => path))
        .filter((path) => repository.folders.has(path) || repository.files.includes(path));
      const crates = [...text.matchAll(/\b(?:in|of|left in)\s+(?:the\s+)?([\w-]+)/g)]
        .map(([, name = '']) => name)
        .filter((name) => repository.folders.has(name));
      const roots = [...below, ...crates];
      const found: string[] = [];
      for (const [path, source] of await sources.matching(one.files)) {
        if (one.inTests !== true && tests.test(path)) continue;
        if (roots.length > 0 && !roots.some((root) => path === root || liesIn(path, root))) continue;
        if (source.search(one.found) < 0) continue;
        const own = ownCode(path, source, one);
        for (const { index, 0: all } of own.matchAll(one.found))
          found.push(`${path}:${lineAt(own, index + (all.length - all.trimStart().length))}`);
      }
      claims.push({ kind: 'value', line, text: negated[0].trim(), ...verdictOf(found, one, text, roots.length > 0) });
    }
  }
  return claims;
}

function verdictOf(found: readonly string[], { what }: Absent, text: string, named: boolean): Verdict {
  const [first] = found;
  if (first === undefined) return holds('the sources have none');
  const seen = `the sources have ${found.length} ${what}: ${found.slice(0, 4).join(', ')}${found.length > 4 ? ' …' : ''}`;
  return named || everywhere.test(text) || what === 'ignored test'
    ? wrong(seen, 'correct the sentence, or the code')
    : unjudged('of what it is said is not known');
}
