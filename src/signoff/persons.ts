import type { Signer } from './signers.ts';

/**
 * Letters of other scripts that look like Latin ones (lower case), of Unicode's confusables.txt
 * (https://www.unicode.org/Public/security/latest/confusables.txt), Cyrillic, Greek, Armenian and Latin letters without a dot.
 */
const lookAlikes: Readonly<Record<string, string>> = Object.fromEntries(
  'аa ԁd еe һh іi ӏl јj кk оo рp ԛq ѕs сc уy ԝw хx вb нh мm тt гr зz ьb αa βb γy εe ηn ιi κk νv οo ρp σo τt υu χx ϲc ϳj ոn սu օo ցg հh ӕæ ıi ȷj ɡg ɑa ɩi ʏy ᴀa ᴄc ᴇe ᴏo ᴜu ᴠv ᴡw ᴢz'
    .split(' ')
    .map((pair) => [pair.slice(0, 1), pair.slice(1)]),
);
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

/**
 * A name as far as it tells one person from another: not by case, width, accents that are composed or not, look-alikes of other
 * scripts, a trailing dot, or what stands behind a `+` in an address.
 */
export function folded(name: string): string {
  const plain = name
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\p{Cf}]/gu, '')
    .replace(/\.+(?=@|$)/g, '')
    .replace(/\+[^@]*(?=@)/, '');
  return Array.from(plain, (letter) => lookAlikes[letter] ?? letter).join('');
}

/** Who is one person: the names of one line, and lines that have a name or a key in common. */
export class Persons {
  readonly #above = new Map<string, string>();

  constructor(signers: readonly Signer[]) {
    for (const { principals, key } of signers)
      for (const name of principals) this.#join(`name ${folded(name)}`, `key ${key.fingerprint}`);
  }

  /** The same text for every name of one person. */
  of(name: string): string {
    return this.#root(`name ${folded(name)}`);
  }

  #join(a: string, b: string): void {
    const [from, to] = [this.#root(a), this.#root(b)];
    if (from !== to) this.#above.set(from, to);
  }

  #root(one: string): string {
    let at = one;
    for (let above = this.#above.get(at); above !== undefined; above = this.#above.get(at)) at = above;
    return at;
  }
}
