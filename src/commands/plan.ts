import type { LoadedChecklist } from '../checklist/load.ts';
import { inOrder, type PlanRow } from '../core/plan.ts';
import { type Part, partition, type Shard, shardNodes } from '../core/shard.ts';
import { plural, reusedMark, reusedText } from '../core/words.ts';
import type { painter } from '../ui/plain.ts';
import { ms, showDuration, titleOf, type Driver } from '../core/step.ts';
import type { Forecast } from '../stack/forecast.ts';
import type { serviceFinder } from '../stack/has-service.ts';
import type { Reuse } from '../engine/resume/reuse.ts';
import { Redactor } from '../evidence/redact.ts';
import { hasOwnChecks, load, type LoadOptions, shardNamed, stdoutPainter } from './shared.ts';

/** Nothing of the environment is shown here, but what the checklist itself may hold: keys, and passwords in addresses. */
const shown = new Redactor([]);

/** What would run, in an order in which it can. @param own what falls to a shard; all where there is none */
export function planRows(loaded: LoadedChecklist, own?: ReadonlySet<string>): PlanRow[] {
  const nodes = inOrder(
    loaded.steps
      .filter((step) => own?.has(step.spec.id) ?? true)
      .map((step) => ({
        id: step.spec.id,
        item: step.item,
        tags: step.spec.tags,
        needs: step.spec.needs,
        step,
      })),
  );
  return nodes.map(({ step }) => ({
    id: step.spec.id,
    item: step.item,
    title: shown.text(titleOf(step)),
    uses: step.spec.uses,
    needs: step.spec.needs,
    timeout: step.spec.timeout ?? step.type.timeout,
    requires: (step.type.requires?.(step.params) ?? []).map(({ name }) => name),
    does: step.type.plan(step.params).map((line) => shown.text(line)),
    ...(step.standIn &&
      step.spec.standIn && {
        standIn: {
          uses: step.standIn.spec.uses,
          unless: step.spec.standIn.unless,
          does: step.standIn.type.plan(step.standIn.params).map((line) => shown.text(line)),
        },
      }),
  }));
}

/** `verify plan`: what would run, in what order, with every argv, limit and need, and with --driver how the stack would come up here. No step is executed. */
export async function planCommand(
  name: string,
  options: LoadOptions & {
    json?: boolean;
    shard?: string;
    resume?: string | true;
    reports?: string;
    driver?: Driver;
  },
): Promise<number> {
  // To read is harmless: a checklist from elsewhere is shown, not refused.
  const { sha256 } = options.trust === undefined ? await peek(name) : { sha256: options.trust };
  const loaded = await load(name, { ...options, trust: sha256 });
  const shard = options.shard === undefined ? undefined : shardNamed(options.shard);
  const parts = shard && partition(shardNodes(loaded.steps), shard.of, { only: [], skip: [], tags: [] });
  const part = shard && parts?.[shard.index - 1];
  const { resume, reports } = options;
  const reuse =
    resume === undefined
      ? undefined
      : await (await import('./plan-reuse.ts')).planReuse(loaded, part?.steps, { resume, reports });
  const checks = hasOwnChecks(loaded) ? await import('./own-checks.ts') : undefined;
  const seen = (await checks?.seeOwnChecks(loaded, loaded.targetPath)) ?? [];
  const digests = new Map(seen.map((one) => [one.step.spec.id, checks?.digestText(one) ?? '']));
  const rows = planRows(loaded, part?.steps).map((row) => ({
    ...row,
    does: [...row.does, ...(digests.has(row.id) ? [digests.get(row.id) ?? ''] : [])],
    ...(reuse && { resume: resumption(reuse, row.id) }),
  }));
  const forecast = options.driver === undefined ? undefined : await import('./stack-forecast.ts');
  const stack = await forecast?.lookAtStack(loaded, options.driver ?? 'auto', false);
  if (options.json === true) {
    process.stdout.write(
      `${JSON.stringify({ milestone: loaded.checklist.milestone, sha256: loaded.sha256, target: loaded.targetPath, ...(shard && { shard: { ...shard, items: part?.items } }), ...(stack && { driver: stack.forecast }), steps: rows }, undefined, 2)}\n`,
    );
    return 0;
  }
  const paint = stdoutPainter();
  const out = [
    `${paint('bold', loaded.checklist.milestone)} ${loaded.checklist.title}`,
    `target    ${loaded.targetPath}`,
    `checklist ${loaded.path}, sha256 ${loaded.sha256}`,
    ...(forecast && stack ? [`driver    ${forecast.driverLine(stack.forecast)}`] : []),
    ...(reuse ? [`resumes   ${reuse.earlier.id}: ${reuse.taken.size} of ${rows.length} steps would be reused`] : []),
    ...(shard && parts ? shardLines(shard, parts, paint) : []),
    '',
  ];
  let has: Awaited<ReturnType<typeof finderFor>> | undefined;
  for (const row of rows) {
    const after = row.needs.length > 0 ? `, after ${row.needs.join(', ')}` : '';
    out.push(
      `${paint('bold', row.id)} ${paint('dim', `${row.uses}, at most ${showDuration(ms(row.timeout))}${after}${row.requires.length > 0 ? `, needs ${row.requires.join(', ')}` : ''}`)}`,
    );
    if (row.resume !== undefined) {
      const { reused, text } = row.resume;
      out.push(`  ${paint(reused ? 'green' : 'yellow', reused ? `${reusedMark} reused` : 'runs again:')} ${text}`);
      if (reused) continue;
    }
    for (const line of row.does) out.push(`    ${line.split('\n').join('\n    ')}`);
    if (row.standIn) {
      const { uses, unless, does } = row.standIn;
      const which = await (has ??= stack && (await finderFor(loaded, stack.forecast)))?.(unless);
      const here = which === undefined ? '' : which ? '; not here' : '; so it is here';
      out.push(`  ${paint('yellow', 'stands in:')} ${uses}, reduced, where the stack has no service ${unless}${here}`);
      for (const line of does) out.push(`    ${line.split('\n').join('\n    ')}`);
    }
  }
  const longest = longestChain(rows);
  out.push(
    '',
    `${plural(rows.length, 'step')}; the longest chain may take at most ${showDuration(longest)}. Nothing was run.`,
    '',
  );
  process.stdout.write(out.join('\n'));
  return 0;
}

function resumption({ taken, again }: Reuse, id: string): { reused: boolean; text: string } {
  const from = taken.get(id)?.reusedFrom;
  return from ? { reused: true, text: reusedText(from) } : { reused: false, text: again.get(id) ?? '' };
}

/** All parts, a line each, the one that is asked for marked: what falls to it, and how much of it others run too. */
function shardLines(shard: Shard, parts: readonly Part[], paint: ReturnType<typeof painter>): string[] {
  return [
    '',
    ...parts.map((part, n) => {
      const shared = [...part.steps].filter((id) => parts.some((other) => other !== part && other.steps.has(id)));
      const also = shared.length === 0 ? '' : `, ${shared.length} of them also in other shards`;
      const what = part.items.length === 0 ? 'nothing falls to it' : part.items.join(', ');
      const line = `shard ${n + 1}/${parts.length}  ${what}`;
      const size =
        part.items.length === 0
          ? ''
          : ` (${part.steps.size} steps${also}; ${showDuration(part.weight)} at most in sum)`;
      return `${n + 1 === shard.index ? paint('bold', `→ ${line}`) : `  ${line}`}${paint('dim', size)}`;
    }),
  ];
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

/** Tells whether the stack would have a service on this machine. */
async function finderFor(
  loaded: Awaited<ReturnType<typeof load>>,
  forecast: Forecast,
): Promise<ReturnType<typeof serviceFinder>> {
  const [{ serviceFinder: make }, { bareExec }] = await Promise.all([
    import('../stack/has-service.ts'),
    import('../hosts/exec-outside-run.ts'),
  ]);
  return make(loaded.stack, forecast, bareExec(loaded.targetPath));
}
