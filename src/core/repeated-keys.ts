/**
 * Keys that stand twice in one object of a JSON text: readers take the first, the last or none of them (RFC 8259, 4), so that what
 * stands there is not one value. The text must parse.
 */
export function repeatedKeys(text: string): Set<string> {
  const repeated = new Set<string>();
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const key = JSON.parse(last) as string;
      const keys = open.at(-1);
      if (keys?.has(key) === true) repeated.add(key);
      keys?.add(key);
    }
    last = token;
  }
  return repeated;
}

/** @throws Error with words for people where a key stands twice in one object of a JSON text, which must parse */
export function onceOnly(text: string): void {
  const [twice] = repeatedKeys(text);
  if (twice !== undefined) throw new Error(`the key ${JSON.stringify(twice)} appears twice in one object`);
}
