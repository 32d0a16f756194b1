import { spawnSync } from 'node:child_process';

const probes: Record<string, [string, ...string[]]> = {
  promtool: ['promtool', '--version'],
  prometheus: ['prometheus', '--version'],
  alertmanager: ['prometheus-alertmanager', '--version'],
  amtool: ['amtool', '--version'],
  compose: ['docker', 'compose', 'version'],
  engine: ['docker', 'info'],
  go: ['go', 'version'],
  kubeconform: ['kubeconform', '-v'],
  hadolint: ['hadolint', '--version'],
  'systemd-analyze': ['systemd-analyze', '--version'],
  helm: ['helm', 'version', '--short'],
  pytest: ['python3', '-m', 'pytest', '--version'],
  cargo: ['cargo', '--version'],
  chromium: ['chromium', '--version'],
  'ssh-keygen': ['ssh', '-V'],
  tmux: ['tmux', '-V'],
};

const known = new Map<string, boolean>();

/** Is the program there (and, for the engine, answering)? Asked once. */
export function have(name: keyof typeof probes): boolean {
  const probe = probes[name];
  if (!probe) throw new Error(`unknown program ${name}`);
  const [file, ...args] = probe;
  const before = known.get(name);
  if (before !== undefined) return before;
  const found = spawnSync(file, args, { stdio: 'ignore', timeout: 60_000 }).status === 0;
  known.set(name, found);
  return found;
}

/** Name of a suite that needs programs: says why it is skipped, where it is. */
export function needing(title: string, ...names: string[]): [title: string, skip: boolean] {
  const missing = names.filter((name) => !have(name));
  return missing.length === 0
    ? [title, false]
    : [`${title} (skipped, because ${missing.join(' and ')} is not on this machine)`, true];
}
