import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { readMeasured, stepReference } from '../src/checklist/docs.ts';
import { engineFindings, unobservable } from '../src/core/unobservable.ts';
import { kinds, loadKind } from '../src/steps/index.ts';
import { checklistOf, type Mutant } from './mutants/mutant.ts';
import { root } from './rig/cli.ts';

const src = join(root, 'src');

/** What a file imports of `src`, and the texts in it that can be a code which is made: no key, no type, nothing compared with. */
function look(file: string): { imports: string[]; made: Set<string> } {
  const text = readFileSync(join(src, file), 'utf8');
  const imports: string[] = [];
  const made = new Set<string>();
  const compared = new Set<unknown>();
  const follow = (node: { value?: unknown } | null | undefined): void => {
    const module = node?.value;
    if (typeof module === 'string' && module.startsWith('.') && !module.endsWith('.json'))
      imports.push(join(file, '..', module));
  };
  new Visitor({
    ImportDeclaration: (node) => follow(node.source),
    ExportAllDeclaration: (node) => follow(node.source),
    ExportNamedDeclaration: (node) => follow(node.source),
    ImportExpression: (node) => follow(node.source as { value?: unknown }),
    BinaryExpression: (node) => void compared.add(node.left).add(node.right),
    SwitchCase: (node) => void compared.add(node.test),
    Property: (node) => void compared.add(node.key),
    TSLiteralType: (node) => void compared.add(node.literal),
    Literal(node) {
      if (typeof node.value === 'string' && !compared.has(node)) made.add(node.value);
    },
  }).visit(parseSync(file, text).program);
  return { imports, made };
}

const looked = new Map<string, ReturnType<typeof look>>();
const lookAt = (file: string): ReturnType<typeof look> => {
  const known = looked.get(file) ?? look(file);
  looked.set(file, known);
  return known;
};

/** Is the code made by one of these files, or by what they import? */
function makes(files: readonly string[], code: string): boolean {
  const todo = [...files];
  const seen = new Set<string>();
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const { imports, made } = lookAt(file);
    if (made.has(code)) return true;
    todo.push(...imports);
  }
  return false;
}

async function everyMutant(): Promise<Mutant[]> {
  const names = readdirSync(join(root, 'test/mutants/defects')).map((name) => name.replace(/\.ts$/, ''));
  const files = await Promise.all(
    names.map((name) => import(`./mutants/defects/${name}.ts`) as Promise<{ default: Mutant[] }>),
  );
  return files.flatMap((file) => file.default);
}

const everyFile = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
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
        expect(
          makes(
            [
              existsSync(join(src, `steps/${kind}.ts`))
                ? `steps/${kind}.ts`
                : kind.endsWith('/lint')
                  ? 'testing/lint-step.ts'
                  : 'testing/toolchain-step.ts',
            ],
            code,
          ),
          `${code} is declared and never found`,
        ).toBe(true);
        expect(said).toContain(`| \`${code}\` |`);
      }
    },
  );

  it('what keeps a step from observing, and what the engine finds, is in the reference and is made somewhere', () => {
    for (const code of [...Object.keys(unobservable), ...Object.keys(engineFindings)]) {
      expect(makes(everyFile, code), `${code} is listed and never made`).toBe(true);
      expect(reference).toContain(`| \`${code}\` |`);
    }
  });

  it('every text that a defect of the mutants replaces is in its target', async () => {
    const stale: string[] = [];
    const mutants = await everyMutant();
    expect(mutants.length).toBeGreaterThan(200);
    for (const { target, name: what, edits } of mutants)
      for (const [file, edit] of Object.entries(edits)) {
        if (typeof edit === 'string') continue;
        const path = join(root, target === 'yard' ? 'test/mutants/yard' : 'examples/engram', file);
        let text = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
        if (text === undefined) stale.push(`${what}: ${file} is not there`);
        for (const [from, to] of edit ?? []) {
          if (text?.includes(from) === false) stale.push(`${what}: ${file} does not hold ${JSON.stringify(from)}`);
          text = text?.replace(from, () => to);
        }
      }
    expect(stale).toEqual([]);
  });

  it('every code that a defect of the mutants names is one of its step', async () => {
    const wrong: string[] = [];
    for (const { target, step, code, name: what, level = 'error' } of await everyMutant()) {
      const checklist = readFileSync(join(root, checklistOf(target)), 'utf8');
      const kind = new RegExp(String.raw`id: ${step}\b[\s\S]*?uses: ([\w/-]+)`).exec(checklist)?.[1] ?? '';
      const problems = (await loadKind(kind)).problems;
      const declared = code in unobservable ? 'inconclusive' : problems[code]?.level;
      if (declared === undefined) wrong.push(`${what}: ${kind} has no ${code}`);
      // A case at hand may weigh more or less than its type; what could not be observed is never an error.
      else if (declared === 'inconclusive' && level !== 'inconclusive')
        wrong.push(`${what}: ${code} is ${declared}, and the mutant says ${level}`);
    }
    expect(wrong).toEqual([]);
  });
});
