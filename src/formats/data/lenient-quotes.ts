/** A quoted scalar that begins in this line and does not end in it: what stands before the quote, the quote, and the rest. */
const opener = /^( *(?:- +)*(?:(?:"[^"]*"|'[^']*'|[^\s"'#[{|>][^#"']*?):\s+)?)(["'])(.*)$/;
const ends: Record<string, RegExp> = { '"': /^(?:[^"\\]|\\.)*"/, "'": /^(?:[^']|'')*'(?!')/ };

/**
 * The text with the later lines of quoted scalars pushed in below their key, line for line. YAML asks for that; libyaml and Go's
 * library, which Prometheus and Compose read with, do not, and the folded value is the same.
 */
export function quotedLinesIndented(text: string): string {
  let open = '';
  let depth = 0;
  return text
    .split('\n')
    .map((line) => {
      if (open === '') {
        const [, before = '', quote = '', rest = ''] = opener.exec(line) ?? [];
        if (quote === '' || ends[quote]?.test(rest) === true) return line;
        open = quote;
        depth = /^ */.exec(before)?.[0].length ?? 0;
        return line;
      }
      const closes = ends[open]?.test(line) === true;
      if (closes) open = '';
      return line.trim() === '' ? line : `${' '.repeat(depth + 4)}${line}`;
    })
    .join('\n');
}
