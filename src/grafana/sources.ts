import type { StepContext } from '../core/step.ts';
import type { SourceRef } from '../formats/grafana/board-model.ts';
import { findSource } from '../formats/grafana/find-source.ts';
import type { Scope } from '../formats/grafana/variables.ts';
import { variablesIn } from '../formats/grafana/variable-uses.ts';
import { promDuration } from '../formats/promql/literals.ts';
import { provisioningFile } from '../formats/grafana/provisioning.ts';
import { derivedOf } from '../repository/derived.ts';

/** A data source that Grafana has, or would have. */
export interface Source {
  uid: string;
  name: string;
  type: string;
  isDefault: boolean;
  scrapeMs: number;
}

/** What a reference leads to. */
export type Resolved =
  | { kind: 'source'; source: Source }
  /** A data source of Grafana's own, which is not asked. */
  | { kind: 'built-in' }
  | { kind: 'missing'; why: string };

export const scrapeOf = (timeInterval: string): number => promDuration(timeInterval) ?? 15_000;

export const speaksPromQl = (type: string): boolean => /prometheus|mimir|victoriametrics/i.test(type);

/** The data sources of provisioning files. Environment variables in a type or uid are not put in. */
export async function provisionedSources(
  ctx: StepContext,
  globs: string[],
): Promise<{ files: string[]; sources: Source[] }> {
  const files = await ctx.files.glob(globs);
  const sources: Source[] = [];
  for (const file of files)
    for (const one of (await derivedOf(ctx, file, provisioningFile)).sources)
      sources.push({
        uid: one.given,
        name: one.name,
        type: one.type,
        isDefault: one.isDefault,
        scrapeMs: scrapeOf(one.timeInterval),
      });
  return { files, sources };
}

/**
 * Follows a panel's or query's reference: a variable's value (name or uid), a uid, a name of old files, a type, nothing.
 * @param sources all that there are; undefined where that is not known, and then nothing is called missing but a name that is no variable
 */
export function resolveSource(
  ref: SourceRef | undefined,
  scope: Scope,
  sources: readonly Source[] | undefined,
): Resolved {
  let { uid = '', type = '' } = ref ?? {};
  const [variable] = variablesIn(uid);
  if (variable?.from === 0 && variable.to === uid.length) {
    const value = scope.get(variable.name);
    if (!value)
      return { kind: 'missing', why: `there is no data source ${uid}, which no variable of the dashboard defines` };
    if (value.values[0] === undefined && sources)
      return { kind: 'missing', why: `there is no data source that the variable ${variable.name} could choose` };
    [uid, type] = [value.values[0] ?? 'default', ''];
  }
  const found = findSource({ uid, type }, sources);
  if (found.state === 'own') return { kind: 'built-in' };
  if (found.state === 'found') return { kind: 'source', source: found.source };
  if (found.state !== 'unchecked') return { kind: 'missing', why: found.why };
  const source = { uid, name: uid, type: ref?.type || 'prometheus', isDefault: true, scrapeMs: 15_000 };
  return { kind: 'source', source };
}
