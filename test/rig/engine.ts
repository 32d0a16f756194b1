import { spawnSync } from 'node:child_process';
import { createServer, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { have } from './have.ts';
import { tempDir } from './run-step.ts';

/** `docker …` on the machine's own engine, whatever DOCKER_HOST a test has set. */
export const docker = (...args: string[]): string =>
  spawnSync('docker', args, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: '' } }).stdout.trim();
const there = new Map<string, boolean>();
export const hasImage = (name: string): boolean => {
  const before = there.get(name);
  const found = before ?? docker('image', 'ls', '-q', name) !== '';
  there.set(name, found);
  return found;
};

/** Name of a suite that needs a container engine and images that are on it: says why it is skipped, where it is. */
export function needingImages(title: string, ...images: string[]): [title: string, skip: boolean] {
  if (!have('compose')) return [`${title} (skipped, because Docker Compose is not on this machine)`, true];
  if (!have('engine'))
    return [
      `${title} (skipped, because ${process.env['VERIFY_ENGINE_REASON'] ?? 'no container engine answers'})`,
      true,
    ];
  const missing = images.filter((image) => !hasImage(image));
  return missing.length === 0
    ? [title, false]
    : [`${title} (skipped, because the engine has no image ${missing.join(', ')}: node scripts/images.mjs)`, true];
}

/** What these runs have on the engine but images, by its name: `container x`, `network y`, `volume z`, sorted. */
export const onEngine = (runs: readonly string[]): string[] =>
  [
    ...docker('ps', '-a', '--format', 'container {{.Names}}').split('\n'),
    ...docker('network', 'ls', '--format', 'network {{.Name}}').split('\n'),
    ...docker('volume', 'ls', '--format', 'volume {{.Name}}').split('\n'),
  ]
    .filter((line) => line !== '' && runs.some((run) => line.includes(run.slice(-6))))
    .toSorted();

/** A socket that leads to the real engine until it is cut: for the client the engine is then gone. */
export async function engineDoor(): Promise<{ host: string; cut: () => void }> {
  const path = join(tempDir(), 'docker.sock');
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const engine = connect('/var/run/docker.sock');
    for (const socket of [client, engine]) {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => open.delete(socket));
    }
    client.pipe(engine);
    engine.pipe(client);
  });
  await new Promise<void>((done) => {
    server.listen(path, done);
  });
  return {
    host: `unix://${path}`,
    cut() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
