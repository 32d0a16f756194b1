import { z } from 'zod';
import { Judge } from '../../core/judgement.ts';
import { defineStep, type ExecResult, type StepContext } from '../../core/step.ts';
import { ComposeConfig, filesOf, servicesOf, type ComposeService } from '../../formats/compose/model.ts';
import {
  buildProblems,
  judgeBuilds,
  judgeFiles,
  lookAtBuilds,
  type SeenBuild,
  type SeenFile,
} from '../../stack/build-checks.ts';
import { short, stackProblems, type Around } from '../../stack/checks.ts';
import { leaveEnvFilesOut } from '../../stack/env-files.ts';
import { judgeUnsetMounts, lookAtUnsetMounts, unsetMountProblems, type UnsetMount } from '../../stack/unset-mounts.ts';
import { judgeContainers, lookAtContainers, noContainers, type SeenContainers } from '../../stack/containers.ts';
import { lookElsewhere } from '../../stack/elsewhere.ts';
import { judgePrograms, lookAtPrograms, noPrograms, type SeenPrograms } from '../../stack/programs.ts';
import { judgeHealthDependencies, judgeServices, serviceProblems } from '../../stack/service-checks.ts';
import { bindProblems, judgeBinds, linesOf, lookAtBinds, type Bind, type Lines } from '../../stack/bind-checks.ts';

const params = z.strictObject({
  files: z.array(z.string().min(1)).min(1).describe('compose files, relative to the target'),
  profiles: z.array(z.string().min(1)).default([]),
  envFile: z.string().optional(),
  env: z
    .record(z.string(), z.string())
    .default({})
    .describe('values for variables that the files require; never a real secret'),
  services: z.array(z.string().min(1)).default([]).describe('services that must be there'),
  mounts: z
    .array(
      z.strictObject({
        service: z.string().min(1),
        source: z.string().min(1).describe('relative to the target'),
        target: z.string().optional().describe('path in the container'),
      }),
    )
    .default([])
    .describe('mounts that are promised'),
});
type Params = z.infer<typeof params>;

interface Observed {
  how: 'resolved' | 'missing' | 'refused' | 'unreadable';
  message: string;
  services: ComposeService[];
  binds: Bind[];
  builds: SeenBuild[];
  files: SeenFile[];
  unset: string[];
  containers: SeenContainers;
  programs: SeenPrograms;
  elsewhere: Around['elsewhere'];
  unsetMounts: UnsetMount[];
  /** An env_file that is not there, and without which the rest was resolved. */
  envFile?: { path: string; meant: boolean };
  /** Line of each service in the first compose file that has it, and of mount targets. */
  lines: Lines;
}

const problems = {
  ...stackProblems,
  'compose-missing': {
    level: 'inconclusive',
    title: 'Docker Compose is not there',
    hint: 'install Compose v2 (Debian: the package docker-compose); no engine is needed for this step',
  },
  'does-not-resolve': { level: 'error', title: 'Compose refuses the configuration', hint: 'correct what it names' },
  'value-needed': {
    level: 'inconclusive',
    title: 'The configuration needs a value or a file that is not in the repository',
    hint: 'give the variable under `env:`, or the file by `envFile:`',
  },
  'env-file-missing': {
    level: 'note',
    title: 'An env_file is not in the repository',
    hint: 'it is not meant to be committed: see that it is made before the stack is started',
  },
  'unreadable-config': {
    level: 'inconclusive',
    title: 'The answer of Compose cannot be read',
    hint: 'Compose v2 is supported; v1 and podman-compose print no JSON',
  },
  'service-missing': {
    level: 'error',
    title: 'A promised service is not in the configuration',
    hint: 'is it behind a profile, or renamed?',
  },
  ...bindProblems,
  ...buildProblems,
  'mount-missing': {
    level: 'error',
    title: 'A promised mount is not in the configuration',
    hint: 'add it to the service’s volumes',
  },
  ...serviceProblems,
  ...unsetMountProblems,
  'variable-not-set': {
    level: 'warning',
    title: 'A variable has no value',
    hint: 'set it, or give it a default: ${NAME:-value}',
  },
} as const;

const composeArgs = (p: Params): string[] => [
  ...p.files.flatMap((file) => ['-f', file]),
  ...p.profiles.flatMap((profile) => ['--profile', profile]),
  ...(p.envFile === undefined ? [] : ['--env-file', p.envFile]),
];

export default defineStep<Params, Observed>({
  kind: 'compose/config',
  summary: 'The compose files resolve, and what they mount and name is really there.',
  description: `Runs \`docker compose config\` (no engine needed) and checks what Compose itself does not look at, with the containers' eyes:

- **Mounts**: every bind mount's source and kind; promised mounts; sources that begin with a variable without a value.
- **Builds**: contexts, Dockerfiles, their stages and what they copy, also against \`.dockerignore\` (or \`<Dockerfile>.dockerignore\`) as BuildKit reads it; files of configs and secrets; env files.
- **Configuration**: the file that a service's command or image names is there; no flag that Prometheus or Alertmanager does not know.
- **Alertmanager**: what it would refuse, placeholders that nothing fills in, receivers and templates that are not there, routes that no alert of the rules takes.
- **Prometheus**: its configuration, rule files, files of service discovery; scrape targets and Alertmanagers are services that it reaches; alert rules beside an Alertmanager are sent to it; rules that lie beside it are loaded.
- **Grafana**: provisioning where it looks, providers' folders with dashboards, no two dashboards of one uid in an organisation; data sources once, at most one the default, their hosts services that it reaches; links between data sources (traces to logs, exemplars, service maps) by uids that are provisioned.
- **Ports**: a data source or scrape target asks a port that the program listens on, by its flags, its environment, its mounted configuration or its image's default. Where something may move the port, nothing is said.
- **Services**: no port or name twice; healthchecks that can fail, and can run in their image; no waiting for the health of what has no check.

The resolved configuration is not kept as evidence, since Compose prints the values of the environment; what is kept has none. A missing source that looks like a data folder is a warning: Docker makes it. What another service, a script or a volume may put in place is a warning or a note.`,
  example: `- id: compose-config
  uses: compose/config
  with:
    files: [deployments/docker/docker-compose.yml]
    profiles: [monitoring]
    mounts: [{ service: prometheus, source: deployments/prometheus, target: /etc/prometheus }]`,
  params,
  facts: { 'compose.services': 'services of the profiles', 'compose.binds': 'bind mounts' },
  problems,
  timeout: '60s',
  requires: () => ['docker-compose'],
  plan: (p) => [`docker compose ${composeArgs(p).join(' ')} config --format json`],
  gather,
  judge,
});

async function compose(p: Params, ctx: StepContext): Promise<ExecResult> {
  const args = [...composeArgs(p), 'config', '--format', 'json'];
  const options = { unkept: true, name: 'compose', env: p.env };
  const plugin = await ctx.exec(['docker', 'compose', ...args], options);
  const absent =
    plugin.notStarted !== undefined ||
    /is not a docker command|unknown shorthand flag: 'f'|unknown command: docker compose/.test(plugin.stderr);
  if (!absent) return plugin;
  const standalone = await ctx.exec(['docker-compose', ...args], options);
  return standalone.notStarted === undefined ? standalone : { ...plugin, notStarted: 'not-found' };
}

async function gather(p: Params, ctx: StepContext): Promise<Observed> {
  const nothing: Omit<Observed, 'how' | 'message'> = {
    services: [],
    binds: [],
    builds: [],
    files: [],
    unset: [],
    programs: noPrograms,
    lines: {},
    containers: noContainers,
    elsewhere: {},
    unsetMounts: [],
  };
  const whole = await compose(p, ctx);
  const without = await leaveEnvFilesOut(p.files, whole.stderr, ctx);
  const result = without ? await compose({ ...p, files: [...p.files, without.override] }, ctx) : whole;
  if (result.notStarted !== undefined) return { ...nothing, how: 'missing', message: result.notStarted };
  const unset = [
    ...new Set(
      [...result.stderr.matchAll(/The \\?"([^"\\]+)\\?" variable is not set/g)].map((match) => match[1] ?? ''),
    ),
  ];
  if (result.code !== 0)
    return {
      ...nothing,
      unset,
      how: 'refused',
      message: result.stderr
        .trim()
        .split('\n')
        .filter((line) => !line.includes('level=warning'))
        .join('\n')
        .slice(-2000),
    };
  let parsed: unknown;
  try {
    parsed = JSON.parse(result.stdout);
  } catch {
    return { ...nothing, unset, how: 'unreadable', message: 'it is no JSON' };
  }
  const config = ComposeConfig.safeParse(parsed);
  if (!config.success)
    return { ...nothing, unset, how: 'unreadable', message: z.prettifyError(config.error).slice(0, 500) };
  const services = servicesOf(config.data);
  const files: SeenFile[] = [];
  for (const one of filesOf(config.data))
    files.push({
      ...one,
      path: short(ctx, one.path),
      there: (await ctx.files.kind(one.path)) === 'file',
      inTarget: `${one.path}/`.startsWith(`${ctx.target}/`),
    });
  return {
    how: 'resolved',
    message: '',
    ...(without && { envFile: { path: without.missing, meant: without.meant } }),
    services: services.map((service) => ({
      ...service,
      ...(service.build && { build: { ...service.build, context: short(ctx, service.build.context) } }),
      mounts: service.mounts.map((mount) => ({ ...mount, source: short(ctx, mount.source) })),
    })),
    binds: await lookAtBinds(services, ctx),
    builds: await lookAtBuilds(services, ctx),
    files,
    unset,
    containers: await lookAtContainers(services, config.data, p.files[0] ?? '', ctx),
    unsetMounts: await lookAtUnsetMounts(p.files, unset, ctx),
    programs: await lookAtPrograms(services, config.data, p.files[0] ?? '', ctx),
    elsewhere: await lookElsewhere(p.files, services, ctx),
    lines: await linesOf(p.files, ctx, services),
  };
}

function judge(p: Params, observed: Observed) {
  const j = new Judge(problems);
  const file = { file: p.files[0] ?? '' };
  for (const name of observed.unset)
    j.find('variable-not-set', `the variable ${name} is not set: Compose puts nothing in its place`, {
      subject: name,
      where: file,
    });
  if (observed.how === 'missing') return j.find('compose-missing', `docker compose: ${observed.message}`).done();
  if (
    observed.how === 'refused' &&
    /required variable .* is missing a value|env file .* not found/.test(observed.message)
  )
    return j.find('value-needed', observed.message.split('\n').at(-1) ?? '', { where: file }).done();
  if (observed.how === 'refused')
    return j
      .find('does-not-resolve', observed.message.split('\n').at(-1) ?? 'it does not resolve', {
        where: file,
        detail: observed.message,
      })
      .done();
  if (observed.how === 'unreadable') return j.find('unreadable-config', observed.message).done();
  const { services } = observed;
  const around: Around = { services, elsewhere: observed.elsewhere, listening: observed.containers.listening };
  const at = (key: string, service = key): { file: string; line?: number } =>
    observed.lines[key] ?? observed.lines[service] ?? file;
  j.fact('compose.services', services.length).fact('compose.binds', observed.binds.length);
  if (observed.envFile !== undefined)
    j.find(
      observed.envFile.meant ? 'env-file-missing' : 'value-needed',
      `${observed.envFile.path} is not there; the rest was resolved without it`,
      { where: file },
    );
  if (services.length === 0)
    return j.find('service-missing', 'the configuration has no service in these profiles', { where: file }).done();
  j.prove(`Compose resolves ${p.files.join(', ')} to ${services.map((s) => s.name).join(', ')}`);
  for (const name of p.services) {
    if (!services.some((service) => service.name === name))
      j.find('service-missing', `${name} is not among ${services.map((s) => s.name).join(', ')}`, {
        subject: name,
        where: file,
      });
  }
  judgeBinds(j, observed.binds, at);
  for (const mount of p.mounts) {
    const source = mount.source.replace(/^\.\/|\/+$/g, '');
    const service = services.find((one) => one.name === mount.service);
    const found = service?.mounts.find(
      (one) =>
        one.type === 'bind' &&
        one.source.replace(/\/+$/, '') === source &&
        (mount.target === undefined || one.target === mount.target),
    );
    const what = `${mount.source}${mount.target === undefined ? '' : ` at ${mount.target}`}`;
    j.check(
      found !== undefined,
      `${mount.service} mounts ${what}`,
      'mount-missing',
      service ? `${mount.service} does not mount ${what}` : `there is no service ${mount.service} to mount ${what}`,
      { subject: mount.service, where: at(mount.service) },
    );
  }
  judgeBuilds(j, observed.builds, at);
  judgeFiles(j, observed.files, file);
  judgeHealthDependencies(j, services, observed.builds, at);
  judgeServices(j, services, at);
  judgePrograms(j, observed.programs, observed.containers.prometheus, at);
  judgeUnsetMounts(j, observed.unsetMounts);
  judgeContainers(j, observed.containers, around, at);
  return j.done();
}
