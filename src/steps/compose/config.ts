import { z } from 'zod';
import { dockerCompose } from '../../toolchains/tools.ts';
import { defineStep, error, inconclusive, Judge, note, type ExecResult, type StepContext } from '../../core/step.ts';
import { ComposeConfig } from '../../formats/compose/model.ts';
import { bindProblems, judgeBinds } from '../../stack/bind-checks.ts';
import { buildProblems, judgeBuilds, judgeFiles } from '../../stack/build-checks.ts';
import { stackProblems, type Around } from '../../stack/checks.ts';
import { judgeContainers } from '../../stack/containers.ts';
import { composeOptions, refusalIn, unsetIn } from '../../stack/compose-question.ts';
import { leaveEnvFilesOut } from '../../stack/env-files.ts';
import { isHarmless, neededIn, pwdOf, standInFor } from '../../stack/needed-values.ts';
import { judgeOutside, outsideProblems } from '../../stack/from-outside.ts';
import { behindTheRefusal, lookAtProject, nothingSeen, type SeenProject } from '../../stack/look-at-project.ts';
import { judgePrograms } from '../../stack/programs.ts';
import {
  judgeHealthDependencies,
  judgeAddresses,
  judgeLacking,
  judgeRefusals,
  judgeServices,
  serviceProblems,
} from '../../stack/service-checks.ts';
import { judgeUnsetMounts, unsetMountProblems } from '../../stack/unset-mounts.ts';
import { judgeUnset, lookAtUnset, unsetVariableProblems, type UnsetVariable } from '../../stack/unset-variables.ts';
import { jsonOf } from '../../core/json-of.ts';

const params = z.strictObject({
  files: z.array(z.string().min(1)).min(1).describe('compose files, relative to the target'),
  profiles: z.array(z.string().min(1)).default([]),
  envFile: z.string().optional(),
  projectDirectory: z
    .string()
    .min(1)
    .optional()
    .describe('folder from which relative paths count, as `--project-directory`; the first file’s, if left out'),
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

interface Observed extends SeenProject {
  how: 'resolved' | 'missing' | 'refused' | 'unreadable';
  message: string;
  unset: UnsetVariable[];
  /** Every service is behind a profile, and none was asked for: all of them were looked at. */
  everyProfile?: true;
  /** An env_file that is not there, and without which the rest was resolved. */
  envFile?: { path: string; meant: boolean };
  /** Why a variable has to be given; the rest was resolved with something in its place. */
  needed?: string;
}

const problems = {
  ...stackProblems,
  'compose-missing': inconclusive(
    'Docker Compose is not there',
    'install Compose v2 (Debian: the package docker-compose); no engine is needed for this step',
  ),
  'does-not-resolve': error('Compose refuses the configuration', 'correct what it names'),
  'part-of-another': inconclusive(
    'The files are a part of a configuration whose rest is in another file',
    'name that file under `files:` too',
  ),
  'value-needed': inconclusive(
    'The configuration needs a value or a file that is not in the repository',
    'give the variable under `env:`, or the file by `envFile:`',
  ),
  'env-file-missing': note(
    'An env_file is not in the repository',
    'it is not meant to be committed: see that it is made before the stack is started',
  ),
  'unreadable-config': inconclusive(
    'The answer of Compose cannot be read',
    'Compose v2 is supported; v1 and podman-compose print no JSON',
  ),
  'service-missing': error('A promised service is not in the configuration', 'is it behind a profile, or renamed?'),
  'profiles-all': note('Every service is behind a profile', 'name the profiles that are meant under `profiles:`'),
  ...bindProblems,
  ...buildProblems,
  'mount-missing': error('A promised mount is not in the configuration', 'add it to the service’s volumes'),
  ...serviceProblems,
  ...unsetMountProblems,
  ...outsideProblems,
  ...unsetVariableProblems,
} as const;

export default defineStep<Params, Observed>({
  kind: 'compose/config',
  summary: 'The compose files resolve, and what they mount and name is really there.',
  description: `Runs \`docker compose config\` (no engine needed) and checks what Compose itself does not look at, with the containers' eyes:

- **Mounts**: every bind mount's source and kind; promised mounts; sources that begin with a variable without a value.
- **Builds**: contexts, Dockerfiles, their stages and what they copy, also against \`.dockerignore\` (or \`<Dockerfile>.dockerignore\`) as BuildKit reads it; files of configs and secrets; env files.
- **Configuration**: the file that a service's command or image names is there, and what is mounted beside it is read; no flag that Prometheus or Alertmanager does not know; variables, commands and secrets that images do not start without (PostgreSQL, MySQL, MariaDB, pgAdmin, SQL Server, Kafka, MinIO, Keycloak).
- **Alertmanager**: what it would refuse, placeholders that nothing fills in, receivers and templates that are not there, routes that no alert of the rules takes.
- **Prometheus**: its configuration, rule files, files of service discovery; scrape targets and Alertmanagers are services that it reaches; alert rules beside an Alertmanager are sent to it; rules that lie beside it are loaded.
- **Grafana**: provisioning where it looks, providers' folders with dashboards, no two dashboards of one uid in an organisation; data sources once, at most one the default, their hosts services that it reaches; links between data sources (traces to logs, exemplars, service maps) by uids that are provisioned.
- **Ports**: a data source or scrape target asks a port that the program listens on, by its flags, its environment, its mounted configuration or its image's default. Where something may move the port, nothing is said.
- **Services**: no port or name twice, also by replicas; healthchecks that can fail, can pass as they are written, and can run in their image; no waiting for the health of what has no check.
- **What \`up\` refuses**: names of images and containers, restart policies, relative paths in containers, memory limits, capabilities, logging options, sysctls, fixed addresses and overlapping subnets, external networks, volumes and folders behind volumes that nothing makes; variables without a value that spoil an image, or stand only in an \`env_file\`.

Where Compose refuses the files, the refusal is said, and what the files show all the same is judged too. A file that is meant for Swarm (placement, update_config, overlay networks) is held to what \`up\` refuses as a note only.

The resolved configuration is not kept as evidence, since Compose prints the values of the environment; what is kept has none. A missing folder that no program is known to read is a note: Docker makes it. So is what another service, a script or a volume may put in place.`,
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
  requires: () => [dockerCompose],
  plan: (p) => [`docker compose ${composeOptions(p).join(' ')} config --format json`],
  gather,
  judge,
});

async function compose(p: Params, ctx: StepContext, more: readonly string[] = []): Promise<ExecResult> {
  const args = [...composeOptions(p), 'config', '--format', 'json', ...more];
  const options = { unkept: true, name: 'compose', env: p.env };
  const plugin = await ctx.exec(['docker', 'compose', ...args], options);
  const absent =
    plugin.notStarted !== undefined ||
    /is not a docker command|unknown shorthand flag: 'f'|unknown command: docker compose/.test(plugin.stderr);
  if (!absent) return plugin;
  const standalone = await ctx.exec(['docker-compose', ...args], options);
  return standalone.notStarted === undefined ? standalone : { ...plugin, notStarted: 'not found' };
}

async function gather(p: Params, ctx: StepContext): Promise<Observed> {
  const env = await pwdOf(p.files, ctx);
  p = { ...p, env: { ...env, ...p.env } };
  const whole = await compose(p, ctx);
  const without = await leaveEnvFilesOut(p.files, whole.stderr, ctx);
  const result = without ? await compose({ ...p, files: [...p.files, without.override] }, ctx) : whole;
  if (result.notStarted !== undefined) return { ...nothingSeen, unset: [], how: 'missing', message: result.notStarted };
  const names = unsetIn(result.stderr);
  const unset = await lookAtUnset(names, p.files, ctx);
  if (result.code !== 0) {
    const message = refusalIn(result.stderr);
    const name = neededIn(message);
    if (name !== undefined && !(name in p.env)) {
      const rest = await gather({ ...p, env: { ...p.env, [name]: standInFor(name) } }, ctx);
      return rest.how === 'resolved'
        ? { ...rest, needed: message.split('\n').at(-1) ?? '' }
        : { ...nothingSeen, unset, how: 'refused', message };
    }
    const rest = await behindTheRefusal(p.files, () => compose(p, ctx, ['--no-consistency']), ctx);
    const seen = rest ? await lookAtProject(rest, p.files, names, ctx) : nothingSeen;
    return { ...seen, unset, how: 'refused', message };
  }
  const parsed = jsonOf(result.stdout);
  if (parsed === undefined) return { ...nothingSeen, unset, how: 'unreadable', message: 'it is not JSON' };
  if (!isHarmless(parsed))
    return { ...nothingSeen, unset, how: 'refused', message: 'a value that must be given decides more' };
  const config = ComposeConfig.safeParse(parsed);
  if (config.success && Object.keys(config.data.services).length === 0 && p.profiles.length === 0) {
    const all = await gather({ ...p, profiles: ['*'] }, ctx);
    if (all.how === 'resolved' && all.services.length > 0) return { ...all, everyProfile: true };
  }
  if (!config.success)
    return { ...nothingSeen, unset, how: 'unreadable', message: z.prettifyError(config.error).slice(0, 500) };
  return {
    ...(await lookAtProject({ parsed, config: config.data }, p.files, names, ctx)),
    how: 'resolved',
    message: '',
    unset,
    ...(without && { envFile: { path: without.missing, meant: without.meant } }),
  };
}

/** Are the mounts there that the step names? */
function judgePromisedMounts(
  j: Judge<typeof problems>,
  p: Params,
  services: Observed['services'],
  at: (key: string) => { file: string; line?: number },
): void {
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
}

/** What a variable without a value leaves behind. */
const emptied =
  /<empty>|empty section between colons|neither an image nor a build context|^No port specified|invalid (?:containerPort|hostPort|port)|: ""/i;

/** Whose fault it is that Compose refuses the files. */
function judgeRefusal(j: Judge<typeof problems>, p: Params, observed: Observed): void {
  const say = { where: { file: p.files[0] ?? '' }, detail: observed.message };
  const refusal = observed.message.split('\n').at(-1) ?? 'it does not resolve';
  const given = observed.unset.find(({ setBy }) => setBy !== undefined);
  const isEmptied = observed.unset.length > 0 && emptied.test(refusal);
  // What a variable without a value spoils is no fault of the files where something of the repository gives it one.
  if (isEmptied && given)
    return void j.find('value-needed', `${refusal}; ${given.name} is not set, which ${given.setBy} names`, say);
  // Whoever starts it may set the variable.
  const unset = `${refusal}; ${observed.unset.map(({ name }) => name).join(', ')} is not set`;
  if (isEmptied) return void j.find('does-not-resolve', unset, { ...say, level: 'warning' });
  // A part that is given to Compose together with another file.
  const lacking = /depends on undefined service "?([\w.-]+)"?/.exec(refusal)?.[1] ?? '';
  const other = observed.elsewhere[lacking];
  if (other?.beside === true && !p.files.includes(other.file))
    j.find('part-of-another', `${refusal}; ${other.file} has it`, say);
  else j.find('does-not-resolve', refusal, say);
}

function judge(p: Params, observed: Observed) {
  const j = new Judge(problems);
  const file = { file: p.files[0] ?? '' };
  judgeUnset(j, observed.unset);
  if (observed.how === 'missing') return j.find('compose-missing', `docker compose: ${observed.message}`).done();
  if (
    observed.how === 'refused' &&
    /required variable .* is missing a value|env file .* not found/.test(observed.message)
  )
    return j.find('value-needed', observed.message.split('\n').at(-1) ?? '', { where: file }).done();
  if (observed.how === 'refused') {
    judgeRefusal(j, p, observed);
    if (observed.services.length === 0) return j.done();
  }
  if (observed.how === 'unreadable') return j.find('unreadable-config', observed.message).done();
  const { services } = observed;
  const { listening, modules, ports, protocols } = observed.containers;
  const { elsewhere, overlaid } = observed;
  const withPorts = services.map((one) => ({ ...one, listens: ports[one.name] ?? one.listens }));
  const around: Around = { services: withPorts, elsewhere, overlaid, listening, modules, protocols };
  const at = (key: string, service = key): { file: string; line?: number } =>
    observed.lines[key] ?? observed.lines[service] ?? file;
  j.fact('compose.services', services.length).fact('compose.binds', observed.binds.length);
  if (observed.needed !== undefined)
    j.find('value-needed', `${observed.needed}; the rest was checked with a stand-in value`, { where: file });
  if (observed.envFile !== undefined)
    j.find(
      observed.envFile.meant ? 'env-file-missing' : 'value-needed',
      `${observed.envFile.path} is not there; the rest was resolved without it`,
      { where: file },
    );
  if (observed.everyProfile)
    j.find(
      'profiles-all',
      `every service of ${p.files.join(', ')} is behind a profile: without one Compose starts nothing; all profiles were looked at`,
      { where: file },
    );
  if (services.length === 0)
    return j.find('service-missing', 'the configuration has no service in these profiles', { where: file }).done();
  if (observed.how === 'resolved')
    j.prove(`Compose resolves ${p.files.join(', ')} to ${services.map((s) => s.name).join(', ')}`);
  for (const name of p.services) {
    if (!services.some((service) => service.name === name))
      j.find('service-missing', `${name} is not among ${services.map((s) => s.name).join(', ')}`, {
        subject: name,
        where: file,
      });
  }
  judgeBinds(j, observed.binds, at, observed.lines);
  judgePromisedMounts(j, p, services, at);
  const builtAsGiven = observed.unset.flatMap(({ builds, setBy }) => (setBy === undefined ? [] : builds));
  judgeBuilds(
    j,
    observed.builds.filter(({ service }) => !builtAsGiven.includes(service)),
    at,
  );
  judgeFiles(j, observed.files, file);
  judgeHealthDependencies(j, services, observed.builds, observed.containers.images, at);
  // An image that a variable without a value spoils is told of with the variable.
  const spoilt = observed.unset.flatMap(({ images }) => images.map(({ service }) => service));
  judgeRefusals(
    j,
    observed.refusals.filter(
      ({ service, image, kind }) =>
        (image === undefined || !spoilt.includes(service)) && !(observed.everyProfile && kind === 'shared'),
    ),
    observed.forSwarm,
    at,
  );
  // Without its env_file a service may lack what it is given in truth.
  if (observed.how === 'resolved') judgeAddresses(j, observed.addresses, observed.elsewhere, at);
  if (observed.how === 'resolved' && observed.envFile === undefined) judgeLacking(j, observed.lacking, at);
  judgeOutside(j, observed.outside, file);
  judgeServices(j, services, at, observed.everyProfile !== true);
  judgePrograms(j, observed.programs, observed.containers, around, at);
  judgeUnsetMounts(j, observed.unsetMounts);
  judgeContainers(j, observed.containers, around, at);
  return j.done();
}
