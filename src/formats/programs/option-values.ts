/** The values of `--name V`, `--name=V`, `-n V`. */
export function optionValues(words: readonly string[], names: readonly string[]): string[] {
  return words.flatMap((word, n) => {
    const at = word.indexOf('=');
    if (at > 0 && names.includes(word.slice(0, at))) return [word.slice(at + 1)];
    return names.includes(word) && words[n + 1] !== undefined ? [words[n + 1] ?? ''] : [];
  });
}
