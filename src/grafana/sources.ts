import type { StepContext } from '../core/step.ts';
import { builtIn, isMixed, type SourceRef } from '../formats/grafana/board.ts';
import type { Scope } from '../formats/grafana/variables.ts';
import { variablesIn } from '../formats/grafana/dashboards/variables.ts';
import { promDuration } from '../formats/promql/literals.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import { dataSourcesOf, sourceUid } from '../formats/grafana/provisioning.ts';

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
  | { kind: 'missing'; what: string };

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
    for (const one of dataSourcesOf(yamlOf(await ctx.files.read(file))))
      sources.push({
        uid: await sourceUid(one),
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
  if (builtIn(ref) || isMixed(ref)) return { kind: 'built-in' };
  let wanted = ref?.uid;
  const [variable] = variablesIn(wanted ?? '');
  if (variable?.from === 0 && variable.to === wanted?.length) {
    const { name } = variable;
    const value = scope.get(name);
    if (!value) return { kind: 'missing', what: `${wanted}, which no variable of the dashboard defines` };
    wanted = value.values[0];
    if (wanted === undefined) {
      if (sources !== undefined) return { kind: 'missing', what: `that the variable ${name} could choose` };
      wanted = 'default';
    }
  }
  if (sources === undefined) {
    const type = ref?.type ?? 'prometheus';
    return {
      kind: 'source',
      source: { uid: wanted ?? '', name: wanted ?? '', type, isDefault: true, scrapeMs: 15_000 },
    };
  }
  const found =
    wanted === undefined || wanted === 'default'
      ? (sources.find((one) => one.isDefault) ??
        sources.find((one) => ref?.type === undefined || one.type === ref.type) ??
        sources[0])
      : (sources.find((one) => one.uid === wanted) ?? sources.find((one) => one.name === wanted));
  return found ? { kind: 'source', source: found } : { kind: 'missing', what: wanted ?? 'a default data source' };
}
