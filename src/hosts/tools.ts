import { execa } from 'execa';
import type { Requirement } from '../core/step.ts';

/** The first line that the tool prints of its version, or undefined where it is not there. */
export async function toolVersion({ name, version }: Requirement): Promise<string | undefined> {
  if (name === 'browser') {
    const { findBrowser } = await import('./browser.ts');
    return findBrowser();
  }
  const [file = '', ...args] = version;
  const result = await execa(file, args, { reject: false, timeout: 10_000, stdin: 'ignore', all: true });
  if (result.exitCode !== 0) return undefined;
  return result.all.split('\n')[0]?.trim() || name;
}

/** Versions of the tools that are there, by name. */
export async function toolVersions(tools: readonly Requirement[]): Promise<Record<string, string>> {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const found = await Promise.all(
    [...byName]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(async ([name, tool]) => [name, await toolVersion(tool)] as const),
  );
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
