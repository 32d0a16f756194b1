/** Lines (of Go: statements) of one source file, and how many of them ran. */
export interface FileCoverage {
  path: string;
  covered: number;
  total: number;
}

export interface Coverage {
  format: string;
  files: FileCoverage[];
}

/** Lines told more than once (a file of several classes, several reports of one run) count as run where one of them says so. */
export class LineHits {
  readonly #files = new Map<string, Map<number, boolean>>();

  /** A file that is told of, though perhaps without a line. */
  file(path: string): Map<number, boolean> {
    const known = this.#files.get(path) ?? new Map<number, boolean>();
    this.#files.set(path, known);
    return known;
  }

  hit(path: string, line: number, ran: boolean): void {
    const lines = this.file(path);
    lines.set(line, ran || lines.get(line) === true);
  }

  files(): FileCoverage[] {
    return [...this.#files].map(([path, lines]) => ({
      path,
      covered: [...lines.values()].filter(Boolean).length,
      total: lines.size,
    }));
  }
}

/** Percent of lines that ran; undefined where there is no line. */
export function percentOf(files: readonly FileCoverage[]): number | undefined {
  const total = files.reduce((sum, one) => sum + one.total, 0);
  const covered = files.reduce((sum, one) => sum + one.covered, 0);
  return total === 0 ? undefined : (100 * covered) / total;
}
