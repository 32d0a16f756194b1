import type { LoadedChecklist } from '../checklist/load.ts';
import { exit, UserError } from '../core/errors.ts';
import { select, type Selection } from '../core/plan.ts';
import type { RunRecord } from '../core/record.ts';
import { fallsTo, partition, type Shard, shardNodes, shardOption } from '../core/shard.ts';
import { suggest } from '../core/suggest.ts';

/** What of a checklist is run, and what the record says of it. */
export interface Chosen {
  steps: ReadonlySet<string>;
  narrowedBy: string[];
  shard: RunRecord['run']['shard'];
  /** Why a step is not run. */
  leftOut(id: string): string;
}

/** @throws UserError 78 where the selection names what is not there, or leaves nothing. A shard to which nothing falls is none of these. */
export function choose({ steps }: LoadedChecklist, options: Selection & { shard?: Shard | undefined }): Chosen {
  const nodes = shardNodes(steps);
  const { chosen, unknown } = select(nodes, options);
  if (unknown.length > 0) {
    const meant = suggest(
      unknown[0] ?? '',
      nodes.flatMap((node) => [node.id, node.item, ...node.tags]),
    );
    throw new UserError(exit.nothingSelected, `no step, item or tag is called ${unknown.join(', ')}`, {
      hint: meant && `did you mean ${meant}?`,
    });
  }
  if (chosen.size === 0) throw new UserError(exit.nothingSelected, 'nothing is selected: no step would run');
  const { shard, only, skip, tags } = options;
  const parts = shard ? partition(nodes, shard.of, options) : [];
  const own = shard ? (parts[shard.index - 1]?.steps ?? new Set<string>()) : chosen;
  return {
    steps: own,
    narrowedBy: [
      ...only.map((name) => `--only ${name}`),
      ...skip.map((name) => `--skip ${name}`),
      ...tags.map((name) => `--tags ${name}`),
      ...(shard ? [shardOption(shard)] : []),
    ],
    shard: shard && { ...shard, steps: nodes.filter((node) => own.has(node.id)).map((node) => node.id) },
    leftOut(id) {
      const other = own.has(id) ? -1 : parts.findIndex((part) => part.steps.has(id));
      return other < 0 ? 'left out by the selection' : fallsTo({ index: other + 1, of: parts.length });
    },
  };
}
