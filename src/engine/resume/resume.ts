import type { LoadedChecklist } from '../../checklist/load.ts';
import type { View } from '../../core/event.ts';
import type { RunRecord, Surroundings } from '../../core/record.ts';
import type { Redactor } from '../../evidence/redact.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import { isLeftOut, type LeftOut } from '../../hosts/left-out.ts';
import type { Checkout } from '../../hosts/checkout.ts';
import type { Snapshot } from '../../hosts/tree.ts';
import { surroundings } from '../../hosts/surroundings.ts';
import { Bases, stampsOf } from './basis.ts';
import type { Earlier } from './earlier.ts';
import { Journal } from './journal.ts';
import { posixPath } from '../own-output.ts';
import { adopt, decideReuse, type Reuse } from './reuse.ts';

/** Lines of the run's log that say why steps run again; `verify plan --resume` says all. */
const maxLines = 20;

export interface Beginning {
  loaded: LoadedChecklist;
  target: string;
  checkout: Checkout;
  chosen: ReadonlySet<string>;
  startedAt: Date;
  tree: Snapshot;
  leave: LeftOut;
  host: RunRecord['host'];
  redactor: Redactor;
  earlier: Earlier | undefined;
}

/** What a run must know to be resumed, and what it takes over itself where it resumes another. */
export async function lookBack(
  begin: Beginning,
): Promise<{ bases: Bases; surroundings: Surroundings; reuse: Reuse | undefined }> {
  const { loaded, target, earlier, tree, leave, redactor, startedAt } = begin;
  const secrets = new Set(loaded.steps.flatMap((step) => step.spec.secrets));
  const bases = new Bases(loaded, begin.checkout, tree.files, redactor);
  const around = await surroundings(target, secrets, (path) => isLeftOut(path, leave), earlier?.surroundings?.salt);
  const { waivers } = loaded.checklist;
  const now = { ...begin, startedAt: startedAt.getTime(), surroundings: around, waivers, bases };
  return { bases, surroundings: around, reuse: earlier && (await decideReuse(earlier, now)) };
}

/** Opens the journal of a run, and brings over what it takes from the earlier one. @throws UserError 73, 74 */
export function openJournal(
  begin: Beginning & { runId: string; version: string; writeTo: string | undefined; surroundings: Surroundings },
  reuse: Reuse | undefined,
  store: EvidenceStore,
): Journal {
  const { loaded, startedAt, tree, host } = begin;
  const journal = new Journal(store.folder, {
    tool: { name: 'verify-milestone', version: begin.version },
    run: {
      id: begin.runId,
      milestone: loaded.checklist.milestone,
      startedAt: startedAt.toISOString(),
      ...(begin.writeTo !== undefined && { writeTo: posixPath(begin.writeTo) }),
    },
    tree: tree.state,
    stamps: stampsOf(tree.files),
    host,
    surroundings: begin.surroundings,
  });
  if (!reuse) return journal;
  adopt(reuse, store);
  for (const record of reuse.taken.values()) journal.add(record);
  return journal;
}

/** Says what is taken over, and why the rest is not. */
export function sayReuse({ earlier, taken, again, whole }: Reuse, allowed: boolean, view: View): void {
  const say = (text: string, level: 'info' | 'warning' = 'info'): void => view.on({ type: 'notice', level, text });
  say(
    `resumes ${earlier.id}: ${taken.size} of ${taken.size + again.size} steps are reused${whole === undefined ? '' : `, since ${whole}`}`,
  );
  if (!allowed && taken.size > 0)
    say('`signoff.resume` is false: a run with reused steps cannot be signed or gated on', 'warning');
  if (whole !== undefined) return;
  const lines = [...again].map(([id, why]) => `  ${id} runs again: ${why}`);
  for (const line of lines.slice(0, maxLines)) say(line);
  if (lines.length > maxLines) say(`  … and ${lines.length - maxLines} more; \`verify plan --resume\` says why`);
}
