import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { root } from '../../test/rig/cli.ts';
import type { Answer } from './answer.ts';
import { sideBySide } from '../parts.ts';
import { repository } from './checklist.ts';

const preload = join(root, 'test/rig/failing.mjs');

/** Where nothing that is judged is read: how long steps took, the index of runs, what a later run may take over. */
const comfort = /src\/(?:runs\/(?:durations|history)|engine\/resume\/basis)\.ts/;

/** One run in which the n-th call of a kind fails; 0: none. */
async function run(
  folder: string,
  kind: string,
  n: number,
): Promise<{ code: number | null; calls: number; failed: string; text: string }> {
  const log = join(folder, 'calls');
  rmSync(join(folder, 'repository/reports'), { recursive: true, force: true });
  rmSync(log, { force: true });
  const child = spawn(
    process.execPath,
    ['--import', preload, join(root, 'bin/verify.js'), 'm1', '--no-ask', '--ui', 'plain'],
    {
      cwd: join(folder, 'repository'),
      env: { ...process.env, VERIFY_FAIL: `${kind}:${n}`, VERIFY_FAIL_LOG: log, VERIFY_FAIL_BELOW: folder },
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  const [calls, failed = ''] = readFileSync(log, 'utf8').split('\n');
  return { code, text, calls: Number(calls), failed };
}

/** The n-th write, open, spawn and connection of a run that passes is made to fail, for each n (`scale` below 1: for fewer). */
export async function nth(folder: string, scale: number): Promise<Answer> {
  const server = createServer((_, response) => response.end('{"status":"ok"}'));
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const lanes = 2 * availableParallelism();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const steps = `- { id: a, uses: command, with: { run: [cat, docs/a.md], expect: { stdout: { contains: [hello] } } } }
- { id: b, uses: files/exist, with: { files: [{ path: docs/a.md, contains: [hello] }] } }
- { id: c, uses: http/get, with: { url: "${url}", json: [{ path: $.status, equals: ok }] } }`;
  const below = Array.from({ length: lanes }, (_, lane) => join(folder, String(lane)));
  for (const one of below) repository(join(one, 'repository'), steps, { 'docs/a.md': 'hello\n' });
  const bad: string[] = [];
  const counts: string[] = [];
  for (const kind of ['write', 'open', 'spawn', 'connect']) {
    const healthy = await run(below[0] ?? folder, kind, 0);
    if (healthy.code !== 0) bad.push(`the healthy run ended with ${healthy.code}: ${healthy.text.slice(-300)}`);
    const step = Math.max(1, Math.round(1 / scale));
    const all = Array.from({ length: Math.ceil(healthy.calls / step) }, (_, index) => 1 + index * step);
    let none = 0;
    await sideBySide(all.length, lanes, async (index, lane) => {
      const n = all[index] ?? 1;
      const { code, text, failed } = await run(below[lane] ?? folder, kind, n);
      if (process.stderr.isTTY) process.stderr.write(`\r${kind} ${n} of ${healthy.calls} `);
      // How often a command is looked at depends on how long it takes: a run with fewer calls than that one was made to fail in none.
      if (failed === '') return void (none += 1);
      if (code === null || (code === 0 && !comfort.test(failed)))
        bad.push(`${kind} ${n} of ${healthy.calls}, ${failed}: ended with ${code}: ${text.slice(-200)}`);
    });
    counts.push(`${all.length - none} of ${healthy.calls} ${kind}s`);
    if (none > all.length / 10) bad.push(`${none} of ${all.length} runs had fewer ${kind}s than ${healthy.calls}`);
  }
  server.close();
  return { figure: `${counts.join(', ')} made to fail: ${bad.length} passed`, bad };
}
