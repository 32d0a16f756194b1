import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { listeners } from '../formats/linux/proc-net.ts';

/** A TCP port on 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A process that listens on a port: `process 4711 (prometheus --config.file=…)`; without a pid where it cannot be named. */
export interface PortHolder {
  pid?: number;
  text: string;
}

/** Who listens on a TCP port of this machine: several may, at several addresses, or at one that they share. */
export async function portHolders(port: number): Promise<PortHolder[]> {
  const inodes = listening(port);
  if (inodes.size === 0) return (await bindable(port)) ? [] : [{ text: 'a process that cannot be named' }];
  const found: PortHolder[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(linkOf(`/proc/${pid}/fd/${fd}`)))) continue;
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
      found.push({ pid: Number(pid), text: `process ${pid} (${argv.slice(0, 120)})` });
    } catch {
      // gone, or another user's
    }
  }
  return found.length > 0 ? found : [{ text: 'a process of another user' }];
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Is a process the leader's own, by its group, its session or its ancestors (proc_pid_stat(5))? undefined where that cannot be seen. */
export function belongsTo(pid: number, leader: number): boolean | undefined {
  for (let at = pid, seen = 0; at > 1 && seen < 100; seen++) {
    let stat: string;
    try {
      stat = readFileSync(`/proc/${at}/stat`, 'utf8');
    } catch {
      return at === pid ? undefined : false;
    }
    // The name in parentheses may hold blanks.
    const [, parent, group, session] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    if (at === leader || group === leader || session === leader) return true;
    at = parent ?? 0;
  }
  return false;
}

/** `socket:[inode]` of each listener on the port. */
function listening(port: number): Set<string> {
  const found = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    try {
      for (const one of listeners(readFileSync(table, 'utf8')))
        if (one.port === port) found.add(`socket:[${one.inode}]`);
    } catch {
      // no such table on this system
    }
  }
  return found;
}

function bindable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
