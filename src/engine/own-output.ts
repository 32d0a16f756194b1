import { normalize, relative, sep } from 'node:path';
import type { LeftOut } from '../hosts/left-out.ts';

/** The path with forward slashes, without detours. */
export const posixPath = (path: string): string => normalize(path).split(sep).join('/');

/** Paths of the target that verify writes itself, relative to it. */
export function leftOut(
  declared: readonly string[],
  options: { target: string; reports: string; writeTo: string | undefined; run?: string | undefined },
): LeftOut {
  const reports = posixPath(relative(options.target, options.reports));
  return {
    outputs: declared,
    ...(options.writeTo !== undefined && { writeTo: posixPath(options.writeTo) }),
    ...(options.run !== undefined && { run: options.run }),
    ...(!reports.startsWith('..') && { reports: reports === '.' ? '' : reports }),
  };
}
