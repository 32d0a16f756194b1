import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, verify } from './rig/cli.ts';
import { tempDir } from './rig/run-step.ts';

const step = '      - { id: audit, uses: command, with: { run: [git, --version] } }\n';
const head = 'version: 1\nmilestone: m1\ntitle: T\n';
const items = `items:\n  - id: item\n    title: Item\n    steps:\n${step}`;

/** Every block of YAML of the README and the documents that is a checklist, or one of its parts. */
const examples = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
  .filter((path) => path.endsWith('.md'))
  .flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return [...text.matchAll(/^```ya?ml\n([\s\S]*?)^```/gm)].map(([, yaml = ''], n) => ({ path, n, yaml }));
  })
  .filter(({ yaml }) => /^(?:version|waivers|stack|signoff|vars|outputs|templates):/m.test(yaml));

describe('checklists that the documents show', () => {
  it('there are some', () => expect(examples.length).toBeGreaterThan(4));
  it.each(examples)('$path, block $n', async ({ yaml }) => {
    const text = /^version:/m.test(yaml) ? yaml : `${head}${yaml}${/^items:/m.test(yaml) ? '' : items}`;
    const cwd = tempDir({ 'checklists/m1.yaml': text });
    const { code, stderr } = await verify(['lint', 'checklists/m1.yaml'], { cwd });
    expect(code, `${stderr}\n${text}`).toBe(0);
  });
});
