/** The lines of a unit, those that go on joined. */
export const joinedLines = (text: string): { text: string; line: number }[] => {
  const found: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [n, line] of text.split('\n').entries()) {
    if (/^\s*#/.test(line)) continue;
    if (open) open.text += ` ${line.replace(/\\\s*$/, '')}`;
    else open = { text: line.replace(/\\\s*$/, ''), line: n + 1 };
    if (!/\\\s*$/.test(line)) {
      found.push(open);
      open = undefined;
    }
  }
  return found;
};

/** Templates of Helm are read with their actions as unknown values. */
export const withoutTemplates = (text: string): string =>
  text.replace(/^[ \t]*\{\{-?.*-?\}\}[ \t]*$/gm, '').replace(/\{\{.*?\}\}/g, '$TEMPLATE');
