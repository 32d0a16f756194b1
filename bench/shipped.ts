/** What is measured is the package as npm installs it, in a temporary folder. */
import { layOut } from '../scripts/package.mjs';

/** Builds the package. @returns an empty folder to work in, which the caller removes, and how to call `verify` there */
export function shipped(): { folder: string; verify: readonly [string, string] } {
  const { folder, program } = layOut();
  return { folder, verify: [process.execPath, program] };
}
