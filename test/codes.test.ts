import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMeasured, stepReference } from '../src/checklist/docs.ts';
import { engineFindings, unobservable } from '../src/core/unobservable.ts';
import { kinds, loadKind } from '../src/steps/index.ts';
import { root } from './rig/cli.ts';

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('unobservable.ts'))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'));
/** Does a text of the sources hold the code otherwise than where it is declared? */
const used = (code: string): boolean =>
  sources.some((text) => text.replaceAll(`'${code}': {`, '').includes(`'${code}'`));
const reference = readFileSync(join(root, 'checklists', 'REFERENCE.md'), 'utf8');

// That every code that is used is declared is the type checker's: `find` and `Unobservable` take declared codes only.
describe('finding codes and their documents', () => {
  it.each([...kinds])(
    '%s: every code that it declares is found somewhere, and stands in its reference',
    async (kind) => {
      const type = await loadKind(kind);
      const codes = Object.keys(type.problems);
      expect(codes.length).toBeGreaterThan(0);
      const said = stepReference(type, readMeasured(join(root, 'docs', 'precision.tsv')));
      for (const code of codes) {
        expect(used(code), `${code} is declared and never found`).toBe(true);
        expect(said).toContain(`| \`${code}\` |`);
      }
      expect(reference).toContain(said);
    },
  );

  it('what keeps a step from observing, and what the engine finds, is in the reference and is made somewhere', () => {
    for (const code of [...Object.keys(unobservable), ...Object.keys(engineFindings)]) {
      expect(used(code), `${code} is listed and never made`).toBe(true);
      expect(reference).toContain(`| \`${code}\` |`);
    }
  });

  it('every code that a defect of the mutants names is one of its step', async () => {
    const checklist = readFileSync(join(root, 'checklists', 'milestone-16.yaml'), 'utf8');
    for (const name of readdirSync(join(root, 'test/mutants/defects'))) {
      const { default: mutants } = (await import(`./mutants/defects/${name.replace(/\.ts$/, '')}.ts`)) as {
        default: { name: string; step: string; code: string }[];
      };
      for (const { step, code, name: what } of mutants) {
        const kind = new RegExp(String.raw`id: ${step}\b[\s\S]*?uses: ([\w/-]+)`).exec(checklist)?.[1] ?? '';
        const problems = (await loadKind(kind)).problems;
        expect(code in problems || code in unobservable, `${what}: ${kind} has no ${code}`).toBe(true);
      }
    }
  });
});
