import { describe, expect, it } from 'vitest';
import { stepReference } from '../../src/checklist/docs.ts';
import { kinds, loadKind } from '../../src/steps/index.ts';
import { referenceForTerminal } from '../../src/ui/reference.ts';

describe('the reference of a step type in a terminal', () => {
  it.each(kinds)('%s: no table, nothing lost, no line wider than the terminal but a long word', async (kind) => {
    const type = await loadKind(kind);
    const text = referenceForTerminal(stepReference(type), 80, false);
    expect(text).not.toMatch(/^\|/m);
    for (const name of [...Object.keys(type.facts), ...Object.keys(type.problems)]) expect(text).toContain(name);
    for (const line of text.split('\n'))
      if (!line.startsWith('    ')) expect(line.length, line).toBeLessThanOrEqual(120);
    expect(text).toContain(type.example.trim().split('\n')[0]);
  });
});
