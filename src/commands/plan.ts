import type { LoadedChecklist } from '../checklist/load.ts';
import { showDuration, ms } from '../core/duration.ts';
import { inOrder, type PlanRow } from '../core/plan.ts';
import { painter } from '../ui/plain.ts';
import { load, type LoadOptions } from './shared.ts';

/** What would run, in an order in which it can. */
export function planRows(loaded: LoadedChecklist): PlanRow[] {
  const nodes = inOrder(
    loaded.steps.map((step) => ({
      id: step.spec.id,
      item: step.item,
      tags: step.spec.tags,
      needs: step.spec.needs,
      step,
    })),
  );
  return nodes.map(({ step }) => {
    const params = step.type.params.safeParse(step.with);
    return {
      id: step.spec.id,
      item: step.item,
      title: step.spec.title ?? step.type.summary,
      uses: step.spec.uses,
      needs: step.spec.needs,
      timeout: step.spec.timeout ?? step.type.timeout,
      requires: params.success ? (step.type.requires?.(params.data) ?? []) : [],
      does: params.success ? step.type.plan(params.data) : [],
    };
  });
}

/** `verify plan`: what would run, in what order, with every argv, limit and need; nothing is executed. */
export async function planCommand(name: string, options: LoadOptions & { json?: boolean }): Promise<number> {
  // To read is harmless: a checklist from elsewhere is shown, not refused.
  const { sha256 } = options.trust === undefined ? await peek(name) : { sha256: options.trust };
  const loaded = await load(name, { ...options, trust: sha256 });
  const rows = planRows(loaded);
  if (options.json === true) {
    process.stdout.write(
      `${JSON.stringify({ milestone: loaded.checklist.milestone, sha256: loaded.sha256, target: loaded.targetPath, steps: rows }, undefined, 2)}\n`,
    );
    return 0;
  }
  const paint = painter(process.stdout.isTTY && !('NO_COLOR' in process.env));
  const out = [
    `${paint('bold', loaded.checklist.milestone)} ${loaded.checklist.title}`,
    `target    ${loaded.targetPath}`,
    `checklist ${loaded.path}, sha256 ${loaded.sha256}`,
    '',
  ];
  for (const row of rows) {
    const after = row.needs.length > 0 ? `, after ${row.needs.join(', ')}` : '';
    out.push(
      `${paint('bold', row.id)} ${paint('dim', `${row.uses}, at most ${showDuration(ms(row.timeout))}${after}${row.requires.length > 0 ? `, needs ${row.requires.join(', ')}` : ''}`)}`,
    );
    for (const line of row.does) out.push(`    ${line.split('\n').join('\n    ')}`);
  }
  const longest = longestChain(rows);
  out.push(
    '',
    `${rows.length} steps; the longest chain may take at most ${showDuration(longest)}. Nothing was run.`,
    '',
  );
  process.stdout.write(out.join('\n'));
  return 0;
}

async function peek(name: string): Promise<{ sha256: string }> {
  const { findChecklist } = await import('../checklist/find.ts');
  const { sha256 } = await import('../evidence/digest.ts');
  const { readFileSync } = await import('node:fs');
  const { packageRoot } = await import('./shared.ts');
  const { join } = await import('node:path');
  return {
    sha256: sha256(readFileSync(findChecklist(name, process.cwd(), join(packageRoot, 'checklists')).path, 'utf8')),
  };
}

/** Milliseconds that the longest chain may take at most. */
export function longestChain(rows: readonly PlanRow[]): number {
  const end = new Map<string, number>();
  for (const row of rows)
    end.set(row.id, ms(row.timeout) + Math.max(0, ...row.needs.map((need) => end.get(need) ?? 0)));
  return Math.max(0, ...end.values());
}
