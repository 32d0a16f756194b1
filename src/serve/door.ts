import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const secret = (): string => randomBytes(24).toString('base64url');
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const same = (given: string | undefined, kept: Buffer | undefined): boolean =>
  given !== undefined && kept !== undefined && timingSafeEqual(digest(given), kept);

/**
 * Who may come in. A link's token is good once: it is exchanged for the session of one browser, and the session before it ends.
 * All pages lie below an unguessable folder, to which the cookie is bound: a browser sends cookies to every port of a host, and so
 * would hand ours to any other server on this machine.
 */
export class Door {
  /** `http://127.0.0.1:4711` */
  readonly origin: string;
  readonly folder = `/${secret()}/`;
  readonly cookie: string;
  #token: Buffer | undefined;
  #session: Buffer | undefined;
  #proof = '';

  constructor(port: number) {
    this.origin = `http://127.0.0.1:${port}`;
    this.cookie = `verify-${port}`;
  }

  get host(): string {
    return this.origin.slice('http://'.length);
  }

  /** What every form must send back. */
  get proof(): string {
    return this.#proof;
  }

  /** A link that opens the page once. The one before it is void. */
  link(): string {
    const token = secret();
    this.#token = digest(token);
    return `${this.origin}/?token=${token}`;
  }

  /** @returns the session, once for each link */
  exchange(token: string): string | undefined {
    if (!same(token, this.#token)) return undefined;
    this.#token = undefined;
    const session = secret();
    this.#session = digest(session);
    this.#proof = secret();
    return session;
  }

  knows(session: string | undefined): boolean {
    return same(session, this.#session);
  }

  proves(given: string | undefined): boolean {
    return this.#proof !== '' && same(given, digest(this.#proof));
  }
}
