import { withoutCommands } from '../core/words.ts';
import { neutral } from '../evidence/redact.ts';

/** Text that cannot break out of its place: Markdown's own characters escaped, one line. */
export function escapeText(text: string): string {
  return neutral(text)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\\`*_[\]<>|~#]/g, (char) => `\\${char}`)
    .replace(/&/g, '&amp;')
    .replace(/:\/\//g, ':\u200b//');
}

/** A code span that holds any text, also back-ticks and pipes. */
export function codeSpan(text: string): string {
  const line = neutral(text)
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|');
  const runs = line.match(/`+/g) ?? [];
  const ticks = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return line === '' ? '' : `${ticks}${pad}${line}${pad}${ticks}`;
}

/** A fence that no line of the text can close. */
export function fence(output: string): string[] {
  const text = withoutCommands(neutral(output));
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return [`${ticks}text`, text.trimEnd(), ticks];
}

const row = (cells: string[]): string => `| ${cells.join(' | ')} |`;

export function table(columns: string[], rows: string[][]): string[] {
  return [row(columns), row(columns.map(() => '---')), ...rows.map(row)];
}
