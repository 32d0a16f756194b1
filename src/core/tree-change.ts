import type { FailOptions } from './judgement.ts';

/** A tracked file that changed (by content or mode) or went while a step ran. */
export interface TreeChange {
  path: string;
  removed: boolean;
  /** Steps that ran at that moment too: it may have been one of them. */
  others: string[];
}

/** What changed, and the diff that git gives of it; empty without git. */
export interface TreeChanges {
  changes: TreeChange[];
  diff: string;
}

/** A finding for each changed file, with its part of the diff; inconclusive where it may have been another step's doing. */
export function sayTreeChanges({ changes, diff }: TreeChanges): { message: string; options: FailOptions }[] {
  const parts = diff.split(/^(?=diff --git )/m);
  const said = changes.slice(0, 20).map(({ path, removed, others }) => {
    const how = removed ? 'removed' : 'changed';
    return {
      message: `${path} was ${how}${others.length > 0 ? `, while ${others.join(', ')} ran too` : ''}`,
      options: {
        where: { file: path },
        subject: path,
        detail: parts.find((part) => part.slice(0, part.indexOf('\n')).endsWith(`/${path}`)),
        ...(others.length > 0 && {
          level: 'inconclusive' as const,
          hint: 'let the steps run one after another (`needs`, `locks`), to see whose change it is',
        }),
      },
    };
  });
  const more = changes.length - said.length;
  return more > 0 ? [...said, { message: `and ${more} files more`, options: {} }] : said;
}
