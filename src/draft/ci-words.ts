/** Values of a matrix that are versions of a language: of several, one is drafted. */
const isVersion = (value: string): boolean =>
  /^(?:py|cp|pypy-?|graalpy-?|node|go|v|ruby-?|jruby-?)?\d+(?:\.[\dx]+)*(?:-?(?:t|dev|rc\d*|nightly|lts))?$|^(?:latest|stable|current|beta|nightly|lts(?:\/\*|\/-1)?)$/i.test(
    value,
  );

/** The values for which a check is drafted: of versions the newest that is a plain number, of anything else all. */
export function valuesFor(list: readonly string[]): readonly string[] {
  if (list.length < 2 || !list.every(isVersion)) return list;
  const stable = list.find((one) => /^(?:stable|lts(?:\/\*)?)$/.test(one));
  if (stable !== undefined) return [stable];
  const plain = list.filter((one) => /^[\d.]+$/.test(one));
  const newest = (plain.length > 0 ? plain : [...list]).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return newest.slice(-1);
}

/**
 * The words of a check without what is there for CI alone: the share of one of several machines (`--shard`), the commits
 * between which only what was affected is checked, and that tox has installed the package in a call before. A release checks all.
 */
export function wholeOf(words: readonly string[]): string[] {
  const nx = words.indexOf('nx');
  const affected = nx >= 0 && words[nx + 1] === 'affected';
  const dropped = affected ? /^--(?:shard|base|head|parallel)$/ : nx >= 0 ? /^--(?:shard|base|head)$/ : /^--shard$/;
  const found: string[] = [];
  for (let n = 0; n < words.length; n++) {
    const word = words[n] ?? '';
    if (dropped.test(word)) n++;
    else if (word !== '--skip-pkg-install' && !dropped.test(word.replace(/=.*$/s, '')))
      found.push(affected && n === nx + 1 ? 'run-many' : word);
  }
  return found.at(-1) === '--' ? found.slice(0, -1) : found;
}
