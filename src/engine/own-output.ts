import { normalize, relative, sep } from 'node:path';
import type { LeftOut } from '../hosts/git.ts';

/** The path with forward slashes, without detours. */
export const posixPath = (path: string): string => normalize(path).split(sep).join('/');

/** Paths of the target that verify writes itself, relative to it. */
export function leftOut(
  declared: readonly string[],
  options: { target: string; reports: string; writeTo: string | undefined },
): LeftOut {
  const reports = posixPath(relative(options.target, options.reports));
  return {
    outputs: [...declared, ...(options.writeTo === undefined ? [] : [posixPath(options.writeTo)])],
    ...(!reports.startsWith('..') && { reports: reports === '.' ? '' : reports }),
  };
}
