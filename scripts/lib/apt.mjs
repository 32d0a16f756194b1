/** Debian packages: installed as root without a wall of output, or unpacked for one user without root. */
import {
  copyFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isRoot, run, which } from './sh.mjs';

const lock = ['-o', 'DPkg::Lock::Timeout=300'];
const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };

export const hasApt = () => which('apt-get') !== undefined && which('dpkg-deb') !== undefined;

let rootPrefix;
/** How to become root: [] as root, ['sudo', …] where sudo asks nothing or a person can answer it, else undefined. */
export async function asRoot() {
  if (rootPrefix !== undefined) return rootPrefix.value;
  let value;
  if (isRoot) value = [];
  else if (which('sudo')) {
    const silent = (await run('sudo', ['-n', 'true'])).code === 0;
    if (silent) value = ['sudo', '-n'];
    else if (process.stdin.isTTY && process.stderr.isTTY && process.env.CI === undefined) value = ['sudo'];
  }
  rootPrefix = { value };
  return value;
}

async function root(argv) {
  const prefix = await asRoot();
  // sudo drops the environment; `env` puts it back. The terminal stays stdin, for sudo's question only.
  const words = [...prefix, 'env', ...Object.entries(env).map(([k, v]) => `${k}=${v}`), ...argv];
  return run(words[0], words.slice(1), { stdin: prefix[0] === 'sudo' && prefix[1] !== '-n' ? 'inherit' : 'ignore' });
}

/** The version that apt would install, for each package that has one. */
export async function candidates(packages) {
  const found = new Map();
  if (packages.length === 0) return found;
  const { stdout } = await run('apt-cache', ['policy', ...packages], { env });
  let name;
  for (const line of stdout.split('\n')) {
    name = /^(\S+):$/.exec(line)?.[1] ?? name;
    const version = /^ {2}Candidate: (.+)$/.exec(line)?.[1];
    // Ubuntu's "chromium-browser" only installs a snap, which is no program that a script can start.
    if (name && version && version !== '(none)' && !version.includes('snap')) found.set(name, version);
  }
  return found;
}

let updated = false;
/** `apt-get update`, at most once in this process. */
export async function updateOnce() {
  if (updated) return { code: 0, all: '' };
  updated = true;
  return root(['apt-get', ...lock, '-q', 'update']);
}

// Packages that bring a service must not start it: the stack under verification needs its port. invoke-rc.d and
// deb-systemd-invoke both ask /usr/sbin/policy-rc.d; an existing one is left alone, ours goes away again.
const installScript = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 143' TERM INT HUP
  printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod 755 "$policy"
fi
RUNLEVEL=1 apt-get "$@"
`;

/** Installs packages as root, with a fresh package list if the present one does not do. */
export async function install(packages) {
  const args = [...lock, '-q', '-y', '--no-install-recommends', 'install', ...packages];
  const once = () => root(['sh', '-c', installScript, 'apt', ...args]);
  const first = await once();
  if (first.code === 0 || updated) return first;
  // A package list that is behind its mirror names files that are gone.
  const update = await updateOnce();
  return update.code === 0 ? once() : { ...first, all: `${first.all}\n${update.all}` };
}

/** Keeps services that came with a package from starting at the next boot; they were not asked for. */
export async function disableServices(units) {
  if (which('systemctl')) await root(['systemctl', '--quiet', 'disable', ...units]);
}

/**
 * Fetches packages with the machine's own apt, checked by its signatures as ever, and without root.
 * With `suite`, from another suite of Debian's archive on the machine's own mirror, through a package list of its own
 * in a temporary folder: the machine's sources stay as they are.
 * @returns {Promise<{code: number, all: string, debs: string[], dispose: () => void}>}
 */
export async function download(packages, suite) {
  const dir = mkdtempSync(join(tmpdir(), 'verify-apt-'));
  const dispose = () => rmSync(dir, { recursive: true, force: true });
  const debs = () =>
    readdirSync(dir)
      .filter((f) => f.endsWith('.deb'))
      .map((f) => join(dir, f));
  const failed = (result) => ({ code: result.code || 1, all: result.all, debs: [], dispose });
  const options = ['-q'];
  if (isRoot) options.push('-o', 'APT::Sandbox::User=root'); // else apt drops to _apt, which cannot write here
  if (suite !== undefined) {
    const mirror = await debianMirror();
    if (mirror === undefined) return failed({ code: 1, all: 'no mirror of Debian in the sources of apt' });
    const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
    const signed = existsSync(keyring) ? `Signed-By: ${keyring}\n` : '';
    writeFileSync(
      join(dir, 'other.sources'),
      `Types: deb\nURIs: ${mirror}\nSuites: ${suite}\nComponents: main\n${signed}`,
    );
    mkdirSync(join(dir, 'lists', 'partial'), { recursive: true });
    mkdirSync(join(dir, 'cache', 'archives', 'partial'), { recursive: true });
    const own = {
      'Dir::Etc::sourcelist': join(dir, 'other.sources'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::Etc::preferences': '/dev/null',
      'Dir::Etc::preferencesparts': '/dev/null',
      'Dir::State::lists': join(dir, 'lists'),
      'Dir::Cache': join(dir, 'cache'),
      'Acquire::Languages': 'none',
      'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    };
    for (const [key, value] of Object.entries(own)) options.push('-o', `${key}=${value}`);
    const update = await run('apt-get', [...options, 'update'], { cwd: dir, env });
    if (update.code !== 0) return failed(update);
  }
  const fetched = await run('apt-get', [...options, 'download', ...packages], { cwd: dir, env });
  return fetched.code === 0 ? { ...fetched, debs: debs(), dispose } : failed(fetched);
}

/** The address of Debian's main archive as this machine reaches it. */
async function debianMirror() {
  const format = '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)';
  const ask = async () => {
    const { stdout } = await run('apt-get', ['indextargets', '--format', format], { env });
    return stdout
      .split('\n')
      .find((l) => l.startsWith('Debian|Debian|main|'))
      ?.split('|')[3];
  };
  const known = await ask();
  if (known !== undefined || (await asRoot()) === undefined) return known;
  await updateOnce();
  return ask();
}

/** Copies files out of a package: `files` maps a path inside it to where it goes. */
export async function unpack(deb, files) {
  const dir = mkdtempSync(join(tmpdir(), 'verify-deb-'));
  try {
    const result = await run('dpkg-deb', ['-x', deb, dir]);
    if (result.code !== 0) return result;
    for (const [from, to] of Object.entries(files)) {
      mkdirSync(dirname(to), { recursive: true });
      rmSync(to, { force: true });
      copyFileSync(join(dir, from), to);
      chmodSync(to, 0o755);
    }
    return result;
  } catch (error) {
    return { code: 1, all: error.message };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
