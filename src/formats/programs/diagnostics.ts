import { jsonOf, listOf, objectOf, textOf } from '../data/json-parts.ts';

/** What a linter or compiler says of one place. */
export interface Diagnostic {
  /** As the program names it. */
  file: string;
  line: number | undefined;
  col: number | undefined;
  text: string;
  weighs: boolean;
}

// `a/b.py:3:1: F401 …`, `./main.go:3:2: …`, `a.ts(3,5): error TS2322: …`; Windows' drive letters are not met.
const places =
  /^(?:vet: )?(?<file>[^\s:()][^:()]*)(?::(?<line>\d+)(?::(?<col>\d+))?:?|\((?<row>\d+),(?<column>\d+)\):)\s+(?<text>\S.*)$/;
// eslint-disable-next-line no-control-regex
const colours = /\u001B\[[\d;]*m/g;

/** Reads the lines that begin with a place. Lines of a note belong to the one before; `DL3015 info` is advice of hadolint's. */
export const readDiagnostics = (output: string): Diagnostic[] =>
  output
    .replaceAll(colours, '')
    .split('\n')
    .flatMap((raw) => {
      const { file, line, col, row, column, text } = places.exec(raw.trimEnd())?.groups ?? {};
      if (file === undefined || text === undefined || /^note\b|^: # |^[A-Z]{2}\d{4} (?:info|style)\b/.test(text))
        return [];
      const number = (one: string | undefined): number | undefined => (one === undefined ? undefined : Number(one));
      return [
        {
          file,
          line: number(line ?? row),
          col: number(col ?? column),
          text,
          weighs: !/^(?:[A-Z]{2}\d{4} )?warning\b/.test(text),
        },
      ];
    });

/** Reads `eslint --format json`, which also names the files without a finding; undefined where it is none. */
export function readEslint(output: string): { diagnostics: Diagnostic[]; files: number; paths: string[] } | undefined {
  const parsed = jsonOf(output);
  if (!Array.isArray(parsed)) return undefined;
  const files = parsed.map(objectOf);
  return {
    files: files.length,
    paths: files.map((one) => textOf(one['filePath'])),
    diagnostics: files.flatMap((one) =>
      listOf(one['messages'])
        .map(objectOf)
        .map((message) => ({
          file: textOf(one['filePath']),
          line: Number(message['line']) || undefined,
          col: Number(message['column']) || undefined,
          text: `${textOf(message['ruleId'])} ${textOf(message['message'])}`.trim(),
          weighs: message['severity'] === 2,
        })),
    ),
  };
}
