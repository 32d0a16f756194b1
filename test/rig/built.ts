import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { layOut } from '../../scripts/package.mjs';

/**
 * The command line is tried as npm lays the package out: that is what users get, and it starts in half the time of the sources.
 * `VERIFY_CLI` names another one (`bin/verify.js`: the sources).
 */
export default function built(project: TestProject): (() => void) | undefined {
  if (process.env['VERIFY_CLI'] !== undefined) return undefined;
  const folders: string[] = [];
  const build = (): void => {
    const { folder, program } = layOut();
    folders.push(folder);
    process.env['VERIFY_CLI'] = program;
  };
  build();
  project.onTestsRerun(build);
  return () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
}
