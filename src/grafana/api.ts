import { secretOf } from '../clients/secret.ts';
import { z } from 'zod';
import { exit, UserError } from '../core/errors.ts';
import { Unobservable, type HttpOptions, type HttpResult, type StepContext } from '../core/step.ts';

/** How a step reaches a Grafana; spread into its params. */
export const grafanaParams = {
  url: z.string().min(1).describe('base URL of the Grafana, with its sub-path where it has one'),
  token: z
    .string()
    .optional()
    .describe('name of the environment variable with a service-account token; list it under secrets'),
  user: z.string().min(1).optional().describe('user name, in place of a token'),
  password: z.string().optional().describe('name of the environment variable with the password; list it under secrets'),
  orgId: z.int().min(1).default(1),
};
export interface GrafanaParams {
  url: string;
  token?: string | undefined;
  user?: string | undefined;
  password?: string | undefined;
  orgId: number;
}

export interface Reply {
  status: number;
  /** The parsed body; undefined where it has none that is JSON. */
  json: unknown;
  headers: Record<string, string>;
}

const base = (p: GrafanaParams): string => p.url.replace(/\/+$/, '');

/** The header that makes a request one of the user's, or none for an anonymous one. Never part of a URL. */
export function authorization(ctx: StepContext, p: GrafanaParams): Record<string, string> {
  if (p.token !== undefined) return { authorization: `Bearer ${secretOf(ctx, p.token)}` };
  if (p.user !== undefined && p.password !== undefined) {
    const pair = `${p.user}:${secretOf(ctx, p.password)}`;
    return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
  }
  return {};
}

/** @throws Unobservable where there is no answer, UserError 77 where the address must not be asked */
function reached(result: HttpResult): HttpResult & { reached: true } {
  if (result.reached) return result;
  if (result.error === 'forbidden')
    throw new UserError(exit.untrusted, `${result.url}: ${result.message}`, { hint: 'give the address of a Grafana' });
  if (result.error === 'redirect')
    throw new Unobservable('redirected', `${result.url} redirects: ${result.message}`, {
      hint: 'give the final address, and credentials where it leads to a login page',
    });
  throw new Unobservable('unreachable', `${result.url} does not answer (${result.error}: ${result.message})`, {
    hint: 'is Grafana up, and is this its address?',
  });
}

/**
 * One request to Grafana's API. Any status is an answer but 401 and 403; a refused login is not tried again, since retries lock an account.
 * @throws Unobservable `unreachable`, `redirected`, `unauthorized`, `not-grafana`
 */
export async function api(
  ctx: StepContext,
  p: GrafanaParams,
  path: string,
  options: HttpOptions & { anonymous?: boolean } = {},
): Promise<Reply> {
  const { anonymous, ...rest } = options;
  const result = reached(
    await ctx.http(`${base(p)}${path}`, {
      timeout: 30_000,
      ...rest,
      headers: {
        accept: 'application/json',
        ...(rest.body !== undefined && { 'content-type': 'application/json' }),
        ...(anonymous === true ? {} : { ...authorization(ctx, p), 'x-grafana-org-id': String(p.orgId) }),
      },
    }),
  );
  const { status, headers } = result;
  if (status === 401)
    throw new Unobservable('unauthorized', `${result.url} answered HTTP 401`, {
      hint: 'give `token`, or `user` and `password`; a wrong password is not tried again',
    });
  if (status === 403)
    throw new Unobservable('unauthorized', `${result.url} answered HTTP 403: the account may not do this`, {
      hint: 'the account needs to read dashboards and data sources: the role Editor, or Viewer with data source permissions',
    });
  let json: unknown;
  try {
    json = JSON.parse(result.body);
  } catch {
    if (status < 500)
      throw new Unobservable(
        'not-grafana',
        `${result.url} answered HTTP ${status} with ${result.contentType || 'no content type'}, no answer of Grafana’s API`,
        { hint: 'another server seems to listen there' },
      );
  }
  if (result.truncated)
    throw new Unobservable('answer-cut', `the answer of ${result.url} was too long to read in full`);
  return { status, json, headers };
}

const Health = z.object({ database: z.string(), version: z.string().optional(), commit: z.string().optional() });
export type Health = z.infer<typeof Health>;

/** Who answers. @throws Unobservable `not-grafana`, and see api */
export async function health(ctx: StepContext, p: GrafanaParams): Promise<Health> {
  const { json, status } = await api(ctx, p, '/api/health', { anonymous: true });
  const read = Health.safeParse(json);
  if (!read.success)
    throw new Unobservable('not-grafana', `${base(p)}/api/health answered HTTP ${status}, not as Grafana does`, {
      hint: 'is this a Grafana, and is it up?',
    });
  return read.data;
}

/** `[11, 3]` of `11.3.0-pre`; zeros where it is hidden. */
export function majorMinor(version: string | undefined): [number, number] {
  const match = /^(\d+)\.(\d+)/.exec(version ?? '');
  return [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
}

export const atLeast = (version: string | undefined, major: number, minor = 0): boolean => {
  const [a, b] = majorMinor(version);
  return a > major || (a === major && b >= minor);
};

/**
 * A session by the login API, which leaves out the form and its change-password screen.
 * To be asked for after the API has taken the account.
 * @returns the cookie; undefined where a token or nobody is used
 */
export async function session(
  ctx: StepContext,
  p: GrafanaParams,
): Promise<{ name: string; value: string } | undefined> {
  if (p.token !== undefined || p.user === undefined || p.password === undefined) return undefined;
  const login = await api(ctx, p, '/login', {
    method: 'POST',
    anonymous: true,
    body: JSON.stringify({ user: p.user, password: secretOf(ctx, p.password) }),
  }).catch((error: unknown) => {
    if (!(error instanceof Unobservable) || error.code !== 'unauthorized') throw error;
    // The API has just taken the same account: it is the form that is closed, not the password that is wrong.
    throw new Unobservable(
      'login-failed',
      `${base(p)}/login refuses an account that the API takes: its login form is turned off`,
      {
        hint: 'give `token`, or turn `disable_login_form` off for the run',
      },
    );
  });
  const { status, headers } = login;
  const cookie = /(?:^|,\s*)(\w*session)=([^;,]+)/.exec(headers['set-cookie'] ?? '');
  if (status !== 200 || !cookie)
    throw new Unobservable('login-failed', `${base(p)}/login answered HTTP ${status} without a session`, {
      hint: 'is the login form of this Grafana turned off? Then give `token`',
    });
  return { name: cookie[1] ?? '', value: cookie[2] ?? '' };
}
