import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { anchoredRegex } from '../promql/regex.ts';

type Labels = Record<string, string>;

/**
 * What relabelling makes of a target's labels; `dropped` where it takes the target away, undefined where that cannot be told.
 * Source of the actions and their defaults: Prometheus's documentation of relabel_config.
 */
export function relabelled(given: Labels, rules: readonly JsonObject[]): Labels | 'dropped' | undefined {
  let labels: Labels = { ...given };
  for (const rule of rules) {
    const action = textOf(rule['action']).toLowerCase() || 'replace';
    const source = listOf(rule['source_labels']).map((name) => labels[textOf(name)] ?? '');
    const value = source.join('separator' in rule ? textOf(rule['separator']) : ';');
    const target = textOf(rule['target_label']);
    const regex = anchoredRegex('regex' in rule ? textOf(rule['regex']) : '(.*)');
    if (!regex) return undefined;
    if (action === 'keep' || action === 'drop') {
      if ((action === 'keep') !== regex.test(value)) return 'dropped';
    } else if (action === 'keepequal' || action === 'dropequal') {
      if ((action === 'keepequal') !== (value === (labels[target] ?? ''))) return 'dropped';
    } else if (action === 'replace') {
      const filled = regex.expand(value, 'replacement' in rule ? textOf(rule['replacement']) : '$1');
      if (filled !== undefined) labels[target] = filled;
    } else if (action === 'lowercase') labels[target] = value.toLowerCase();
    else if (action === 'uppercase') labels[target] = value.toUpperCase();
    else if (action === 'labeldrop' || action === 'labelkeep')
      labels = Object.fromEntries(
        Object.entries(labels).filter(
          ([name]) => name.startsWith('__') || regex.test(name) === (action === 'labelkeep'),
        ),
      );
    else return undefined;
  }
  return labels;
}

/** The labels of a job's fixed targets before relabelling; undefined where others may be discovered. */
export function targetsOf(job: JsonObject): Labels[] | undefined {
  if (Object.keys(job).some((key) => key.endsWith('_sd_configs'))) return undefined;
  const params = Object.fromEntries(
    Object.entries(objectOf(job['params'])).map(([name, values]) => [`__param_${name}`, textOf(listOf(values)[0])]),
  );
  return listOf(job['static_configs'])
    .map(objectOf)
    .flatMap((group) =>
      listOf(group['targets']).map((address) => ({
        job: textOf(job['job_name']),
        __scheme__: textOf(job['scheme']) || 'http',
        __metrics_path__: textOf(job['metrics_path']) || '/metrics',
        ...params,
        ...Object.fromEntries(Object.entries(objectOf(group['labels'])).map(([name, value]) => [name, textOf(value)])),
        __address__: textOf(address),
      })),
    );
}
