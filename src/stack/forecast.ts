import type { StackSpec } from '../core/checklist.ts';
import { Unobservable, type Driver, type StepContext } from '../core/step.ts';
import { chosenServices, ComposeProject, isBuilt } from '../formats/compose/project.ts';
import { composeOptions } from './compose-question.ts';
import { findGrafana, howToGetGrafana } from './find-grafana.ts';
import { findEngine, lastLine, notHere, type Engine } from './engine.ts';

/** What stack/up would find on this machine. */
export interface Forecast {
  /** `none`: the stack would not come up. */
  driver: Exclude<Driver, 'auto'> | 'none';
  why: string;
  checks: Check[];
}
export interface Check {
  state: 'ok' | 'unsure' | 'missing';
  text: string;
  remedy?: string;
}
type Exec = Pick<StepContext, 'exec'>;

/** Which driver stack/up would take here, and why. Asks the engine for its version and Compose's, no more. */
export async function forecastDriver(spec: StackSpec, driver: Driver, machine: Exec): Promise<Forecast> {
  const others = (['processes', 'external'] as const).filter((part) => spec[part] !== undefined);
  if (driver === 'processes' || driver === 'external' || (driver === 'auto' && !spec.compose)) {
    const [taken = 'none'] = driver === 'auto' ? others : others.filter((one) => one === driver);
    if (taken === 'none') return none(driver);
    return { driver: taken, why: driver === 'auto' ? 'the stack has no compose part' : 'it was asked for', checks: [] };
  }
  if (!spec.compose) return none(driver);
  try {
    const { version, composeVersion } = await findEngine(machine);
    const checks: Check[] = [{ state: 'ok', text: `engine ${version}, Compose ${composeVersion}` }];
    if (driver === 'compose') return { driver, why: 'it was asked for', checks };
    const otherwise = spec.processes ? '; processes where an image can neither be pulled nor built' : '';
    return { driver: 'compose', why: `a container engine answers${otherwise}`, checks };
  } catch (error) {
    if (!(error instanceof Unobservable) || !notHere.has(error.code)) throw error;
    const remedy = error.hint === undefined ? {} : { remedy: error.hint };
    if (driver === 'auto' && spec.processes)
      return {
        driver: 'processes',
        why: error.message,
        checks: [{ state: 'unsure', text: `no containers here: ${error.message}; fidelity is reduced`, ...remedy }],
      };
    return { driver: 'none', why: error.message, checks: [{ state: 'missing', text: error.message, ...remedy }] };
  }
}

const none = (driver: Driver): Forecast => ({
  driver: 'none',
  why: `the checklist's stack has no \`${driver}\` part`,
  checks: [
    {
      state: 'missing',
      text: `the checklist's stack has no \`${driver}\` part`,
      remedy: 'add it under `stack:`, or choose another --driver',
    },
  ],
});

/** What the driver needs beside itself: images that are here, are built, or must be pulled; programs of processes. */
export async function forecastNeeds(spec: StackSpec, { driver }: Forecast, machine: Exec): Promise<Check[]> {
  if (driver === 'compose' && spec.compose) {
    const engine = await findEngine(machine);
    return imagesOf(spec.compose, engine, machine);
  }
  if (driver !== 'processes') return [];
  const checks: Check[] = [];
  for (const [name, { argv, build, program: sought }] of Object.entries(spec.processes ?? {})) {
    if (sought !== undefined) {
      const found = await findGrafana(machine);
      checks.push(
        found
          ? { state: 'ok', text: `${found.argv.join(' ')} of ${name}` }
          : {
              state: 'unsure',
              text: `${name} is left out: there is no Grafana on this machine`,
              remedy: howToGetGrafana,
            },
      );
      continue;
    }
    const programs = [...new Set([build?.[0], argv[0]])].filter(
      (program) => program !== undefined && !/[/$]/.test(program),
    );
    for (const program of programs) {
      const asked = await machine.exec(['sh', '-c', 'command -v -- "$1"', 'sh', program ?? '']);
      checks.push(
        asked.code === 0
          ? { state: 'ok', text: `${program} of ${name}: ${asked.stdout.trim()}` }
          : { state: 'missing', text: `${program} of ${name} is not on PATH`, remedy: `install ${program}` },
      );
    }
  }
  return checks;
}

/** The project that the compose files make, or in Compose's words why they make none. */
async function projectOf(
  spec: NonNullable<StackSpec['compose']>,
  engine: Engine,
  machine: Exec,
): Promise<ComposeProject | { refused: string }> {
  const argv = [...engine.compose, ...composeOptions(spec), 'config', '--format', 'json'];
  const config = await machine.exec(argv, { env: spec.env });
  if (config.code !== 0) return { refused: lastLine(config.stderr) };
  return ComposeProject.parse(JSON.parse(config.stdout));
}

/** Services that Compose would start here; undefined where it refuses the files. */
export async function composeServices(
  spec: NonNullable<StackSpec['compose']>,
  machine: Exec,
): Promise<string[] | undefined> {
  const project = await projectOf(spec, await findEngine(machine), machine);
  return 'refused' in project ? undefined : chosenServices(project, spec.services);
}

async function imagesOf(spec: NonNullable<StackSpec['compose']>, engine: Engine, machine: Exec): Promise<Check[]> {
  const project = await projectOf(spec, engine, machine);
  if ('refused' in project)
    return [{ state: 'missing', text: `Compose refuses ${spec.files.join(', ')}: ${project.refused}` }];
  const checks: Check[] = [];
  for (const service of chosenServices(project, spec.services)) {
    const image = project.services[service]?.image ?? '';
    const there = image !== '' && (await machine.exec(['docker', 'image', 'inspect', image])).code === 0;
    const built = isBuilt(project.services[service]);
    if (built && (spec.build === 'always' || (spec.build === 'missing' && !there)))
      checks.push({ state: 'ok', text: `${service}: built from this tree` });
    else if (there) checks.push({ state: 'ok', text: `${service}: ${image} is here` });
    else if (built)
      checks.push({
        state: 'missing',
        text: `${service}: ${image || 'its image'} is not here, and is not to be built (build: never)`,
        remedy: 'build it beforehand',
      });
    else
      checks.push({
        state: 'unsure',
        text: `${service}: ${image} is not here, the run pulls it`,
        remedy: `docker pull ${image}`,
      });
  }
  return checks;
}
