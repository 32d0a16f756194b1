import { styleText } from 'node:util';

/**
 * A reference that is written in Markdown, for a terminal: headings and code stand out, a table becomes a list whose text is broken
 * at the terminal's width.
 */
export function referenceForTerminal(markdown: string, width: number, colour: boolean): string {
  const paint = (style: 'bold' | 'cyan' | 'dim', text: string): string => (colour ? styleText(style, text) : text);
  const code = (text: string): string => text.replaceAll(/`([^`]+)`/g, (_, inner: string) => paint('cyan', inner));
  const out: string[] = [];
  let fenced = false;
  let header: string[] | undefined;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) {
      fenced = !fenced;
      continue;
    }
    if (fenced) out.push(`    ${line}`);
    else if (line.startsWith('|')) {
      const cells = line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|'));
      if (header === undefined) {
        header = cells;
        out.push(paint('bold', `${cells[0]?.replaceAll('`', '')}s`.replace(/^withs$/, 'with')));
      } else if (!/^-+$/.test(cells[0] ?? '')) out.push(...entry(cells, width, paint, code));
    } else {
      header = undefined;
      if (line.startsWith('#')) out.push(paint('bold', line.replace(/^#+ /, '').replaceAll('`', '')));
      else out.push(code(wrap(line, width).join('\n')));
    }
  }
  return out.join('\n').replaceAll(/\n{3,}/g, '\n\n');
}

/** The name, then what is said of it, indented. */
function entry(
  cells: readonly string[],
  width: number,
  paint: (style: 'bold' | 'cyan' | 'dim', text: string) => string,
  code: (text: string) => string,
): string[] {
  const [name = '', kind = '', ...rest] = cells;
  const short = rest.length > 0;
  const text = (short ? rest : [kind]).filter((part) => part !== '').join('; ');
  const lines = text === '' ? [] : wrap(text, width - 6).map((line) => `      ${line}`);
  return [`  ${code(name)}${short ? paint('dim', `  ${kind}`) : ''}`, code(lines.join('\n'))].filter(Boolean);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(30, width)) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
