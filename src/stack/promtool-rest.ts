import { writeFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import type { ExecResult, StepContext } from '../core/step.ts';
import { ruleFilesOf } from '../formats/prometheus/rule-files.ts';
import { prometheusConfig } from '../formats/prometheus/prometheus-config.ts';
import { derivedOf } from '../repository/derived.ts';
import { withoutKeys } from './without-keys.ts';

/** What promtool says of the syntax, with those fields left out that it does not know. */
export interface Rest {
  result: ExecResult;
  left: string[];
}

/** Fields that Debian's build leaves out, or that came after Prometheus 2.42 (its changelog). */
const later = new Set(
  `otlp runtime scrape_config_files scrape_protocols scrape_failure_log_file fallback_scrape_protocol
  metric_name_validation_scheme metric_name_escaping_scheme always_scrape_classic_histograms scrape_native_histograms
  convert_classic_histograms_to_nhcb rule_query_offset keep_dropped_targets enable_compression track_timestamps_staleness
  native_histogram_bucket_limit native_histogram_min_bucket_factor extra_scrape_metrics http_headers no_proxy
  proxy_from_environment proxy_connect_header protobuf_message round_robin_dns azuread google_iam query_offset labels
  scrape_classic_histograms sample_age_limit alert_relabel_configs workload_identity body_size_limit sample_limit label_limit
  label_name_length_limit label_value_length_limit target_limit`.split(/\s+/),
);

/** Kinds of discovery that Prometheus has, any of which a build may leave out. */
const discovery =
  /^(?:azure|consul|digitalocean|dns|docker|dockerswarm|ec2|eureka|file|gce|hetzner|http|ionos|kubernetes|kuma|lightsail|linode|marathon|nerve|nomad|openstack|ovhcloud|puppetdb|scaleway|serverset|stackit|triton|uyuni|vultr)_sd_configs$/;

export const refusals = (text: string): string[] =>
  text.split('\n').filter((line) => /FAILED|error|not found|cannot|did not|invalid|unknown|could not/i.test(line));

/** The fields for which alone promtool refuses a file, where each came after it; undefined where it has another reason. */
export function laterFields(text: string): string[] | undefined {
  const lines = refusals(text).filter((line) => !/unmarshal errors:$|FAILED:\s*$/.test(line));
  const fields = lines.map((line) => /line \d+: field (\w+) not found in type/.exec(line)?.[1] ?? '');
  return fields.length > 0 && fields.every((field) => later.has(field) || discovery.test(field))
    ? [...new Set(fields)]
    : undefined;
}

/** Checks what promtool can check of a configuration that it refuses for reasons which lie outside the repository. */
export async function checkRest(path: string, whole: ExecResult, ctx: StepContext): Promise<Rest | undefined> {
  if (whole.code === 0 || whole.notStarted !== undefined || whole.timedOut) return undefined;
  const text = `${whole.stdout}\n${whole.stderr}`;
  const left = laterFields(text);
  if (left) {
    const copy = `${ctx.evidence.scratch()}/prometheus.yml`;
    await writeFile(copy, withoutKeys(await ctx.files.read(path), left));
    return { left, result: await syntax(copy, ctx) };
  }
  // "/etc/…" does not point to an existing file; … stat /run/secrets/x: no such file or directory.
  const elsewhere = /"\/[^"]*" does not point to an existing file|\b(?:stat|open) \/[^:]*: no such file/.test(text);
  return elsewhere ? { left: [], result: await syntax(path, ctx) } : undefined;
}

const syntax = (path: string, ctx: StepContext): Promise<ExecResult> =>
  ctx.exec(['promtool', 'check', 'config', '--syntax-only', path], { name: 'check-syntax' });

/** Relative paths of rule_files, without a wildcard, at which no file is. */
export async function absentRules(path: string, ctx: StepContext): Promise<string[]> {
  const absent: string[] = [];
  for (const { pattern: file } of (await derivedOf(ctx, path, prometheusConfig))?.ruleFiles ?? []) {
    if (file.startsWith('/') || /[*?[]/.test(file)) continue;
    if ((await ctx.files.kind(posix.join(posix.dirname(path), file))) !== 'file') absent.push(file);
  }
  return absent;
}

/** Files as Prometheus reads them: of a Kubernetes PrometheusRule, what the operator makes of it. */
export async function plainFiles(paths: readonly string[], ctx: StepContext): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const made = ruleFilesOf(await ctx.files.read(path));
    if (!made) files.push(path);
    for (const [n, text] of (made ?? []).entries()) {
      const copy = join(ctx.evidence.scratch(), `${n}-${basename(path)}`);
      await writeFile(copy, text);
      files.push(copy);
    }
  }
  return files;
}

/** The cause that promtool gives: it stands in the line below a bare `FAILED:`, behind file and place. */
export function saidBy(text: string): { message: string; file?: string; line?: number } {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const failed = lines.findIndex((line) => /\bFAILED:?/.test(line));
  const rest = /FAILED:?\s*(.*)$/.exec(lines[failed] ?? '')?.[1] ?? '';
  const cause =
    (rest !== '' && !/unmarshal errors:$|^yaml:$/.test(rest) ? rest : lines[failed + 1]) ??
    refusals(text)[0]?.trim() ??
    lines[0] ??
    '';
  const placed = /^(?:parsing YAML file )?(.+?\.\w+): (?:(\d+):\d+: )?(.*)$/.exec(cause);
  const line = placed?.[2] ?? /\bline (\d+):/.exec(cause)?.[1];
  return {
    message: placed?.[3] ?? cause,
    ...(placed && { file: placed[1] ?? '' }),
    ...(line !== undefined && { line: Number(line) }),
  };
}
