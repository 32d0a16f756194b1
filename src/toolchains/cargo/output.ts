/** One diagnostic of rustc or clippy, from `--message-format=json`. */
export interface RustDiagnostic {
  level: string;
  /** `clippy::needless_return`, `dead_code`, `E0308`; empty for summaries. */
  code: string;
  message: string;
  rendered: string;
  file?: string;
  line?: number;
  col?: number;
}

export interface BuildMessages {
  diagnostics: RustDiagnostic[];
  /** Packages that were compiled or fresh: the names of their targets. */
  artifacts: number;
  /** From the closing `build-finished` message; undefined where there is none, so that a cut stream is not a success. */
  success: boolean | undefined;
}

interface Raw {
  reason?: string;
  success?: boolean;
  message?: {
    level?: string;
    message?: string;
    rendered?: string;
    code?: { code?: string } | null;
    spans?: { file_name?: string; line_start?: number; column_start?: number; is_primary?: boolean }[];
  };
}

/** Reads cargo's JSON lines (cargo 1.95: one object a line, ending in `build-finished`; other lines are passed over). */
export function parseBuildMessages(text: string): BuildMessages {
  const found: BuildMessages = { diagnostics: [], artifacts: 0, success: undefined };
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('{')) continue;
    let raw: Raw;
    try {
      raw = JSON.parse(line) as Raw;
    } catch {
      continue;
    }
    if (raw.reason === 'compiler-artifact') found.artifacts++;
    if (raw.reason === 'build-finished') found.success = raw.success === true;
    const m = raw.message;
    if (raw.reason !== 'compiler-message' || !m) continue;
    const span = m.spans?.find((s) => s.is_primary) ?? m.spans?.[0];
    const diagnostic: RustDiagnostic = {
      level: m.level ?? '',
      code: m.code?.code ?? '',
      message: m.message ?? '',
      rendered: m.rendered ?? '',
      ...(span?.file_name !== undefined && { file: span.file_name }),
      ...(span?.line_start !== undefined && { line: span.line_start }),
      ...(span?.column_start !== undefined && { col: span.column_start }),
    };
    // The same source is compiled as library and as test: say it once.
    const key = `${diagnostic.code}|${diagnostic.message}|${diagnostic.file}|${diagnostic.line}|${diagnostic.col}`;
    if (seen.has(key) || (diagnostic.file === undefined && diagnostic.code === '')) continue;
    seen.add(key);
    found.diagnostics.push(diagnostic);
  }
  return found;
}

export interface TestCounts {
  /** Suites that reported, and those that cargo announced. */
  suites: number;
  announced: number;
  /** Result lines that belong to no suite: of programs that tests started. */
  foreign: number;
  /** Suites with tests that began and said no result. */
  unended?: number;
  /** Announced suites with a `main` of their own, whose output counts nothing. */
  unharnessed: string[];
  /** Every count belongs to an announced suite. */
  certain: boolean;
  /** Tests that the binaries list; asked where the counts are not certain. */
  listed?: number;
  passed: number;
  failed: number;
  ignored: number;
  filtered: number;
  failures: { name: string; where?: { file: string; line: number; col: number } }[];
  ignoredNames: string[];
}

/** Files and lines at which `cargo fmt -- --check` would change something. */
export function parseFmtDiff(text: string): { file: string; line: number }[] {
  return [...text.matchAll(/^Diff in (.+?)(?: at line |:)(\d+):?\s*$/gm)].map(([, file = '', line]) => ({
    file,
    line: Number(line),
  }));
}

/** Does cargo's output say that a dependency could not be fetched? */
export const isUnfetched = (text: string): boolean =>
  /failed to (?:download|fetch|get)|could not resolve host|no matching package named .* found.*offline/is.test(text);
