import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import type { Driver } from '../core/step.ts';
import { PlainView } from '../ui/plain.ts';
import { MilestoneDesk } from './serve-desk.ts';
import { jobsOf, load, type LoadOptions, wholeNumber, nearPath, hasColour } from './shared.ts';
import { onSignal, raise, type Signal } from './signals.ts';

export interface ServeOptions extends LoadOptions {
  reports?: string;
  jobs?: string;
  driver: Driver;
  keep?: boolean;
  writeTo?: string;
  key?: string;
  policyFrom?: string;
  port?: string;
  open?: boolean;
}

/**
 * `verify serve <milestone>`: the page of a milestone on loopback, until Ctrl-C.
 * @returns the exit code of the last run that was started on it; 11 where none was
 */
export async function serveCommand(name: string, options: ServeOptions): Promise<number> {
  const loaded = await load(name, options);
  const jobs = jobsOf(options.jobs);
  const port = wholeNumber('--port', options.port ?? '0', 0, 65_535);
  const log = new PlainView((text) => process.stdout.write(text), hasColour(), nearPath);
  const desk = new MilestoneDesk(
    name,
    loaded.checklist.milestone,
    {
      ...options,
      reports: resolve(options.reports ?? 'reports'),
      jobs,
      keep: options.keep === true,
      writeTo: options.writeTo,
      key: options.key,
      policyFrom: options.policyFrom,
    },
    log,
  );
  const { Door } = await import('../serve/door.ts');
  const { pages } = await import('../serve/app.ts');
  const { createAdaptorServer } = await import('@hono/node-server');
  let answer: ReturnType<typeof pages>['fetch'] | undefined;
  const server = createAdaptorServer({
    fetch: (request, env) => answer?.(request, env) ?? new Response(undefined, { status: 503 }),
    serverOptions: { requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16 * 1024 },
  }) as Server;
  server.maxConnections = 128;
  await listen(server, port);
  const door = new Door((server.address() as AddressInfo).port);
  answer = pages({ desk, door }).fetch;

  // Before the link is printed: whoever reads it may end it at once.
  const end = ended(desk);
  let opened: string | undefined;
  const renew = (): void => {
    const link = door.link();
    process.stdout.write(`open once, in one browser:\n${link}\n`);
    if (options.open === true) opened = openLink(link, opened);
  };
  process.stdout.write(
    `${loaded.checklist.milestone} is served on this machine only; Ctrl-C ends it. Another link: kill -USR2 ${process.pid}\n`,
  );
  renew();
  process.on('SIGUSR2', renew);
  try {
    const { signal, during } = await end;
    if (!during) return desk.code ?? exit.incomplete;
    return await raise(signal);
  } finally {
    process.removeListener('SIGUSR2', renew);
    await log.close();
    server.close();
    server.closeAllConnections();
    if (opened !== undefined) rmSync(opened, { recursive: true, force: true });
  }
}

/** @throws UserError 73 where the port is taken */
async function listen(server: Server, port: number): Promise<void> {
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail).listen(port, '127.0.0.1', done);
    });
  } catch (cause) {
    throw new UserError(exit.cannotCreate, `127.0.0.1:${port} cannot be listened on: ${(cause as Error).message}`, {
      cause,
      hint: 'give another --port, or none: a free one is then taken',
    });
  }
}

/** Opens the link by way of a file that only this user can read: the arguments of a program can be read by everybody. */
function openLink(link: string, before: string | undefined): string {
  const folder = before ?? mkdtempSync(join(tmpdir(), 'verify-serve-'));
  const file = join(folder, 'open.html');
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>verify</title><meta http-equiv="refresh" content="0; url=${link}"><a href="${link}">Go on</a></html>\n`,
    { mode: 0o600 },
  );
  void import('../hosts/desktop.ts').then(({ openOnDesktop }) => openOnDesktop(file));
  return folder;
}

/** Resolves when a signal has ended the server; a run that was going on has been torn down by then. */
function ended(desk: MilestoneDesk): Promise<{ signal: Signal; during: boolean }> {
  return new Promise((done) => {
    const release = onSignal((signal) => {
      const during = desk.board.going;
      if (during) process.stderr.write(`\n${signal}: stopping and tearing down (again: at once)\n`);
      const over = (): void => {
        release();
        done({ signal, during });
      };
      desk.board.close();
      void desk.abort(signal).then(over, over);
    });
  });
}
