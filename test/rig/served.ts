import { execFileSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { namespace } from '../../src/core/sign-off.ts';
import { start, type Ended } from './cli.ts';
import { tempDir } from './run-step.ts';
import { committed } from './signed.ts';
import { until } from './until.ts';

const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** No agent and no configuration of whoever runs the tests. */
export const alone = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  SSH_AUTH_SOCK: '',
  SSH_ASKPASS: '',
  DISPLAY: undefined,
  WAYLAND_DISPLAY: undefined,
};

/** A folder with SSH keys of these names. */
export function sshKeys(...names: string[]): string {
  const folder = tempDir();
  for (const name of names)
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
  return folder;
}

/** A committed repository with the checklist m1, whose signers are the keys' owners. */
export function milestone(
  checklist: string,
  keys: string,
  names: readonly string[],
  files: Record<string, string> = {},
): string {
  const publicKey = (name: string): string =>
    readFileSync(join(keys, `${name}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  return committed({
    'checklists/m1.yaml': checklist,
    '.gitattributes': 'reports/** -text\n',
    '.gitignore': 'reports/\n',
    '.verify/allowed_signers': names
      .map((name) => `${name}@example.org namespaces="${namespace}" ${publicKey(name)}\n`)
      .join(''),
    ...files,
  });
}

export interface Served {
  /** The link that works once. */
  link: string;
  origin: string;
  child: ChildProcess;
  /** What it has printed so far. */
  said(): string;
  /** Ends it as Ctrl-C does. */
  end(): Promise<Ended>;
}

/** The real `verify serve m1`. */
export async function served(cwd: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Served> {
  const { child, ended } = start(['serve', 'm1', ...args], { cwd, env: { ...alone, ...env } });
  running.add(child);
  let text = '';
  child.stdout?.on('data', (part: Buffer) => (text += part.toString()));
  const links = (): string[] => text.match(/http:\/\/\S+\?token=\S+/g) ?? [];
  await until('the link', () => {
    if (child.exitCode !== null) throw new Error(`verify serve ended with ${child.exitCode}`);
    return links().length > 0;
  });
  const link = links().at(-1) ?? '';
  return {
    link,
    origin: new URL(link).origin,
    child,
    said: () => text,
    end() {
      child.kill('SIGINT');
      return ended;
    },
  };
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  data: Buffer;
}

/** One request as it is written, without what a browser would add or correct. */
export function ask(
  origin: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  const { port } = new URL(origin);
  return new Promise((done, fail) => {
    const { body = '', headers = {}, method = 'GET' } = options;
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { ...(body !== '' && { 'content-length': String(Buffer.byteLength(body)) }), ...headers },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', fail);
        response.on('end', () => {
          const data = Buffer.concat(parts);
          done({ status: response.statusCode ?? 0, headers: response.headers, text: data.toString('utf8'), data });
        });
      },
    );
    sent.on('error', fail);
    sent.end(body);
  });
}

/** A session without a browser: its folder, its cookie, and what its forms carry. */
export interface Session {
  folder: string;
  cookie: string;
  get(page: string, headers?: Record<string, string>): Promise<Reply>;
  /** Posts a form as the page would, with its proof; `headers` and `fields` may spoil it. */
  post(page: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Reply>;
}

export async function enter({ origin, link }: Pick<Served, 'origin' | 'link'>): Promise<Session> {
  const { pathname, search } = new URL(link);
  const first = await ask(origin, pathname + search);
  const set = first.headers['set-cookie']?.[0] ?? '';
  const cookie = set.split(';')[0] ?? '';
  const folder = /Path=([^;]+)/.exec(set)?.[1] ?? '';
  if (folder === '') throw new Error(`no session: ${first.status} ${first.text}`);
  let proof: string | undefined;
  const get: Session['get'] = (page, headers = {}) => ask(origin, folder + page, { headers: { cookie, ...headers } });
  return {
    folder,
    cookie,
    get,
    async post(page, fields, headers = {}) {
      proof ??= field((await get('')).text, 'proof');
      const body = new URLSearchParams({ proof, ...fields }).toString();
      return ask(origin, folder + page, {
        method: 'POST',
        body,
        headers: { cookie, origin, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
    },
  };
}

/** Value of a hidden field of a page. */
export const field = (text: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';

/** Starts the run as the page does. */
export async function begin(session: Session): Promise<Reply> {
  return session.post('start', { sha256: field((await session.get('')).text, 'sha256') });
}

/** Waits for the run to be at that phase. */
export async function phase(session: Session, wanted: string): Promise<string> {
  let text = '';
  await until(`the phase ${wanted}`, async () => {
    ({ text } = await session.get('run'));
    return text.includes(`data-phase="${wanted}"`);
  });
  return text;
}
