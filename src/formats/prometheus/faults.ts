import { listOf, objectOf, textOf } from '../data/json-parts.ts';
import { lookbackMs, promDuration } from '../promql/literals.ts';

/** Something that promtool accepts, and that does not work. */
export interface PrometheusFault {
  code: 'job-without-targets' | 'config-literal' | 'scrape-interval-long';
  message: string;
  /** A text of the line where it stands. */
  at: string;
  /** It may be meant: an empty list to be filled. */
  doubtful: boolean;
}

/** `external` labels alone are filled in from the environment (Prometheus 3, or its feature expand-external-labels). */
export function prometheusFaults(document: unknown): PrometheusFault[] {
  const config = objectOf(document);
  const faults: PrometheusFault[] = [];
  for (const one of listOf(config['scrape_configs'])) {
    const job = objectOf(one);
    const name = textOf(job['job_name']);
    const finds = Object.keys(job).some((key) => key.endsWith('_sd_configs'));
    const targets = listOf(job['static_configs']).flatMap((group) => listOf(objectOf(group)['targets']));
    if (!finds && targets.length === 0 && typeof job['static_configs'] !== 'string')
      faults.push({
        code: 'job-without-targets',
        message: `the job ${name} has no target: it scrapes nothing`,
        at: name,
        doubtful: 'static_configs' in job,
      });
  }
  const slow = [objectOf(config['global']), ...listOf(config['scrape_configs']).map(objectOf)];
  for (const one of slow) {
    const interval = textOf(one['scrape_interval']);
    if ((promDuration(interval) ?? 0) > lookbackMs)
      faults.push({
        code: 'scrape-interval-long',
        message: `scrape_interval: ${interval}: a query looks back 5m, so that the series are gone between two scrapes`,
        at: `scrape_interval: ${interval}`,
        doubtful: false,
      });
  }
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string') {
      const variable = /\$\{[A-Za-z_]\w*(?::-[^}]*)?\}/.exec(value)?.[0];
      // A replacement's ${1} and ${name} are groups of its regex.
      if (variable !== undefined && !['replacement', 'target_label', 'regex'].includes(key))
        faults.push({
          code: 'config-literal',
          message: `${key}: ${variable} is taken as it stands: Prometheus does not expand variables there`,
          at: variable,
          doubtful: false,
        });
    } else if (Array.isArray(value)) for (const one of value) visit(one, key);
    else for (const [name, one] of Object.entries(objectOf(value))) if (name !== 'external_labels') visit(one, name);
  };
  visit(config, '');
  return faults;
}
