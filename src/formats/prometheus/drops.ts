import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';

/** What a job's `metric_relabel_configs` take away, by the metric's name alone, in the order of the file. */
export interface Drops {
  drops?: { action: 'drop' | 'keep'; regex: string }[];
  /** Patterns of the labels that it takes from every series. */
  labelDrops?: string[];
}

/** Behind a rule that writes names or labels nothing is certain. Source: Prometheus's reference of `<relabel_config>`. */
export function dropsOf(job: JsonObject): Drops {
  const drops: NonNullable<Drops['drops']> = [];
  const labelDrops: string[] = [];
  for (const rule of listOf(job['metric_relabel_configs']).map(objectOf)) {
    const action = textOf(rule['action']) || 'replace';
    const regex = textOf(rule['regex']) || '(.*)';
    if (action === 'labelmap' || rule['target_label'] === '__name__') break;
    if (action === 'labeldrop') labelDrops.push(regex);
    const sources = listOf(rule['source_labels']).map(textOf);
    if ((action === 'drop' || action === 'keep') && sources.length === 1 && sources[0] === '__name__')
      drops.push({ action, regex });
  }
  return { ...(drops.length > 0 && { drops }), ...(labelDrops.length > 0 && { labelDrops }) };
}
