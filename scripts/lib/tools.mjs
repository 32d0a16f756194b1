/**
 * What a run needs from the machine. One entry a tool: how it is found, which Debian packages bring it, and what to
 * say where they cannot be installed. `found()` answers where it is, or undefined; it must be quick and start little.
 */
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { candidates, download, unpack } from './apt.mjs';
import { isExecutable, isRoot, run, userBin, which } from './sh.mjs';

/** The release of Debian whose packages fill what older releases lack. */
const newer = 'trixie';
const pluginFile = join(homedir(), '.docker', 'cli-plugins', 'docker-compose');

/** The browser for screenshots: a real program, not the script that only advertises a snap. */
export function findBrowser() {
  const named = process.env.PUPPETEER_EXECUTABLE_PATH;
  if (named) return isExecutable(named) ? named : undefined;
  for (const name of ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser', 'microsoft-edge']) {
    const file = which(name);
    if (file !== undefined && !isSnapStub(file)) return file;
  }
  if (process.platform !== 'darwin') return undefined;
  const apps = [
    'Google Chrome.app/Contents/MacOS/Google Chrome',
    'Chromium.app/Contents/MacOS/Chromium',
    'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ];
  const folders = ['/Applications', join(homedir(), 'Applications')];
  return folders.flatMap((dir) => apps.map((app) => join(dir, app))).find(isExecutable);
}

function isSnapStub(file) {
  try {
    const head = readFileSync(file).subarray(0, 4096).toString('latin1');
    return head.startsWith('#!') && head.includes('snap install') && !isExecutable('/snap/bin/chromium');
  } catch {
    return false;
  }
}

/** Compose v2 as `docker compose`, or as the plugin's file alone, which needs no docker client. */
export async function findCompose() {
  const version = (result) => /^v?(\d+)\.\d+/.exec(result.stdout.trim());
  if (which('docker')) {
    const asked = await run('docker', ['compose', 'version', '--short']);
    if (asked.code === 0 && Number(version(asked)?.[1]) >= 2) return `docker compose ${asked.stdout.trim()}`;
  }
  for (const file of [which('docker-compose'), pluginFile]) {
    if (file === undefined || !isExecutable(file)) continue;
    const asked = await run(file, ['version', '--short']);
    if (asked.code === 0 && Number(version(asked)?.[1]) >= 2) return `${file} ${asked.stdout.trim()}`;
  }
  return undefined;
}

/** An engine that answers, or a dockerd that could be started. */
export async function findEngine() {
  if (which('docker')) {
    const asked = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 5000 });
    if (asked.code === 0) return `running, ${asked.stdout.trim()}`;
  }
  const file = which('dockerd');
  return file !== undefined && which('docker') !== undefined ? file : undefined;
}

const both = (...names) => {
  const files = names.map((name) => which(name));
  return files.every((file) => file !== undefined) ? files[0] : undefined;
};

/** Out of a newer Debian's package, unpacked; nothing else on the machine changes. */
function fromNewer(pkg, files) {
  return async () => {
    const got = await download([pkg], newer);
    try {
      return got.debs.length === 1 ? await unpack(got.debs[0], files) : { code: got.code || 1, all: got.all };
    } finally {
      got.dispose();
    }
  };
}

/** Out of this release's own package, unpacked into the user's own folder: for whoever cannot become root. */
function withoutRoot(pkg, names) {
  return async () => {
    const got = await download([pkg]);
    try {
      if (got.debs.length !== 1) return { code: got.code || 1, all: got.all };
      return await unpack(got.debs[0], Object.fromEntries(names.map((n) => [`usr/bin/${n}`, join(userBin, n)])));
    } finally {
      got.dispose();
    }
  };
}

/** A package that is Compose v2 in the machine's own sources (Docker's, Ubuntu's, a current Debian's). */
async function composePackages() {
  const known = await candidates(['docker-compose-plugin', 'docker-compose-v2', 'docker-compose']);
  for (const name of ['docker-compose-plugin', 'docker-compose-v2']) if (known.has(name)) return [name];
  const version = known.get('docker-compose')?.replace(/^\d+:/, '');
  return version !== undefined && Number.parseInt(version, 10) >= 2 ? ['docker-compose'] : [];
}

const gossFile = isRoot ? '/usr/local/bin/goss' : join(userBin, 'goss');

export const tools = {
  prometheus: {
    title: 'Prometheus and promtool',
    why: 'evaluates the alert rules that are verified',
    found: () => both('prometheus', 'promtool'),
    packages: () => ['prometheus'],
    services: ['prometheus.service', 'prometheus-node-exporter.service'],
    withoutRoot: withoutRoot('prometheus', ['prometheus', 'promtool']),
    how: {
      apt: 'sudo apt-get install prometheus',
      brew: 'brew install prometheus',
      page: 'https://prometheus.io/download/',
    },
  },
  alertmanager: {
    title: 'Alertmanager and amtool',
    why: 'checks where alerts go, and whether anybody is told',
    found: () => both('amtool', 'prometheus-alertmanager') ?? both('amtool', 'alertmanager'),
    packages: () => ['prometheus-alertmanager'],
    services: ['prometheus-alertmanager.service'],
    withoutRoot: withoutRoot('prometheus-alertmanager', ['prometheus-alertmanager', 'amtool']),
    how: {
      apt: 'sudo apt-get install prometheus-alertmanager',
      page: 'https://prometheus.io/download/',
    },
  },
  postgresql: {
    title: 'PostgreSQL',
    why: 'is what the example of migrations is tested on',
    // Debian and Ubuntu keep the server apart from the PATH, a folder for each version.
    found: async () => {
      const versions = await readdir('/usr/lib/postgresql').catch(() => []);
      return versions.map((one) => `/usr/lib/postgresql/${one}/bin/initdb`).find((path) => existsSync(path));
    },
    packages: () => ['postgresql'],
    services: ['postgresql.service'],
    how: { apt: 'sudo apt-get install postgresql', page: 'https://www.postgresql.org/download/' },
  },
  chromium: {
    title: 'Chromium or Chrome',
    why: 'takes the screenshots',
    found: findBrowser,
    packages: () => ['chromium', 'fonts-dejavu-core'],
    how: {
      apt: 'sudo apt-get install chromium (Ubuntu: Chrome from the page)',
      brew: 'brew install --cask google-chrome',
      page: 'https://www.google.com/chrome/',
      also: 'or name a browser in PUPPETEER_EXECUTABLE_PATH',
    },
  },
  compose: {
    title: 'Docker Compose v2',
    why: 'resolves the compose file; for that no engine is needed',
    found: findCompose,
    packages: composePackages,
    other: {
      via: `Debian ${newer}'s package docker-compose, unpacked into ~/.docker/cli-plugins`,
      run: fromNewer('docker-compose', { 'usr/libexec/docker/cli-plugins/docker-compose': pluginFile }),
    },
    how: {
      apt: "sudo apt-get install docker-compose-v2 (Ubuntu) or docker-compose-plugin (Docker's own packages)",
      brew: 'brew install docker-compose',
      page: 'https://docs.docker.com/compose/install/',
    },
  },
  engine: {
    title: 'a container engine',
    why: 'runs the stack in containers in the end-to-end tests',
    found: findEngine,
    packages: () => ['docker.io', 'iptables'],
    services: ['docker.service', 'docker.socket', 'containerd.service'],
    how: {
      apt: 'sudo apt-get install docker.io',
      brew: 'start Docker Desktop, OrbStack or colima',
      page: 'https://docs.docker.com/engine/install/',
    },
  },
  cargo: {
    title: 'cargo',
    why: 'builds, lints and tests the Rust workspace that is verified',
    found: () => which('cargo', { extra: [join(homedir(), '.cargo', 'bin')] }),
    how: { page: 'https://rustup.rs', also: 'with the components clippy and rustfmt' },
  },
  ssh: {
    title: 'ssh-keygen',
    why: "signs with the release manager's SSH key",
    found: () => which('ssh-keygen'),
    packages: () => ['openssh-client'],
    how: { apt: 'sudo apt-get install openssh-client', page: 'https://www.openssh.com/portable.html' },
  },
  tmux: {
    title: 'tmux',
    why: 'shows the live view on a real terminal in the end-to-end tests',
    found: () => which('tmux'),
    packages: () => ['tmux'],
    how: {
      apt: 'sudo apt-get install tmux',
      brew: 'brew install tmux',
      page: 'https://github.com/tmux/tmux/wiki/Installing',
    },
  },
  goss: {
    title: 'goss',
    why: 'is the peer that the benchmark is compared with',
    found: () => which('goss'),
    packages: async () => ((await candidates(['goss'])).has('goss') ? ['goss'] : []),
    other: {
      via: `Debian ${newer}'s package goss, unpacked to ${gossFile}`,
      run: fromNewer('goss', { 'usr/bin/goss': gossFile }),
    },
    how: { page: 'https://github.com/goss-org/goss/releases' },
  },
};

/** What each purpose needs; `optional` is installed too, but its lack stops nothing. */
export const purposes = {
  demo: { required: ['npm', 'cargo', 'prometheus', 'compose'], optional: ['chromium', 'ssh'] },
  test: {
    required: ['npm', 'cargo', 'prometheus', 'alertmanager', 'compose', 'chromium', 'ssh'],
    optional: ['engine', 'tmux', 'postgresql'],
  },
  bench: { required: ['npm', 'cargo', 'prometheus', 'compose', 'goss'], optional: ['chromium', 'ssh'] },
};
