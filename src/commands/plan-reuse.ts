import { resolve } from 'node:path';
import type { LoadedChecklist } from '../checklist/load.ts';
import { Redactor } from '../evidence/redact.ts';
import { snapshot } from '../hosts/tree.ts';
import { Checkout } from '../hosts/checkout.ts';
import { hostFacts } from '../hosts/host.ts';
import { findEarlier } from '../engine/resume/earlier.ts';
import { leftOut } from '../engine/own-output.ts';
import { nobodyRuns } from '../engine/lock.ts';
import { lookBack } from '../engine/resume/resume.ts';
import type { Reuse } from '../engine/resume/reuse.ts';
import { version } from './shared.ts';

/**
 * Which steps `--resume` would take over, and why not the others; nothing is run or written.
 * @param own what falls to a shard; all where there is none
 * @throws UserError as findEarlier, and 75 while a run of the milestone goes on
 */
export async function planReuse(
  loaded: LoadedChecklist & { targetPath: string },
  own: ReadonlySet<string> | undefined,
  options: { reports?: string | undefined; resume: string | true },
): Promise<Reuse> {
  const { checklist, targetPath: target } = loaded;
  const reports = resolve(options.reports ?? 'reports');
  nobodyRuns(resolve(reports, checklist.milestone));
  const named = options.resume === true ? undefined : options.resume;
  const earlier = findEarlier(reports, checklist.milestone, named, version);
  const leave = leftOut(checklist.outputs, { target, reports, writeTo: earlier.writeTo });
  const { reuse } = await lookBack({
    loaded,
    target,
    checkout: new Checkout(target),
    chosen: own ?? new Set(loaded.steps.map((step) => step.spec.id)),
    startedAt: new Date(),
    tree: await snapshot(target, leave),
    leave,
    host: hostFacts(),
    redactor: Redactor.ofEnvironment(process.env, new Set(loaded.steps.flatMap((step) => step.spec.secrets))),
    earlier,
  });
  if (!reuse) throw new Error('an earlier run without an answer');
  return reuse;
}
