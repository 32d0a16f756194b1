#!/usr/bin/env node
/** Builds the images that the sample target's compose file names, out of what is on this machine. No registry. */
import { existsSync, realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Skip, defaultCompose, recipeFor } from './lib/recipes.mjs';
import { inputsLabel, localLabel } from './lib/rootfs.mjs';
import { helpIfAsked, progress, say } from './lib/say.mjs';
import { EX_UNAVAILABLE, lastLines, root, run } from './lib/sh.mjs';
import { askEngine } from './lib/dockerd.mjs';

const help = `
Usage: node scripts/images.mjs [--target DIR] [--compose FILE] [--profile NAME] [--only SERVICES] [--force]
       node scripts/images.mjs --remove

Builds the images of the services in the target's compose file under the very names that it gives them: engram from
the Rust workspace, Prometheus from Debian's binaries, Grafana from the tests' stand-in. An image that is there and was
not built by this script is left as it is and used. Only what has changed is built again.

  --target DIR     the repository whose stack it is (examples/engram)
  --compose FILE   its compose file (deployments/docker/docker-compose.yml in the target)
  --profile NAME   the compose profile (monitoring)
  --only SERVICES  only these services, separated by commas
  --pull           ask the registry first, and build only what cannot be pulled
  --force          build again although nothing has changed
  --remove         remove the images that this script has built, and end
  --help           this text

Exit codes: 0 done (an image that cannot be made here is named with the reason), 1 a build failed,
${EX_UNAVAILABLE} no engine or no compose file, 64 wrong arguments
`;

/**
 * @returns {Promise<{code: number, images: {service: string, image: string, state: 'built' | 'current' | 'foreign' | 'pulled' | 'skipped' | 'failed', reason?: string}[]}>}
 */
export async function buildImages({
  target = resolve(root, 'examples/engram'),
  compose = defaultCompose(target),
  profile = 'monitoring',
  only,
  force = false,
  pull = false,
} = {}) {
  const engine = await askEngine();
  if (engine.version === undefined) return fail(`no container engine answers: ${engine.reason}`);
  if (!existsSync(compose)) return fail(`there is no ${relative(process.cwd(), compose)}`);
  const config = await run('docker', ['compose', '-f', compose, '--profile', profile, 'config', '--format', 'json']);
  if (config.code !== 0) return fail(`docker compose config: ${lastLines(config.stderr, 3).join(' ')}`);
  const { name: project, services } = JSON.parse(config.stdout);
  const images = [];
  for (const [service, spec] of Object.entries(services)) {
    if (only !== undefined && !only.includes(service)) continue;
    const image = spec.image ?? `${project}-${service}`;
    const result = await buildOne(service, image, spec, { target, force, pull });
    images.push({ service, image, ...result });
    say(`  ${{ skipped: '–', failed: '✗' }[result.state] ?? '✓'} ${image}: ${result.reason ?? said[result.state]}`);
  }
  return { code: images.some((i) => i.state === 'failed') ? 1 : 0, images };
}

const said = {
  built: 'built here',
  current: 'built here before, nothing has changed',
  foreign: 'is there already and not from here: used as it is',
  pulled: 'pulled',
};

function fail(reason) {
  say(`Images: ${reason}`);
  return { code: EX_UNAVAILABLE, images: [] };
}

async function buildOne(service, image, spec, { target, force, pull }) {
  const labels = await run('docker', ['image', 'inspect', '--format', '{{json .Config.Labels}}', image]);
  const has = labels.code === 0 ? (JSON.parse(labels.stdout) ?? {}) : undefined;
  if (has !== undefined && has[localLabel] !== 'true') return { state: 'foreign' };
  if (
    pull &&
    (
      await progress(
        `pulling ${image}`,
        () => run('docker', ['pull', '--quiet', image]),
        (r) => r.code === 0,
      )
    ).code === 0
  )
    return { state: 'pulled' };
  const recipe = recipeFor(service, image);
  if (recipe === undefined) return { state: 'skipped', reason: 'no way is known to build it here' };
  if (process.platform !== 'linux')
    return {
      state: 'skipped',
      reason: "images are made of this machine's programs, which only Linux can run in a container",
    };
  try {
    const fs = await recipe(spec, { target });
    const digest = fs.digest();
    if (!force && has?.[inputsLabel] === digest) return { state: 'current' };
    const made = await fs.importAs(image, digest);
    if (made.code !== 0) return { state: 'failed', reason: lastLines(made.all, 3).join(' ') };
    return { state: 'built' };
  } catch (error) {
    if (error instanceof Skip) return { state: 'skipped', reason: error.message };
    return { state: 'failed', reason: error.message };
  }
}

async function removeImages() {
  const { stdout } = await run('docker', [
    'image',
    'ls',
    '--filter',
    `label=${localLabel}=true`,
    '--format',
    '{{.Repository}}:{{.Tag}} {{.ID}}',
  ]);
  const names = stdout
    .split('\n')
    .filter((l) => l !== '')
    .map((line) => (line.startsWith('<none>') ? line.split(' ')[1] : line.split(' ')[0]));
  if (names.length === 0) return (say('No image of ours is there.'), 0);
  const result = await run('docker', ['image', 'rm', ...names]);
  say(result.code === 0 ? `Removed: ${names.join(', ')}` : lastLines(result.all).join('\n'));
  return result.code === 0 ? 0 : 1;
}

async function main() {
  helpIfAsked(help);
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  let values;
  try {
    ({ values } = parseArgs({
      options: { target: text, compose: text, profile: text, only: text, force: flag, pull: flag, remove: flag },
    }));
  } catch (error) {
    say(`images: ${error.message}`);
    return 64;
  }
  const { target, compose, profile, only, force, pull, remove } = values;
  if (remove) return removeImages();
  const options = {
    force,
    pull,
    ...(target && { target: resolve(target) }),
    ...(compose && { compose: resolve(compose) }),
    ...(profile && { profile }),
    ...(only && { only: only.split(',') }),
  };
  return (await buildImages(options)).code;
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) process.exitCode = await main();
