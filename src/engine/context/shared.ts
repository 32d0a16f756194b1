import { rmSync } from 'node:fs';
import type { Browser } from 'puppeteer-core';
import { Checkout } from '../../hosts/checkout.ts';
import { makeScratch } from '../../hosts/scratch.ts';

/** Doors that are opened on first use, once a run, and closed at its end. */
export class Shared {
  #http: Promise<import('../../hosts/http.ts').Http> | undefined;
  #browser: Promise<Browser> | undefined;
  #scratch: string | undefined;
  readonly checkout: Checkout;
  readonly #runId: string;

  constructor(runId: string, target: string) {
    this.#runId = runId;
    this.checkout = new Checkout(target);
  }

  http(): Promise<import('../../hosts/http.ts').Http> {
    this.#http ??= import('../../hosts/http.ts').then(({ Http }) => new Http());
    return this.#http;
  }

  /** One that broke down is replaced. */
  async browser(): Promise<Browser> {
    const launched = this.#browser;
    if (launched && !(await launched.then((one) => one.connected)) && this.#browser === launched)
      this.#browser = undefined;
    this.#browser ??= import('../../hosts/browser.ts').then(({ launchBrowser }) => launchBrowser());
    return this.#browser;
  }

  scratch(): string {
    this.#scratch ??= makeScratch(this.#runId);
    return this.#scratch;
  }

  async close(): Promise<void> {
    const browser = await this.#browser?.catch(() => undefined);
    await browser?.close().catch(() => undefined);
    await (await this.#http)?.close();
    if (this.#scratch !== undefined) rmSync(this.#scratch, { recursive: true, force: true });
  }
}
