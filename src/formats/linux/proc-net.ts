export interface Listener {
  port: number;
  /** Bound to 127.0.0.0/8 or ::1: nobody outside its network namespace reaches it. */
  loopback: boolean;
  inode: string;
}

/**
 * Sockets in state LISTEN of the kernel's tables `/proc/<pid>/net/tcp` and `tcp6` (proc_net_tcp.txt of the kernel's documentation:
 * addresses in hexadecimal, four bytes at a time in the machine's order; state 0A is LISTEN).
 */
export function listeners(table: string): Listener[] {
  const found: Listener[] = [];
  for (const line of table.split('\n')) {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (state !== '0A' || !/^[0-9A-F]+$/.test(address)) continue;
    const loopback =
      address.length === 8 ? address.endsWith('7F') : /^(?:0{24}01000000|0{16}FFFF0000.{6}7F)$/.test(address);
    found.push({ port: Number.parseInt(port, 16), loopback, inode });
  }
  return found;
}
