import type { Where } from '../../../core/finding.ts';
import type { FailOptions } from '../../../core/judgement.ts';
import type { KnownMetrics } from '../../prometheus/known-metrics.ts';
import type { Use } from '../board-model.ts';
import type { JudgedBoard } from './judged.ts';
import type { boardProblems, BoardJudge } from './problems.ts';
import type { ProvisionedSource } from './sources.ts';

export interface SeenBoard {
  file: string;
  sha256: string;
  board: JudgedBoard;
  /** Of a file of one line, of which every "line" is a column: what stands there, as a JSON path. */
  paths?: Record<string, string>;
}

/** Where a line of a dashboard is. */
export const placeIn = ({ file, paths }: Pick<SeenBoard, 'file' | 'paths'>, line: number): Where =>
  paths ? { file, line: 1, col: line } : { file, line };

/** Does a provider of Grafana's load the file? */
export type Loads = 'yes' | 'no' | 'unknown';

/** What one dashboard's checks need beside it. */
export interface Around {
  known: KnownMetrics;
  /** undefined: no provisioning was given. */
  sources: readonly ProvisionedSource[] | undefined;
  /** Metrics that could not be judged, gathered over all dashboards. */
  unknown: Set<string>;
  /** Some query of the dashboards is written in MetricsQL, VictoriaMetrics's language. */
  metricsQl: boolean;
  /** Queries that could not be judged, and why, gathered over all dashboards. */
  undecided: Set<string>;
  loads: Loads;
  /** A provider of dashboards is known. */
  provided: boolean;
  /** Where links can lead: the dashboards of the repository. */
  links: { uids: ReadonlySet<string>; tags: ReadonlySet<string> };
  /** Nothing of the repository gives dashboards to the Grafana that it starts: each is imported by hand. */
  onlyImported: boolean;
  /** A jsonnet program of the repository reads the file, and adds to it. */
  isTemplate: boolean;
  /** Inputs of the import dialogue that a script fills in. */
  filledInputs: readonly string[];
}

type Code = keyof typeof boardProblems;

/** More queries of one dashboard than this do not each have a mistake of their own. */
const maxUnparsed = 8;

/** What is said of one dashboard: each thing once, with the file, the line and the panel's title. */
export class BoardFindings {
  readonly #j: BoardJudge;
  readonly #seen: SeenBoard;
  readonly #around: Around;
  readonly #said = new Set<string>();
  readonly #unparsed: { panel: string; line: number; message: string; options: FailOptions }[] = [];
  readonly #undeclared = new Map<string, { panel: string; line: number; message: string; place: Use['place'] }[]>();

  constructor(j: BoardJudge, seen: SeenBoard, around: Around) {
    this.#j = j;
    this.#seen = seen;
    this.#around = around;
  }

  /** @param shared dashboards that have the cause in common have it from one place */
  find = (
    code: Code,
    panel: string,
    line: number,
    message: string,
    { shared = false, ...options }: FailOptions & { shared?: boolean } = {},
  ): void => {
    const path = this.#seen.paths?.[line] ?? '';
    const text = `${panel === '' ? '' : `${panel}: `}${message}${path === '' ? '' : ` (${path})`}`;
    const key = `${code} ${text}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#j.find(code, text, {
      subject: panel || this.#seen.board.title,
      where: placeIn(this.#seen, line),
      ...options,
      // What two dashboards have in common may have two causes.
      ...(options.cause !== undefined && !shared && { cause: `${this.#seen.file} ${options.cause}` }),
    });
  };

  /** A query that is no query of its language. */
  unparsed(panel: string, line: number, message: string, options: FailOptions): void {
    this.#unparsed.push({ panel, line, message, options });
  }

  /** One finding for each query that does not parse; where a dashboard has many, one for all of them: they have one cause. */
  sayUnparsed(): void {
    const [first] = this.#unparsed;
    if (first === undefined) return;
    if (this.#unparsed.length <= maxUnparsed)
      for (const { panel, line, message, options } of this.#unparsed)
        this.find('bad-expression', panel, line, message, options);
    else
      this.find(
        'bad-expression',
        first.panel,
        first.line,
        `${first.message}; ${this.#unparsed.length} queries do not`,
        {
          ...first.options,
          detail: this.#unparsed
            .slice(0, 100)
            .map(({ panel, line, message }) => `${this.#seen.file}:${line} ${panel}: ${message}`)
            .join('\n'),
        },
      );
  }

  missing(name: string, panel: string, line: number, message: string, place: Use['place']): void {
    const uses = this.#undeclared.get(name) ?? [];
    uses.push({ panel, line, message, place });
    this.#undeclared.set(name, uses);
  }

  /** One finding for each variable that is not declared, with the places below. */
  sayMissing(): void {
    const level = this.#around.isTemplate ? 'note' : undefined;
    for (const [name, uses] of this.#undeclared) {
      const [first] = uses.filter((use) => use.place === 'query' || use.place === 'variable');
      const shown = first ?? uses.find((use) => use.place === 'text') ?? uses[0];
      if (!shown) continue;
      const others = new Set(uses.map((use) => use.panel).filter((panel) => panel !== shown.panel));
      const list = [...others].slice(0, 5).join(', ');
      const more =
        others.size === 0 ? '' : `; the same in ${list}${others.size > 5 ? ` and ${others.size - 5} more` : ''}`;
      this.find('variable-undeclared', shown.panel, shown.line, `${shown.message}${more}`, {
        level: level ?? (this.#around.filledInputs.includes(name) ? 'note' : first ? undefined : 'warning'),
      });
    }
  }

  /** An input that the import dialogue asks for: a fault of what is provisioned, and of nothing else. */
  unfilled(name: string, line: number, message: string): void {
    const { sources, filledInputs, loads, onlyImported } = this.#around;
    if (loads === 'no') return;
    // Without a provider and data sources to go by, it may be meant for that dialogue.
    const surely = loads === 'yes' && sources !== undefined && !onlyImported && !filledInputs.includes(name);
    this.find('inputs-unfilled', '', line, message, { level: surely ? undefined : 'note', cause: name, shared: true });
  }
}
