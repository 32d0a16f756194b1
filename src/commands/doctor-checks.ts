import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { LoadedChecklist } from '../checklist/load.ts';
import { foreseeable } from '../signoff/foresee.ts';
import { policyFacts } from './gate-facts.ts';

export interface Check {
  /** `missing`: a step could not run; `unsure`: the run can go on, and something later would fail. */
  state: 'ok' | 'unsure' | 'missing';
  text: string;
  remedy?: string;
  steps: string[];
}

const runnable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Programs that `command` steps start by their argv (a `shell:` script is not read), and the secrets that steps name. */
export function needsOfSteps(loaded: LoadedChecklist & { targetPath: string }, env: NodeJS.ProcessEnv): Check[] {
  const programs = new Map<string, string[]>();
  const secrets = new Map<string, string[]>();
  for (const { spec, params } of loaded.steps) {
    const { run, cwd = '.' } = params as { run?: string[]; cwd?: string };
    const name = spec.uses === 'command' ? run?.[0] : undefined;
    if (name !== undefined && !name.includes('${{') && !cwd.includes('${{')) {
      const program = name.includes('/') ? resolve(loaded.targetPath, cwd, name) : name;
      programs.set(program, [...(programs.get(program) ?? []), spec.id]);
    }
    for (const secret of spec.secrets) secrets.set(secret, [...(secrets.get(secret) ?? []), spec.id]);
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const there = (name: string): boolean =>
    name.includes('/') ? runnable(name) : folders.some((folder) => runnable(join(folder, name)));
  return [
    ...[...programs].map(([name, steps]): Check =>
      there(name)
        ? { state: 'ok', text: name, steps }
        : {
            state: 'missing',
            text: `${name}: not found`,
            remedy: name.includes('/')
              ? 'Build it, or correct the path in `run`'
              : 'Install it, or add its folder to PATH',
            steps,
          },
    ),
    ...[...secrets]
      .filter(([name]) => (env[name] ?? '') === '')
      .map(([name, steps]): Check => ({
        state: 'missing',
        text: `the environment variable ${name} is not set`,
        remedy: `Export ${name} before the run; in CI, take it from the provider's secrets`,
        steps,
      })),
  ];
}

/** What would keep a run from being signed, as far as policy and history can say before it. */
export async function signOffOutlook(loaded: LoadedChecklist & { targetPath: string }): Promise<Check[]> {
  const { files, identities } = await policyFacts({ target: loaded.targetPath, checklist: loaded });
  return foreseeable(files, identities, Date.now()).map(({ text, todo }) => ({
    state: 'unsure',
    text,
    remedy: todo,
    steps: [],
  }));
}
