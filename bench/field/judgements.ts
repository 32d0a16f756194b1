import { readTsv, tsv, type Row } from './rows.ts';

export const verdicts = ['right', 'wrong', 'trivial', 'unclear'] as const;
type Verdict = (typeof verdicts)[number];

/** What a person said of a row. Nothing of the repository's text is in it. */
export interface Judgement {
  id: string;
  repository: string;
  code: string;
  /** The level that the finding had when it was last seen. */
  level: string;
  verdict: Verdict;
}

const names = ['id', 'repository', 'code', 'level', 'verdict'] as const;

/** @throws Error where a line's verdict is none of the four */
export function readJudgements(text: string): Judgement[] {
  return readTsv(text).map((one) => {
    const verdict = verdicts.find((word) => word === one['verdict']);
    if (verdict === undefined)
      throw new Error(`${one['id'] ?? '?'}: expected ${verdicts.join(', ')}, found ${one['verdict'] ?? 'nothing'}`);
    const { id = '', repository = '', code = '', level = '' } = one;
    return { id, repository, code, level, verdict };
  });
}

export const judgementsText = (judged: readonly Judgement[]): string =>
  tsv(
    names,
    judged.toSorted((a, b) => `${a.repository} ${a.code} ${a.id}`.localeCompare(`${b.repository} ${b.code} ${b.id}`)),
  );

export interface Tally extends Record<Verdict, number> {
  key: string;
  repositories: number;
}

/** How many of each verdict, by what `key` gives; a row that nobody judged counts nowhere. */
export function tally(judged: readonly Judgement[], key: (one: Judgement) => string): Tally[] {
  const found = new Map<string, Tally & { seen: Set<string> }>();
  for (const one of judged) {
    const at = key(one);
    const now = found.get(at) ?? {
      key: at,
      right: 0,
      wrong: 0,
      trivial: 0,
      unclear: 0,
      repositories: 0,
      seen: new Set<string>(),
    };
    now[one.verdict]++;
    now.repositories = now.seen.add(one.repository).size;
    found.set(at, now);
  }
  return [...found.values()].toSorted((a, b) => a.key.localeCompare(b.key));
}

/** Right among right and wrong, in percent; a dash where nothing is either. */
export const precision = ({ right, wrong }: Pick<Tally, 'right' | 'wrong'>): string =>
  right + wrong === 0 ? '-' : `${Math.floor((100 * right) / (right + wrong))} %`;

export interface Compared {
  /** Judged rows that are still there, with the level that they have now. */
  now: Judgement[];
  unjudged: Row[];
  gone: Judgement[];
  moved: { before: Judgement; level: string }[];
}

/** What became of the judged rows. Rows of repositories that were not run this time are no part of it. */
export function compare(rows: readonly Row[], ran: ReadonlySet<string>, judged: readonly Judgement[]): Compared {
  const byId = new Map(judged.map((one) => [one.id, one]));
  const there = new Set(rows.map((row) => row.id));
  return {
    now: rows.flatMap((row) => {
      const known = byId.get(row.id);
      return known ? [{ ...known, level: row.level }] : [];
    }),
    unjudged: rows.filter((row) => !byId.has(row.id)),
    gone: judged.filter((one) => ran.has(one.repository) && !there.has(one.id)),
    moved: rows.flatMap((row) => {
      const before = byId.get(row.id);
      return before && before.level !== row.level ? [{ before, level: row.level }] : [];
    }),
  };
}
