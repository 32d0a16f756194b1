import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import type { StackSpec } from '../../core/checklist.ts';
import type { RunRecord } from '../../core/record.ts';
import type { Stack } from '../../core/stack.ts';
import type { Answer, Driver, FactValue, Question } from '../../core/step.ts';
import type { Redactor } from '../../evidence/redact.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import type { Checkout } from '../../hosts/checkout.ts';
import { listedIn } from '../../hosts/descendants.ts';
import { Outputs } from '../../hosts/outputs.ts';
import { makeScratch } from '../../hosts/scratch.ts';
import type { Uses } from '../resume/doors-used.ts';
import type { TreeWatch } from '../tree-watch.ts';

/** What the whole run shares. */
export interface RunState {
  readonly runId: string;
  /** Where runs are kept, and of which milestone this one is. */
  readonly kept?: { reports: string; milestone: string };
  readonly target: string;
  readonly host: RunRecord['host'];
  readonly startedAt: number;
  readonly driver: Driver;
  readonly keepStack: boolean;
  readonly stackSpec: StackSpec | undefined;
  /** Digest of the tree when the run began. */
  readonly treeDigest: string;
  /** What is built: outputs, and what commands produce. */
  readonly built: readonly string[];
  /** step id → what its type noted when the run began */
  readonly atStart?: ReadonlyMap<string, unknown>;
  readonly store: EvidenceStore;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** step id → its facts */
  readonly facts: Map<string, Record<string, FactValue>>;
  /** Steps whose evidence may still grow until teardown: logs of services. */
  readonly lateSteps: Set<string>;
  readonly teardowns: { label: string; undo: () => Promise<void>; kept?: boolean }[];
  readonly ask: ((question: Question, step: string) => Promise<Answer | undefined>) | undefined;
  stack: Stack | undefined;
  readonly shared: Shared;
  readonly tree: TreeWatch;
  /** What the step of this id uses, for --resume. */
  readonly uses: (step: string) => Uses;
}

/** Doors that are opened on first use, once a run, and closed at its end. */
export class Shared {
  #http: Promise<import('../../hosts/http.ts').Http> | undefined;
  #browser: Promise<Browser> | undefined;
  #scratch: string | undefined;
  #outputs: Outputs | undefined;
  readonly checkout: Checkout;
  readonly #runId: string;

  constructor(runId: string, checkout: Checkout) {
    this.#runId = runId;
    this.checkout = checkout;
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

  /** Processes that commands of the run left, and that still run. */
  listed(): number[] {
    return this.#scratch === undefined ? [] : listedIn(this.#scratch);
  }

  scratch(): string {
    this.#scratch ??= makeScratch(this.#runId);
    return this.#scratch;
  }

  /** What its programs write to, beside the evidence of the run in this folder. */
  outputs(folder: string): Outputs {
    this.#outputs ??= new Outputs(join(folder, '.outputs'));
    return this.#outputs;
  }

  async close(): Promise<void> {
    const browser = await this.#browser?.catch(() => undefined);
    await browser?.close().catch(() => undefined);
    await (await this.#http)?.close();
    this.#outputs?.close();
    if (this.#scratch !== undefined) rmSync(this.#scratch, { recursive: true, force: true });
  }
}
