/** Programs that run a list of commands and tell how they ended, each given the same list: so many times `true`. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Peer {
  /** Writes what it reads below the folder. @returns what is to be run there */
  argv(folder: string, count: number): string[];
  /** Commands at most: it takes a hundredth of a second for each. */
  most?: number;
}

const put = (folder: string, name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};
const each = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('');

const all: Readonly<Record<string, Peer>> = {
  goss: {
    argv: (folder, count) => {
      const command = Object.fromEntries(
        Array.from({ length: count }, (_, n) => [`c${n}`, { exec: 'true', 'exit-status': 0 }]),
      );
      return ['goss', '-g', put(folder, 'goss.json', JSON.stringify({ command })), 'validate', '--max-concurrent', '2'];
    },
  },
  make: {
    argv: (folder, count) => {
      const names = each(count, (n) => ` t${n}`);
      const text = `.PHONY: all${names}\nall:${names}\n${each(count, (n) => `t${n}:\n\t@true\n`)}`;
      return ['make', '-s', '-j2', '-f', put(folder, 'peer.mk', text)];
    },
  },
  just: {
    argv: (folder, count) => [
      'just',
      '--justfile',
      put(folder, 'peer.just', `all:\n${each(count, () => '    @true\n')}`),
    ],
  },
  xargs: {
    argv: (folder, count) => [
      'xargs',
      '-P2',
      '-n1',
      '-a',
      put(
        folder,
        'peer.list',
        each(count, (n) => `${n}\n`),
      ),
      'true',
    ],
  },
  bats: {
    argv: (folder, count) => [
      'bats',
      put(
        folder,
        'peer.bats',
        each(count, (n) => `@test "t${n}" {\n  true\n}\n`),
      ),
    ],
    most: 100,
  },
  venom: {
    argv: (folder, count) => {
      const cases = each(count, (n) => `  - name: t${n}\n    steps:\n      - type: exec\n        script: "true"\n`);
      return ['venom', 'run', put(folder, 'peer.venom.yml', `name: peer\ntestcases:\n${cases}`)];
    },
    most: 100,
  },
  runn: {
    argv: (folder, count) => {
      const steps = each(count, () => '  - exec:\n      command: "true"\n');
      return ['runn', 'run', '--scopes', 'run:exec', put(folder, 'peer.runn.yml', `desc: peer\nsteps:\n${steps}`)];
    },
    most: 100,
  },
};

export const peers: readonly string[] = Object.keys(all);

/** How a peer is run, or why it is not: it is asked to run two commands first, since no two have the same way to tell a version. */
export function peer(name: string, folder: string, count: number): { argv: string[]; count: number } | string {
  const one = all[name];
  if (!one) return 'it is not known';
  const [file = '', ...args] = one.argv(folder, 2);
  const tried = spawnSync(file, args, { cwd: folder, encoding: 'utf8' });
  if (tried.error) return 'it is not on PATH (goss: node scripts/setup.mjs --for bench)';
  if (tried.status !== 0)
    return `its run of two commands ended with ${tried.status ?? tried.signal}: ${`${tried.stderr}${tried.stdout}`.trim().slice(0, 200)}`;
  const most = Math.min(count, one.most ?? count);
  return { argv: one.argv(folder, most), count: most };
}
