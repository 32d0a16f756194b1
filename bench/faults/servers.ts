import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { start } from '../../test/rig/cli.ts';
import type { Answer } from './answer.ts';
import { lastRecord, peakMiB, repository } from './checklist.ts';

const limitMs = 3000;
const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
/** Sends a text again and again, as fast as it is taken. */
function pour(socket: Socket, text: string | Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(text));
  };
  socket.on('drain', more);
  more();
}
/** Sends one byte at a time. */
function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(
    () => (socket.destroyed ? clearInterval(timer) : void socket.write(text[at++ % text.length] ?? '')),
    100,
  );
}
/** 64 MiB of zeros in 64 KiB, one of any number of members. */
const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
const abuses: Record<string, (socket: Socket) => void> = {
  'says nothing': () => {},
  'drips its head': (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx: y\r\n'),
  'drips its body': (socket) => {
    socket.write(`${ok}content-length: 100000\r\n\r\n`);
    drip(socket, ' ');
  },
  'has a body without end': (socket) => {
    socket.write(`${ok}transfer-encoding: chunked\r\n\r\n`);
    pour(socket, `10000\r\n${' '.repeat(0x1_00_00)}\r\n`);
  },
  'has a head without end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    pour(socket, `x: ${'y'.repeat(4000)}\r\n`);
  },
  'promises more than it sends': (socket) => socket.end(`${ok}content-length: 100\r\n\r\n{"status":"ok"}`),
  'resets the connection': (socket) => void socket.resetAndDestroy(),
  'closes in the middle of a chunk': (socket) => socket.end(`${ok}transfer-encoding: chunked\r\n\r\nff\r\n{"status":`),
  'speaks no HTTP': (socket) => socket.end('220 mail ESMTP\r\n'),
  'sends a gzip bomb': (socket) => {
    socket.write(`${ok}content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n`);
    pour(socket, Buffer.concat([Buffer.from(`${bomb.length.toString(16)}\r\n`), bomb, Buffer.from('\r\n')]));
  },
  'sends what is no gzip': (socket) => {
    socket.write(`${ok}content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n`);
    pour(socket, `10000\r\n${'\0'.repeat(0x1_00_00)}\r\n`);
  },
  'redirects to itself': (socket) => socket.end('HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n'),
  'answers 100 Continue for ever': (socket) => pour(socket, 'HTTP/1.1 100 Continue\r\n\r\n'),
};

/** Each of the servers is asked by a step: it ends in time, does not pass, and takes little memory. */
export async function servers(folder: string): Promise<Answer> {
  const bad: string[] = [];
  let [slowest, most] = [0, 0];
  for (const [n, [name, abuse]] of Object.entries(abuses).entries()) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => abuse(socket));
    });
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    const cwd = join(folder, String(n));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    repository(
      cwd,
      `- { id: a, uses: http/get, timeout: ${limitMs}ms, with: { url: "${url}", json: [{ path: $.status, equals: ok }] } }`,
    );
    const { child, ended } = start(['m1', '--no-ask'], { cwd });
    let peak = 0;
    const timer = setInterval(() => (peak = Math.max(peak, peakMiB(child.pid))), 50);
    const { code } = await ended;
    clearInterval(timer);
    server.close();
    if (process.stdout.isTTY) process.stdout.write(`${name}: ${Math.round(peak)} MiB\n`);
    const step = lastRecord(cwd)?.steps[0];
    const took = step?.durationMs ?? Infinity;
    [slowest, most] = [Math.max(slowest, took), Math.max(most, peak)];
    if (code === 0 || step?.outcome === 'passed') bad.push(`one that ${name} passed`);
    if (took > limitMs + 1000) bad.push(`one that ${name} took ${Math.round(took)} ms`);
    if (peak >= 150) bad.push(`one that ${name} took ${Math.round(peak)} MiB`);
  }
  const figure = `${Object.keys(abuses).length} abusive servers, ${limitMs} ms each: 0 passed, the slowest took ${Math.round(slowest)} ms, at most ${Math.round(most)} MiB`;
  return { figure, bad };
}
