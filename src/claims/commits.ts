import { excuseOf } from '../formats/documents/path-text.ts';
import { doubt, holds, remark, wrong, type Claim, type Reading, type Verdict } from './reading.ts';

const hash = String.raw`(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}`;
const commit = new RegExp(
  String.raw`\b(?:commits?|merged (?:in|as)|landed (?:in|as)|fixed (?:in|by)|sha|revision|HEAD|at|hash)\b[\s:=(\`#*]{1,4}(${hash})\b(?!\s*\.\.|[-/])`,
  'gi',
);
/** "Tag v1.2.0" and `git tag v1.2.0` have it made. */
const tagged =
  /\b(?:(?<!\bgit )(?:tag|[Tt]agged)(?: as)?|git (?:checkout|switch|show|log)|[Rr]eleased? as)\s+[`"'*]{0,3}(v\d+(?:\.\d+){1,3}(?:-[\w.]+)?)(?!\.?\w)/g;
const since =
  /\b(\d{1,5})(\+)?\s+(?:new\s+)?commits\s+(?:since|after|on top of)\s+(?:the\s+)?(?:tag\s+)?[`*]{0,3}(v?\d+(?:\.\d+)+(?:-[\w.]+)?|[0-9a-f]{7,40})\b/gi;
/** Of another repository, or of what is only shown. */
const ofOthers =
  /\b(?:upstream|submodule|fork|another|other repo\w*|e\.g|example|for instance|image|docker|digest|dependency|crate|vendored?)\b|@sha|github\.com|https?:|\b[\w-]+\/[\w.-]+`?\s+(?:at )?commit\b/i;

const speaks =
  /\b(?:commits?|merged|landed|fixed|sha|revision|HEAD|hash|at [`#]?[0-9a-f]{7})\b|\btag|released? as|\bgit /i;

/** Commits, tags and their numbers, asked of git where the history is there whole. */
export async function commitClaims({ repository, parsed }: Reading): Promise<Claim[]> {
  const lines = parsed.prose.flatMap((text, n) =>
    !speaks.test(text) || ofOthers.test(text) || /^\s*[-*+]\s*\[ \]/.test(text) || excuseOf(text, '') === 'absent'
      ? []
      : [{ text, line: n + 1 }],
  );
  const found = lines.flatMap(({ text, line }) => {
    const named = (kind: 'commit' | 'tag' | 'since', pattern: RegExp, name: number) =>
      [...text.matchAll(pattern)].map((match) => ({
        line,
        kind,
        name: match[name] ?? '',
        text: match[0],
        least: kind === 'since' ? Number(match[1]) : 0,
      }));
    // "The last commit of the milestone is `1a2b3c4`"
    const apart =
      /\bcommit\b/i.test(text) && !commit.test(text) ? named('commit', new RegExp(`\`(${hash})\``, 'g'), 1) : [];
    commit.lastIndex = 0;
    return [...apart, ...named('commit', commit, 1), ...named('tag', tagged, 1), ...named('since', since, 3)];
  });
  if (found.length === 0) return [];
  const git = async (...args: string[]): Promise<string | undefined> => {
    const result = await repository.git(...args);
    return result.code === 0 ? result.stdout.trim() : undefined;
  };
  const count = Number((await git('rev-list', '--count', '--all')) ?? 0);
  // A history that was cut, or begun anew, says nothing of what was before it.
  if (count < 3 || (await git('rev-parse', '--is-shallow-repository')) !== 'false') return [];
  // Of a branch that was squashed no commit is left.
  let isLeft: boolean | undefined;
  const keepsAll = async (): Promise<boolean> =>
    (isLeft ??= ((await git('log', '-200', '--format=%s', 'HEAD')) ?? '').match(/\(#\d+\)$/gm) === null);
  const tags = ((await git('tag', '--list')) ?? '').split('\n').filter((tag) => tag !== '');
  const claims: Claim[] = [];
  for (const one of found) {
    const add = (verdict: Verdict): void =>
      void claims.push({ kind: 'value', line: one.line, text: one.text.replace(/[`*]/g, ''), ...verdict });
    if (one.kind === 'tag') {
      if (tags.length === 0) continue;
      add(
        tags.includes(one.name) ||
          (await git('rev-parse', '--verify', '--quiet', '--end-of-options', one.name)) !== undefined
          ? holds('git has it')
          : remark(`git has ${tags.length} tags, and none is ${one.name}`, 'tag it, or correct the name'),
      );
      continue;
    }
    const unknown = `git has ${count} commits, and none is ${one.name}`;
    const hint = 'correct the hash, or fetch the branch that holds it';
    const full = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${one.name}^{commit}`);
    if (one.kind === 'commit')
      add(
        full === undefined
          ? (await keepsAll())
            ? wrong(unknown, hint)
            : { ...doubt(unknown, hint), cause: 'commits', more: ', and {n} more commits that it has not' }
          : holds('git has it'),
      );
    else if (full !== undefined) {
      const after = Number((await git('rev-list', '--count', `${full}..HEAD`)) ?? Number.NaN);
      // Commits that came after the sentence only add to them.
      if (Number.isFinite(after))
        add(
          after >= one.least
            ? holds(`${after} commits`)
            : wrong(`git counts ${after} commits since ${one.name}`, 'correct the number'),
        );
    }
  }
  return claims;
}
