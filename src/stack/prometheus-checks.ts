import { posix } from 'node:path';
import type { EntryKind, StepContext } from '../core/step.ts';
import { mountOf, ofBitnami, type ComposeService } from '../formats/compose/model.ts';
import { objectOf } from '../formats/data/json-parts.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import { library } from '../formats/data/libraries.ts';
import { parseRuleFile } from '../formats/prometheus/rule-files.ts';
import {
  prometheusConfig,
  type PrometheusConfig,
  type PrometheusFault,
} from '../formats/prometheus/prometheus-config.ts';
import { unnamedConfig } from './config-checks.ts';
import type { Container } from './container.ts';
import { filledIn, isPlaceholder } from './filled-in.ts';
import { toBeMade } from './made-by-scripts.ts';
import { located, short } from './checks.ts';

/** What Prometheus's container would find. */
export interface SeenPrometheus extends Pick<
  PrometheusConfig,
  'targets' | 'alertmanagers' | 'remotes' | 'alertRelabel' | 'alerting' | 'alertingEmpty'
> {
  service: string;
  config: {
    path: string;
    host?: string;
    kind: EntryKind;
    mayHold: boolean;
    unreadable: boolean;
    /** It is not there, and is to be made: what makes it, or that git ignores it. */
    toBeMade?: string;
  };
  ownPort: number;
  ruleFiles: {
    pattern: string;
    line: number;
    host?: string;
    mayHold: boolean;
    /** Where nothing matches: rule files that lie in its folder or below. */
    unread?: string[];
    matches: {
      file: string;
      problems: { message: string; line: number; col: number }[];
      rules: number;
      /** The labels that each alert's rule sets, its name among them. */
      firing: Record<string, string>[];
    }[];
  }[];
  /** Rules files beside the configuration that nothing loads. */
  unloaded: string[];
  /** Files of rules beside one that is mounted alone: they would be loaded, and are not in the container. */
  unmounted: string[];
  faults: PrometheusFault[];
  /** The repository says that its placeholders are filled in, or a script of its image may do so. */
  filled: boolean;
  /** Files of service discovery that it will not find; `mounted`: their folder is there, for something to be put into. */
  unread: { job: string; pattern: string; line: number; mounted: boolean }[];
  /** Files that its flags and its configuration name, and that its container has not. */
  lacking: { key: string; path: string; line?: number }[];
  /** Files of service discovery that Prometheus refuses. */
  refusedTargets: { file: string; why: string }[];
}

const nothing: Omit<PrometheusConfig, 'said'> = {
  ruleFiles: [],
  targets: [],
  discovered: [],
  alertmanagers: [],
  remotes: [],
  files: [],
  alertRelabel: { rules: [], line: 1 },
  alerting: false,
  alertingEmpty: false,
  faults: [],
};

export async function lookAtPrometheus(container: Container, ctx: StepContext): Promise<SeenPrometheus> {
  const { service } = container;
  const flag = (name: string): string | undefined => {
    const at = service.command.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    const arg = service.command[at];
    return arg?.includes('=') === true ? arg.slice(arg.indexOf('=') + 1) : service.command[at + 1];
  };
  const has = (name: string): boolean =>
    service.command.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  const path =
    (has('config.file') ? flag('config.file') : unnamedConfig(service)) ??
    (ofBitnami(service.image) ? '/opt/bitnami/prometheus/conf/prometheus.yml' : '/etc/prometheus/prometheus.yml');
  const listen = has('web.listen-address') ? flag('web.listen-address') : undefined;
  const found = await container.find(path);
  const kind = found?.kind ?? 'missing';
  const text = found?.kind === 'file' ? await container.read(found) : '';
  const parsed = prometheusConfig(text);
  const config = parsed ?? nothing;
  const ruleFiles = await lookAtRuleFiles(container, ctx, path, config.ruleFiles);
  const unread = await lookAtDiscovered(container, service, path, config.discovered);
  const faults = service.scripted
    ? []
    : config.faults.filter((fault) => fault.code !== 'scrape-interval-long' || !has('query.lookback-delta'));
  const loaded = ruleFiles.flatMap((one) => [...(one.unread ?? []), ...one.matches.map((match) => match.file)]);
  const unloaded =
    found?.kind === 'file' && parsed
      ? (await rulesBeside(container, path, ctx)).filter((file) => !loaded.includes(file))
      : [];
  return {
    service: service.name,
    unread,
    unloaded,
    unmounted: await rulesLeftOut(
      ctx,
      config.ruleFiles.map((one) => one.pattern),
      loaded,
    ),
    filled:
      service.scripted ||
      ((faults.some((one) => one.code === 'config-literal') ||
        config.targets.some(({ address }) => isPlaceholder(address))) &&
        (await filledIn(short(ctx, found?.host ?? path), ctx))),
    faults,
    config: {
      path,
      ...located(ctx, found?.host),
      kind,
      mayHold: container.mayHold(path) || service.scripted,
      unreadable: text !== '' && !parsed,
      ...(found?.kind === 'missing' && (await toBeMade(found.host, ctx))),
    },
    ownPort: Number(listen?.split(':').at(-1) ?? 9090),
    ruleFiles,
    targets: config.targets,
    alertingEmpty: config.alertingEmpty,
    alerting: config.alerting || service.command.some((word) => word.includes('alertmanager')),
    alertmanagers: config.alertmanagers,
    remotes: config.remotes,
    alertRelabel: config.alertRelabel,
    lacking: await lackingFiles(container, [
      ...service.command.flatMap((word) => {
        const path = /^--(web\.config\.file)=(\/.+)/.exec(word);
        return path ? [{ key: path[1] ?? '', path: path[2] ?? '' }] : [];
      }),
      ...config.files,
    ]),
    refusedTargets: await refusedTargets(container, ctx, path, config.discovered),
  };
}

/** What the patterns of `rule_files` match in the container. */
async function lookAtRuleFiles(
  container: Container,
  ctx: StepContext,
  path: string,
  patterns: PrometheusConfig['ruleFiles'],
): Promise<SeenPrometheus['ruleFiles']> {
  const ruleFiles: SeenPrometheus['ruleFiles'] = [];
  for (const { pattern, line } of patterns) {
    const full = posix.normalize(pattern.startsWith('/') ? pattern : `${posix.dirname(path)}/${pattern}`);
    const folder = posix.dirname(full);
    const at = await container.find(folder);
    const matches: SeenPrometheus['ruleFiles'][number]['matches'] = [];
    for (const one of await container.list(folder)) {
      if (!library('picomatch').isMatch(one.name, posix.basename(full), { dot: true })) continue;
      const seen = await container.find(one.path);
      if (seen?.kind === 'file') matches.push(readRules(short(ctx, seen.host), await container.read(seen)));
    }
    ruleFiles.push({
      pattern,
      line,
      ...located(ctx, at?.host),
      mayHold: container.mayHold(folder),
      ...(matches.length === 0 && { unread: await rulesBelow(at?.kind === 'directory' ? at.host : '', ctx) }),
      matches,
    });
  }
  return ruleFiles;
}

/** Of the files that are named those that surely are not in the container: nothing is mounted there, and the image is the project's own. */
export async function lackingFiles(
  container: Container,
  named: readonly SeenPrometheus['lacking'][number][],
): Promise<SeenPrometheus['lacking']> {
  const { service } = container;
  if (service.built || service.scripted) return [];
  const lacking: SeenPrometheus['lacking'] = [];
  for (const one of named)
    if (
      !(await container.find(one.path)) &&
      !container.mayHold(one.path) &&
      !mountOf(service, one.path) &&
      // What every Linux image has.
      !/^\/(?:etc\/ssl|usr\/share|var\/run\/secrets|proc|sys|dev)\//.test(one.path)
    )
      lacking.push(one);
  return lacking;
}

/** Files of targets that are there, with keys that Prometheus does not take (its targetgroup.Group reads them strictly). */
async function refusedTargets(
  container: Container,
  ctx: StepContext,
  path: string,
  discovered: PrometheusConfig['discovered'],
): Promise<SeenPrometheus['refusedTargets']> {
  const refused: SeenPrometheus['refusedTargets'] = [];
  for (const { pattern } of discovered) {
    const full = posix.normalize(pattern.startsWith('/') ? pattern : `${posix.dirname(path)}/${pattern}`);
    for (const one of await container.list(posix.dirname(full))) {
      if (!library('picomatch').isMatch(one.name, posix.basename(full))) continue;
      const seen = await container.find(one.path);
      const text = seen?.kind === 'file' ? await container.read(seen) : '';
      const read = text.trim() === '' ? [] : yamlOf(text);
      const file = short(ctx, seen?.host ?? one.path);
      if (!Array.isArray(read)) {
        if (text.trim() !== '' && read !== undefined && read !== null)
          refused.push({ file, why: 'it is not a list of groups of targets' });
        continue;
      }
      const key = read
        .flatMap((group) => Object.keys(objectOf(group)))
        .find((name) => !['targets', 'labels'].includes(one.name.endsWith('.json') ? name.toLowerCase() : name));
      if (key !== undefined) refused.push({ file, why: `it has the key ${key}, expected targets and labels alone` });
    }
  }
  return refused;
}

/** Files of discovered targets that nobody provides. */
async function lookAtDiscovered(
  container: Container,
  service: ComposeService,
  path: string,
  discovered: PrometheusConfig['discovered'],
): Promise<SeenPrometheus['unread']> {
  const unread: SeenPrometheus['unread'] = [];
  for (const one of discovered) {
    const full = posix.normalize(one.pattern.startsWith('/') ? one.pattern : `${posix.dirname(path)}/${one.pattern}`);
    const folder = posix.dirname(full);
    const there = await container.list(folder);
    if (there.some(({ name }) => library('picomatch').isMatch(name, posix.basename(full)))) continue;
    const mount = mountOf(service, full);
    const found = await container.find(folder);
    // A file that another program writes has a folder or volume to be written to.
    if (mount?.type === 'volume' || container.mayHold(folder)) continue;
    unread.push({
      ...one,
      mounted: found?.kind === 'directory' && mount !== undefined,
    });
  }
  return unread;
}

/** Rules files beside a configuration in the container, or in folders there, that no other file names: it may be another configuration's. */
async function rulesBeside(
  container: Container,
  own: string,
  ctx: StepContext,
  folder = posix.dirname(own),
  depth = 0,
): Promise<string[]> {
  const rules: { name: string; file: string }[] = [];
  const below: string[] = [];
  let others = '';
  for (const { name, path } of folder === '/etc' || folder === '/' ? [] : await container.list(folder)) {
    const seen = await container.find(path);
    if (seen?.kind === 'directory' && depth < 2)
      below.push(...(await rulesBeside(container, own, ctx, path, depth + 1)));
    if (seen?.kind !== 'file' || !/\.(?:ya?ml|rules)$/.test(name)) continue;
    const text = await container.read(seen);
    const file = short(ctx, seen.host);
    if (readRules(file, text).rules > 0) rules.push({ name, file });
    else if (path !== own) others += text;
  }
  return [...rules.filter(({ name }) => !others.includes(name)).map(({ file }) => file), ...below];
}

/** Files of rules beside loaded ones, of a name that a pattern takes, and that no other file of the repository names. */
async function rulesLeftOut(
  ctx: StepContext,
  patterns: readonly string[],
  loaded: readonly string[],
): Promise<string[]> {
  const tree = await ctx.tree();
  const inside = loaded.filter((file) => tree.paths.includes(file));
  const folders = new Set(inside.map((file) => posix.dirname(file)));
  const wild = patterns.map((one) => posix.basename(one)).filter((one) => /[*?]/.test(one));
  const isMatch = library('picomatch')(wild.length > 0 ? wild : ['\u0000']);
  return tree.paths.filter((path) => {
    const name = posix.basename(path);
    if (!folders.has(posix.dirname(path)) || loaded.includes(path) || !isMatch(name)) return false;
    if (readRules(path, tree.text(path) ?? '').rules === 0) return false;
    return !tree.paths.some(
      (other) =>
        /\.(?:ya?ml|sh|tf|env|json)$|(?:^|\/)(?:Makefile|Dockerfile)[^/]*$/.test(other) &&
        other !== path &&
        // A checklist of verify names what it checks.
        !/(?:^|\/)checklists\//.test(other) &&
        tree.text(other)?.includes(name) === true,
    );
  });
}

async function rulesBelow(folder: string, ctx: StepContext, depth = 0): Promise<string[]> {
  const found: string[] = [];
  for (const name of folder === '' ? [] : await ctx.files.list(folder)) {
    const path = `${folder}/${name}`;
    const kind = await ctx.files.kind(path);
    if (kind === 'directory' && depth < 2) found.push(...(await rulesBelow(path, ctx, depth + 1)));
    else if (
      kind === 'file' &&
      /\.(?:ya?ml|rules)$/.test(name) &&
      readRules(path, await ctx.files.read(path)).rules > 0
    )
      found.push(short(ctx, path));
  }
  return found;
}

function readRules(file: string, text: string): SeenPrometheus['ruleFiles'][number]['matches'][number] {
  const { groups, problems } = parseRuleFile(text);
  return {
    file,
    problems: problems.map(({ message, at }) => ({ message, ...at })),
    rules: groups.flatMap((group) => group.rules).length,
    firing: groups
      .flatMap((group) => group.rules)
      .filter((rule) => rule.kind === 'alert')
      .map((rule) => ({ ...rule.labels, alertname: rule.name })),
  };
}
