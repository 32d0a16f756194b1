import { baseOf, folderOf, inFolder } from '../../formats/data/paths.ts';
import type { ProjectTree } from '../drafted.ts';

/** The command that runs the benchmarks, and where they write: criterion's folder, or the one JSON file that the one bench names in its source. */
export function cargoBenches(tree: ProjectTree): { run: string[]; results?: string } | undefined {
  const manifest = tree.paths.find(
    (path) => baseOf(path) === 'Cargo.toml' && /^\s*\[\[bench\]\]/m.test(tree.text(path) ?? ''),
  );
  if (manifest === undefined) return undefined;
  const run = ['cargo', 'bench', ...(manifest === 'Cargo.toml' ? [] : ['--manifest-path', manifest])];
  if (/^\s*criterion\b/m.test(tree.text(manifest) ?? '')) return { run };
  const folder = inFolder(folderOf(manifest), 'benches');
  const [source, other] = tree.paths.filter((path) => folderOf(path) === folder && path.endsWith('.rs'));
  if (source === undefined || other !== undefined) return undefined;
  const written = /"(?:\.\.\/)*(target\/[\w./-]+\.json)"/g;
  const [results, more] = new Set([...(tree.text(source) ?? '').matchAll(written)].map(([, name = '']) => name));
  return results === undefined || more !== undefined
    ? undefined
    : { run: [...run, '--bench', baseOf(source).replace(/\.rs$/, '')], results };
}
