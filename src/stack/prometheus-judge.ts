import { posix } from 'node:path';
import { imageName, mountOf, type ComposeService } from '../formats/compose/model.ts';
import { isPrometheus3 } from '../formats/compose/program-flags.ts';
import { unnamedConfig } from './config-checks.ts';
import { judgeHost, type Around, type StackJudge } from './checks.ts';
import { listOf, textOf } from '../formats/data/json-parts.ts';
import { relabelled } from '../formats/prometheus/relabel.ts';
import { isForAPerson, isPlaceholder } from './filled-in.ts';
import { addressOf, judgeAddresses } from './prometheus-addresses.ts';
import type { SeenPrometheus } from './prometheus-checks.ts';

/** Judges what Prometheus's container would find. */
export function judgePrometheus(
  j: StackJudge,
  seen: SeenPrometheus,
  around: Around,
  at: { file: string; line?: number },
): void {
  const own = around.services.find((service) => service.name === seen.service);
  const about = { subject: seen.service };
  const { config } = seen;
  // That its command names no configuration is said of the service.
  if (config.host === undefined && own && unnamedConfig(own) !== undefined) return;
  if (config.host === undefined) {
    // Samples are sent to it, or another Compose file of the folder mounts its configuration.
    const fed = own?.command.some((word) => /remote-write-receiver|otlp-write-receiver|otlp-receiver/.test(word));
    const laidOver = around.overlaid[seen.service]?.some((key) => /^(?:volumes|configs|command|entrypoint)$/.test(key));
    const isNote = fed === true || laidOver === true || config.mayHold || sharesVolume(own, config.path, around);
    j.find(
      'prometheus-config-unread',
      `${seen.service} reads ${config.path}, where nothing of the repository is mounted: it runs with its image's own configuration`,
      { ...about, where: at, level: isNote ? 'note' : 'warning' },
    );
    return;
  }
  if (config.kind !== 'file') {
    // That what is mounted there is missing is said of the mount.
    if (
      config.kind === 'missing' &&
      config.toBeMade === undefined &&
      own?.mounts.some((one) => one.target === config.path)
    )
      return;
    j.find(
      'prometheus-config-unread',
      `${seen.service} reads ${config.path}, which is ${config.host}: ${config.kind === 'missing' ? 'not there' : `a ${config.kind}`}${config.toBeMade === undefined ? '' : `; ${config.toBeMade}`}`,
      {
        ...about,
        where: at,
        ...(config.toBeMade !== undefined
          ? { level: 'note' as const }
          : config.mayHold && { level: 'warning' as const }),
      },
    );
    return;
  }
  judgeRuleFiles(j, seen, config.host, /:v?1\.\d/.test(own?.image ?? ''));
  judgeFaults(j, seen, config.host, own !== undefined && isPrometheus3(own));
  judgeRelabelled(j, seen, config.host);
  if (own) {
    judgeAddresses(j, seen, own, around, config.host);
    judgeRemotes(j, seen, own, around, config.host);
  }
}

/** Do the patterns of `rule_files` find rules that Prometheus takes? */
function judgeRuleFiles(j: StackJudge, seen: SeenPrometheus, file: string, isPrometheus1: boolean): void {
  const about = { subject: seen.service };
  let read = 0;
  const loaded = seen.ruleFiles.flatMap((one) => one.matches).map((match) => match.file);
  for (const rules of seen.ruleFiles) {
    const where = { file, line: rules.line };
    const wild = /[*?[]/.test(rules.pattern);
    const unread = (rules.unread ?? []).filter((one) => !loaded.includes(one));
    if (rules.matches.length === 0)
      j.find(
        'rule-files-unread',
        `rule_files: ${rules.pattern} matches ${rules.host === undefined ? 'nothing that is mounted' : `nothing in ${rules.host}`}${unread.length > 0 ? `; ${unread.join(', ')} is not loaded` : ''}`,
        {
          ...about,
          where,
          ...((rules.mayHold || (wild && rules.host !== undefined && unread.length === 0)) && {
            level: 'warning' as const,
          }),
        },
      );
    for (const match of rules.matches) {
      // Version 1 reads another language than this.
      for (const problem of isPrometheus1 ? [] : match.problems)
        j.find('rules-refused', `${match.file}: ${problem.message}`, {
          ...about,
          where: { file: match.file, line: problem.line, col: problem.col },
        });
      if (match.problems.length === 0) read++;
    }
  }
  if (read > 0) j.prove(`Prometheus finds ${read} rule files by ${file}`);
}

/** What is wrong in the configuration itself, and what it does not load. */
function judgeFaults(j: StackJudge, seen: SeenPrometheus, file: string, is3: boolean): void {
  const about = { subject: seen.service };
  const loaded = seen.ruleFiles.flatMap((one) => one.matches).map((match) => match.file);
  for (const { code, message, line, doubtful } of seen.faults.filter((one) => is3 || one.code !== 'api-removed'))
    j.find(code, `${file}: ${message}`, {
      ...about,
      where: { file, line },
      ...(doubtful && { level: 'warning' as const }),
      ...(code === 'config-literal' && seen.filled && { level: 'note' as const }),
    });
  for (const one of seen.unmounted)
    j.find('rules-unloaded', `${one} is not in the container: a file beside it is mounted alone`, {
      subject: seen.service,
      where: { file: one },
    });
  for (const one of seen.unloaded)
    j.find('rules-unloaded', `${one} lies beside ${file}, and no pattern of its rule_files loads it`, {
      ...about,
      where: { file: one },
      // Its neighbours are loaded: it was forgotten. Elsewhere it may be kept for another use.
      ...(loaded.some((other) => posix.dirname(other) === posix.dirname(one)) &&
        !/exampl|sampl|disabl|option|old|bak|deprecat|test|draft|template|stag|prod|dev|local|kube|k8s/i.test(one) && {
          level: 'error' as const,
        }),
    });
  for (const { key, path, line } of seen.lacking)
    j.find('file-unmounted', `${key.includes('.') ? `--${key}` : key} names ${path}, and nothing is mounted there`, {
      ...about,
      where: { file, ...(line !== undefined && { line }) },
    });
  for (const one of seen.refusedTargets)
    j.find('targets-refused', `${one.file}: Prometheus refuses it: ${one.why}`, {
      ...about,
      where: { file: one.file },
    });
  for (const { job, pattern, line, mounted } of seen.unread)
    j.find(
      'sd-files-unread',
      `the job ${job} reads ${pattern}, which matches nothing${mounted ? '' : ', and nothing is mounted there'}`,
      { subject: job, where: { file, line }, ...(mounted && { level: 'warning' as const }) },
    );
}

/** What alert_relabel_configs makes of the alerts of the rules, as far as the labels tell that the rules set. */
function judgeRelabelled(j: StackJudge, seen: SeenPrometheus, file: string): void {
  const { rules, line } = seen.alertRelabel;
  const alerts = seen.ruleFiles.flatMap((one) => one.matches).flatMap((match) => match.firing);
  const become = alerts
    .filter((labels) =>
      rules.every((rule) =>
        listOf(rule['source_labels']).every((name) => !(labels[textOf(name)] ?? '{{').includes('{{')),
      ),
    )
    .map((labels) => ({ labels, as: relabelled(labels, rules) }));
  const names = (some: typeof become): string => some.map(({ labels }) => labels['alertname']).join(', ');
  const about = { subject: seen.service, where: { file, line } };
  const dropped = become.filter(({ as }) => as === 'dropped');
  const urgent = dropped.some(({ labels }) => /^(?:critical|page|emergency)$/i.test(labels['severity'] ?? ''));
  if (rules.length === 0) return;
  if (dropped.length > 0)
    j.find('alert-lost', `${file}: alert_relabel_configs drops ${names(dropped)}: Alertmanager never hears of it`, {
      ...about,
      // What is of little weight may be meant to stay in Prometheus.
      ...(!urgent && dropped.length < alerts.length && { level: 'warning' as const }),
      ...(dropped.every(({ labels }) => /^(?:none|info|debug)$/i.test(labels['severity'] ?? '')) && {
        level: 'note' as const,
      }),
    });
  const bare = become.filter(
    ({ labels, as }) => typeof as === 'object' && 'severity' in labels && !('severity' in as && as['severity'] !== ''),
  );
  if (bare.length > 0)
    j.find('alert-lost', `${file}: alert_relabel_configs takes the severity of ${names(bare)} away`, about);
}

/** Where `remote_write` leads: is it a service that takes samples, at that path? */
function judgeRemotes(j: StackJudge, seen: SeenPrometheus, own: ComposeService, around: Around, file: string): void {
  for (const { kind, url, line } of seen.remotes) {
    const address = addressOf(url);
    if (!address || url.includes('$') || isForAPerson(url) || (seen.filled && isPlaceholder(url))) continue;
    const about = { subject: url, where: { file, line } };
    judgeHost(
      j,
      { own, ownPort: seen.ownPort, around },
      { ...address, what: `${kind} goes to ${url}`, codes: { host: 'remote-host', port: 'scrape-port' }, about },
    );
    const service = around.services.find((one) => one.name === address.host);
    if (kind !== 'remote_write' || !service || service.built || service.scripted) continue;
    const name = imageName(service.image);
    const path = /^https?:\/\/[^/]+(\/[^?]*)?/.exec(url)?.[1] ?? '/';
    const takes = receivers[name];
    // Behind a prefix, which a flag or its configuration may set; Cortex takes them at its old address too.
    if (takes !== undefined && !takes.some((one) => path.endsWith(one)))
      j.find(
        'remote-refused',
        `${kind} goes to ${path} of ${service.name}, and ${name} takes samples at ${takes.join(' or ')}`,
        about,
      );
    else if (name === 'prometheus' && !service.command.some((word) => /remote-write-receiver/.test(word)))
      j.find(
        'remote-refused',
        `${service.name} takes no samples: it is started without --web.enable-remote-write-receiver`,
        about,
      );
  }
}

// Sources: the projects' references of their HTTP APIs.
const receivers: Record<string, string[]> = {
  prometheus: ['/api/v1/write'],
  mimir: ['/api/v1/push'],
  cortex: ['/api/v1/push', '/api/prom/push'],
};

/** Is the path in a volume that another service mounts too, so that it may fill it? */
function sharesVolume(own: ComposeService | undefined, path: string, { services }: Around): boolean {
  const mount = own && mountOf(own, path);
  return (
    mount?.type === 'volume' &&
    services.some(
      (other) => other !== own && other.mounts.some((one) => one.type === 'volume' && one.source === mount.source),
    )
  );
}
