import { isFile } from '../evidence/entry.ts';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import { suggest } from '../core/suggest.ts';

export interface Found {
  path: string;
  /** `own`: of the working tree; `bundled`: ships with verify; `foreign`: from elsewhere, to be trusted first. */
  origin: 'own' | 'bundled' | 'foreign';
}

/** The milestone of the sample that ships with verify. */
const sample = 'milestone-16';
const endings = ['.yaml', '.yml'];

/** The folder and those above it, up to and with the git root (or only itself where there is none). */
export function upToGitRoot(from: string): string[] {
  const folders: string[] = [];
  for (let at = resolve(from); ; at = dirname(at)) {
    folders.push(at);
    if (existsSync(join(at, '.git'))) return folders;
    if (dirname(at) === at) return [resolve(from)];
  }
}

const inside = (folder: string, path: string): boolean => {
  const way = relative(realpathSync(folder), realpathSync(path));
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
};

/**
 * A milestone's checklist: `checklists/<name>.yaml` in the working directory or a folder above it up to the git root, else a path,
 * else the sample that ships with verify.
 * @param bundled folder of the checklists that ship with verify
 * @throws UserError 66 with the nearest names (also of commands, since `verify sing` reads as a milestone)
 */
export function findChecklist(name: string, cwd: string, bundled: string, commands: readonly string[] = []): Found {
  const folders = upToGitRoot(cwd);
  const isName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);
  if (isName) {
    for (const folder of folders) {
      for (const ending of endings) {
        const path = join(folder, 'checklists', name + ending);
        if (isFile(path)) return { path, origin: 'own' };
      }
    }
  }
  const path = resolve(cwd, name);
  if (isFile(path)) {
    const root = folders.at(-1) ?? cwd;
    return { path, origin: inside(root, path) ? 'own' : inside(bundled, path) ? 'bundled' : 'foreign' };
  }
  // Only the sample: the checklist of a release of verify itself is not what `verify release` means elsewhere.
  if (name === sample && isFile(join(bundled, `${sample}.yaml`)))
    return { path: join(bundled, `${sample}.yaml`), origin: 'bundled' };
  const milestones = milestonesHere(cwd);
  const meant = suggest(name, [...milestones, ...commands]);
  throw new UserError(exit.missing, `no milestone, checklist or command is called ${name}`, {
    hint: [
      meant && `did you mean ${commands.includes(meant) ? `the command \`verify ${meant}\`` : meant}?`,
      milestones.length > 0
        ? `milestones here: ${milestones.join(', ')}`
        : 'there is no checklists/ folder here; `verify init` writes one',
    ]
      .filter(Boolean)
      .join('\n'),
  });
}

/** Names of the milestones that have a checklist here; the sample that ships with verify is not one of them. */
export function milestonesHere(cwd: string): string[] {
  return [...new Set(upToGitRoot(cwd).flatMap((folder) => names(join(folder, 'checklists'))))];
}

function names(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .map((file) => basename(file).replace(/\.ya?ml$/, ''));
}
