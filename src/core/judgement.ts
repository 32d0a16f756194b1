import { z } from 'zod';
import { Finding, type Level, type Where } from './finding.ts';
import { Plot } from './plot.ts';

/** A kind of finding that a step type can make; its prose lives here, once. `hint` says what to do. */
export interface Problem<L extends Level = Level> {
  readonly level: L;
  readonly title: string;
  readonly hint: string;
}
export type Problems = Readonly<Record<string, Problem>>;

const kind =
  <L extends Level>(level: L) =>
  (title: string, hint: string): Problem<L> => ({ level, title, hint });

/** Kinds of finding by what they weigh: `'config-missing': error('The configuration is not there', 'correct the path')`. */
export const error = kind('error');
export const inconclusive = kind('inconclusive');
export const warning = kind('warning');
export const note = kind('note');

export const FactValue = z.union([z.string(), z.number(), z.boolean()]);
export type FactValue = z.infer<typeof FactValue>;

/** A table for the report: claims, alert coverage, dashboards. Cells are plain text. */
export const Table = z.object({
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  /** The same as numbers, for reports that draw. */
  plot: Plot.optional(),
});
export type Table = z.infer<typeof Table>;

/** A person's answer, with what it was about. */
export const Confirmation = z.strictObject({
  role: z.string(),
  question: z.string(),
  by: z.string(),
  at: z.string(),
  answer: z.enum(['yes', 'no']),
  comment: z.string(),
  about: z.array(z.strictObject({ path: z.string(), sha256: z.string() })),
  /** After this moment the answer no longer counts. */
  expires: z.string().optional(),
});
export type Confirmation = z.infer<typeof Confirmation>;

/** What a step's `judge` says of what its `gather` observed. */
export const Judgement = z.object({
  /** Assertions that were evaluated and held, in words: "group engram_cognitive_slos is loaded with 12 rules". */
  proofs: z.array(z.string()),
  findings: z.array(Finding),
  facts: z.record(z.string(), FactValue),
  /** Units of facts that have one: `%`, `ms`. */
  units: z.record(z.string(), z.string()).optional(),
  tables: z.array(Table),
  /** Set when a person has yet to answer: the outcome is `not-reviewed`. */
  pending: z.string().optional(),
  /** Set when a stand-in was exercised instead of the real thing; says which. */
  reduced: z.string().optional(),
  /** Set when a person has answered. */
  confirmation: Confirmation.optional(),
});
export type Judgement = z.infer<typeof Judgement>;

export interface FailOptions {
  where?: Where | undefined;
  subject?: string | undefined;
  /** Replaces the problem's standing hint where the case at hand knows better. */
  hint?: string | undefined;
  detail?: string | undefined;
  /** The failure is accepted until the end of this day (UTC). */
  until?: string | undefined;
  /** Replaces the problem's standing level, e.g. to weaken a finding that cannot be certain here. */
  level?: Level | undefined;
  /** What stands behind it, where that shows in many places: findings of one code, level and cause are one, with a list of places. */
  cause?: string | undefined;
}

/** Places of one cause that its finding lists. */
const listed = 40;

/** The place of a finding as text, before what it says. */
const placed = ({ where, message }: Pick<Finding, 'where' | 'message'>): string =>
  where === undefined ? message : `${where.file}${where.line === undefined ? '' : `:${where.line}`}: ${message}`;

/**
 * Collects a judgement. A step that proves nothing and finds nothing does not pass: the engine turns it into
 * the finding `nothing-asserted`.
 */
export class Judge<P extends Problems> {
  readonly #problems: P;
  readonly #judgement: Judgement = { proofs: [], findings: [], facts: {}, tables: [] };
  readonly #causes = new Map<string, { finding: Finding; message: string; places: string[] }>();
  #weighty = 0;

  constructor(problems: P) {
    this.#problems = problems;
  }

  /** An assertion was evaluated and held. */
  prove(text: string): this {
    this.#judgement.proofs.push(text);
    return this;
  }

  /** A finding of one of the step's declared kinds. */
  find(code: keyof P & string, message: string, options: FailOptions = {}): this {
    const problem = this.#problems[code];
    if (!problem) throw new Error(`undeclared finding code ${code}`);
    const { where, subject, detail, cause, until } = options;
    const finding: Finding = {
      code,
      level: options.level ?? problem.level,
      message,
      hint: options.hint ?? problem.hint,
      ...(where && { where }),
      ...(subject !== undefined && { subject }),
      ...(detail !== undefined && { detail: detail.slice(0, 4000) }),
      ...(until !== undefined && { until }),
    };
    if (finding.level !== 'note') this.#weighty++;
    if (cause === undefined || !this.#joins(finding, cause)) this.#judgement.findings.push(finding);
    return this;
  }

  /** Adds it to the finding of the same code, level and cause. @returns false where it is the first of its cause */
  #joins(finding: Finding, cause: string): boolean {
    const key = [finding.code, finding.level, cause].join('\0');
    const known = this.#causes.get(key);
    if (!known) {
      this.#causes.set(key, { finding, message: finding.message, places: [placed(finding)] });
      return false;
    }
    const place = placed(finding);
    if (known.places.includes(place)) return true;
    known.places.push(place);
    const more = known.places.length - listed;
    known.finding.message = `${known.message} (and ${known.places.length - 1} more of this cause)`;
    known.finding.detail = [...known.places.slice(0, listed), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
    // A waiver that names one subject is no waiver of the others.
    if (known.finding.subject !== finding.subject) delete known.finding.subject;
    return true;
  }

  /** A finding that somebody else made: a check of the repository's own. */
  adopt(finding: Finding): this {
    this.#judgement.findings.push({
      ...finding,
      ...(finding.detail !== undefined && { detail: finding.detail.slice(0, 4000) }),
    });
    return this;
  }

  /** `holds` ? prove(text) : find(code, message, options) */
  check(holds: boolean, proof: string, code: keyof P & string, message: string, options?: FailOptions): this {
    return holds ? this.prove(proof) : this.find(code, message, options);
  }

  fact(name: string, value: FactValue, unit?: string): this {
    this.#judgement.facts[name] = value;
    if (unit !== undefined) this.#judgement.units = { ...this.#judgement.units, [name]: unit };
    return this;
  }

  table(title: string, columns: string[], rows: string[][], plot?: Plot): this {
    this.#judgement.tables.push({ title, columns, rows, ...(plot && { plot }) });
    return this;
  }

  pending(reason: string): this {
    this.#judgement.pending = reason;
    return this;
  }

  confirmed(confirmation: Confirmation): this {
    this.#judgement.confirmation = confirmation;
    return this;
  }

  reduced(standIn: string): this {
    this.#judgement.reduced = standIn;
    return this;
  }

  /** How often something that weighs more than a note was found, before findings of one cause became one. */
  get weighty(): number {
    return this.#weighty;
  }

  get findings(): readonly Finding[] {
    return this.#judgement.findings;
  }

  done(): Judgement {
    return this.#judgement;
  }
}
