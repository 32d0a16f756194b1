import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { StepContext } from '../core/step.ts';
import { withoutKeys } from './without-keys.ts';

/** What amtool says of a configuration. */
export interface AmtoolSaid {
  state: 'accepted' | 'refused' | 'missing';
  /** Why it refuses it, and the line that it names. */
  message: string;
  line?: number;
  /** Keys that came after amtool 0.25, left out before it was asked again. */
  left: string[];
  version: string;
}

/** Keys that came after Alertmanager 0.25 (its changelog): an older amtool does not know them. */
const later = new Set(
  `msteams_configs msteamsv2_configs jira_configs rocketchat_configs incidentio_configs mattermost_configs tracing sources
  http_headers no_proxy proxy_from_environment proxy_connect_header url_file message_thread_id bot_token_file user_key_file
  token_file ttl webhook_url_file content username avatar_url smtp_tls_config smtp_force_implicit_tls force_implicit_tls
  threading slack_app_token slack_app_token_file slack_app_url app_token app_token_file app_url jira_api_url rocketchat_api_url
  rocketchat_token rocketchat_token_id rocketchat_token_file rocketchat_token_id_file mattermost_webhook_url
  mattermost_webhook_url_file telegram_bot_token telegram_bot_token_file wechat_api_secret_file api_secret_file timeout
  auth_secret_file smtp_auth_secret_file monospace update_message class_file client_file name`.split(/\s+/),
);

/** Runs `amtool check-config` on a file. @param text its content */
export async function askAmtool(ctx: StepContext, file: string, text: string): Promise<AmtoolSaid> {
  const version = await ctx.exec(['amtool', '--version'], { name: 'amtool-version' });
  if (version.notStarted !== undefined) return { state: 'missing', message: version.notStarted, left: [], version: '' };
  const own = /version (\S+)/.exec(`${version.stdout}${version.stderr}`)?.[1]?.replace(/,$/, '') ?? 'unknown';
  const first = await check(ctx, file);
  const fields = [...first.message.matchAll(/field (\w+) not found in type/g)].map(([, field = '']) => field);
  const others = first.message.split('\n').some((line) => /line \d+: /.test(line) && !/not found in type/.test(line));
  if (fields.length === 0 || others || !fields.every((field) => later.has(field)))
    return { ...first, left: [], version: own };
  const copy = join(ctx.evidence.scratch(), basename(file));
  await writeFile(copy, withoutKeys(text, fields));
  const rest = await check(ctx, copy);
  // The copy's lines are not the file's, and an integration without its keys may lack what it needs.
  return { state: 'accepted', message: rest.message, left: [...new Set(fields)], version: own };
}

async function check(ctx: StepContext, file: string): Promise<Omit<AmtoolSaid, 'left' | 'version'>> {
  const result = await ctx.exec(['amtool', 'check-config', file], { name: 'amtool' });
  if (result.code === 0)
    return /\bSUCCESS\b/.test(`${result.stdout}${result.stderr}`)
      ? { state: 'accepted', message: '' }
      : { state: 'missing', message: 'it ended with 0 and does not say that it has read the file' };
  const said = /FAILED: ([\s\S]*?)\s*(?:\n\n|amtool: error|$)/.exec(`${result.stdout}\n${result.stderr}`)?.[1];
  const message = (said ?? `${result.stdout}${result.stderr}`)
    .replace(/^yaml: (?:unmarshal errors:\s*)?/, '')
    .replaceAll(/\n\s+/g, '\n')
    .trim();
  const line = /line (\d+):/.exec(message)?.[1];
  return { state: 'refused', message, ...(line !== undefined && { line: Number(line) }) };
}

/** Receivers that an alert reaches by `amtool config routes test`; undefined where it does not say. */
export async function routesByAmtool(
  ctx: StepContext,
  file: string,
  labels: Readonly<Record<string, string>>,
): Promise<string[] | undefined> {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  const result = await ctx.exec(['amtool', 'config', 'routes', 'test', `--config.file=${file}`, ...pairs], {
    name: 'amtool-routes',
  });
  return result.code === 0 ? result.stdout.trim().split('\n').at(-1)?.split(',') : undefined;
}
