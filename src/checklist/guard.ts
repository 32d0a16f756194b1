import { exit, UserError } from '../core/errors.ts';

/** Keys of one mapping: `yaml` compares each with each, so a mapping of 40,000 keys takes 15 s (measured); more is refused before. */
const maxKeys = 2000;
const maxDepth = 64;

/** Linear checks on the raw text, before a parser that is quadratic in the bad cases sees it. @throws UserError 65 */
export function guard(path: string, text: string): void {
  const refuse = (message: string, line: number): never => {
    throw new UserError(exit.invalid, `${path} is not a valid checklist: 1 problem`, {
      diagnostics: [{ message, file: path, line, col: 1 }],
    });
  };
  const keys = new Map<number, number>();
  let n = 0;
  for (const line of text.split('\n')) {
    n++;
    if (n > 400_000) refuse('more than 400,000 lines', n);
    // A comment is no collection, whatever it quotes.
    if (/^\s*#/.test(line)) continue;
    const indent = line.length - line.trimStart().length;
    for (const level of keys.keys()) if (level > indent) keys.delete(level);
    if (/^\s*(?:- )?[^\s#-][^:]*:(?:\s|$)/.test(line)) {
      const opens = line.trimStart().startsWith('- ');
      if (opens) keys.delete(indent + 2);
      const level = opens ? indent + 2 : indent;
      const count = (keys.get(level) ?? 0) + 1;
      keys.set(level, count);
      if (count > maxKeys) refuse(`a mapping with more than ${maxKeys} keys`, n);
    }
    if (indent > maxDepth * 4) refuse(`nested deeper than ${maxDepth} levels`, n);
    let open = 0;
    let commas = 0;
    for (const char of line) {
      if (char === '[' || char === '{') open++;
      if (char === ',') commas++;
    }
    if (open > maxDepth || (commas > maxKeys && open > 0))
      refuse('a flow collection that is nested too deep or too long', n);
  }
}
