import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import type { HttpOptions, HttpResult } from '../core/step.ts';

const maxBody = 16 * 1024 * 1024;
/** Cloud metadata services: never a legitimate target of a check, and a way to steal credentials. */
const forbidden = new Set(
  `169.254.169.254 169.254.170.2 ::ffff:a9fe:a9fe ::ffff:a9fe:aa02 fd00:ec2::254
  metadata.google.internal 100.100.100.200`.split(/\s+/),
);

const reasons: Record<string, string> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_ABORTED: 'timeout',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
};

function why(error: unknown): { error: string; message: string } {
  const e = error as NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] };
  const inner = e.errors?.[0];
  const code = e.code ?? inner?.code ?? '';
  if (e.name === 'TimeoutError' || e.name === 'AbortError')
    return { error: 'timeout', message: 'no whole answer in time' };
  const tls = code.includes('CERT') || code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code === 'EPROTO';
  return { error: tls ? 'tls' : (reasons[code] ?? 'protocol'), message: e.message || (inner?.message ?? code) };
}

/** HTTP for steps: one pool per origin, no redirect to another origin, a cap on the body, a deadline over the whole exchange. */
export class Http {
  readonly #plain = new Agent({ connections: 8, keepAliveTimeout: 4000 });
  readonly #special: Agent[] = [];

  /** @param read gives the text of a TLS file */
  async request(
    url: string,
    options: HttpOptions,
    deadlineMs: number,
    signal: AbortSignal,
    absolute: (path: string) => string,
  ): Promise<HttpResult> {
    const began = performance.now();
    const miss = (error: string, message: string): HttpResult => ({
      reached: false,
      url,
      error,
      message,
      durationMs: performance.now() - began,
    });
    let target: URL;
    try {
      target = new URL(url);
    } catch {
      return miss('forbidden', `not a URL: ${url}`);
    }
    if (target.protocol !== 'http:' && target.protocol !== 'https:')
      return miss('forbidden', `${target.protocol} is not http or https`);
    const timeout = Math.max(1, Math.ceil(Math.min(options.timeout ?? 10_000, deadlineMs)));
    const abort = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    try {
      const dispatcher = options.tls ? await this.#tls(options.tls, absolute) : this.#plain;
      for (let hops = 0; ; hops++) {
        const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
        if (forbidden.has(host)) return miss('forbidden', `${host} is a cloud metadata service`);
        const response = await request(target, {
          method: options.method ?? 'GET',
          headers: { 'user-agent': 'verify-milestone', ...options.headers },
          body: options.body ?? null,
          dispatcher,
          signal: abort,
        });
        const location = response.headers.location;
        if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
          const next = new URL(location, target);
          await response.body.dump();
          if (options.follow !== true || next.origin !== target.origin || hops >= 5) {
            return miss(
              'redirect',
              `HTTP ${response.statusCode} sends to ${next.origin === target.origin ? next.pathname : next.origin}, which is not followed`,
            );
          }
          target = next;
          continue;
        }
        const { text, truncated } = await readBody(response.body, options.maxBody ?? maxBody);
        const headers = Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') : (value ?? ''),
          ]),
        );
        return {
          reached: true,
          url: target.href,
          status: response.statusCode,
          headers,
          contentType: headers['content-type'] ?? '',
          body: text,
          truncated,
          durationMs: performance.now() - began,
        };
      }
    } catch (error) {
      const { error: kind, message } = why(error);
      return miss(kind, message);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#plain, ...this.#special].map((agent) => agent.destroy()));
  }

  async #tls(tls: NonNullable<HttpOptions['tls']>, absolute: (path: string) => string): Promise<Agent> {
    const read = async (path: string | undefined): Promise<string | undefined> =>
      path === undefined ? undefined : readFile(absolute(path), 'utf8');
    const [ca, cert, key] = await Promise.all([read(tls.ca), read(tls.cert), read(tls.key)]);
    const agent = new Agent({
      connect: {
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
        ...(tls.insecure === true && { rejectUnauthorized: false }),
      },
    });
    this.#special.push(agent);
    return agent;
  }
}

async function readBody(body: AsyncIterable<Buffer>, max: number): Promise<{ text: string; truncated: boolean }> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > max) return { text: Buffer.concat(parts).toString('utf8', 0, max), truncated: true };
  }
  return { text: Buffer.concat(parts).toString('utf8'), truncated: false };
}
