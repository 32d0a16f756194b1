const scripts = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Coptic'].map(
  (name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const,
);

/** Why a name cannot be told from another by looking at it; undefined where it can. */
export function deceptive(name: string): string | undefined {
  const hidden = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/u.exec(name)?.[0];
  if (hidden !== undefined)
    return `holds a character that cannot be seen (U+${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')})`;
  if (/\p{White_Space}/u.test(name)) return 'holds a blank';
  for (const word of name.normalize('NFKC').split(/[^\p{L}\p{M}]+/u)) {
    const mixed = scripts.filter(([, script]) => script.test(word)).map(([script]) => script);
    if (mixed.length > 1) return `mixes letters of ${mixed.join(' and ')} in one word (${word})`;
  }
  return undefined;
}
