import { domainToUnicode } from 'node:url';
import type { Signer } from './signers.ts';

/**
 * Letters of other scripts that look like Latin ones (lower case), of Unicode's confusables.txt
 * (https://www.unicode.org/Public/security/latest/confusables.txt), Cyrillic, Greek, Armenian, Latin letters without a dot, and digits.
 */
const lookAlikes: Readonly<Record<string, string>> = Object.fromEntries(
  'аa ԁd еe һh іi ӏl јj кk оo рp ԛq ѕs сc уy ԝw хx вb нh мm тt гr зz ьb αa βb γy εe ηn ιi κk νv οo ρp σo τt υu χx ϲc ϳj ոn սu օo ցg հh ӕæ ıi ȷj ɡg ɑa ɩi ʏy ᴀa ᴄc ᴇe ᴏo ᴜu ᴠv ᴡw ᴢz 1l 0o'
    .split(' ')
    .map((pair) => [pair.slice(0, 1), pair.slice(1)]),
);

/**
 * A name as far as it tells one person from another: not by case, width, accents that are composed or not, look-alikes of other
 * scripts, the ASCII form of a host's name, a trailing dot, or what stands behind a `+` in an address.
 */
export function folded(name: string): string {
  const plain = name
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\p{Cf}]/gu, '')
    .replace(/\.+(?=@|$)/g, '')
    .replace(/\+[^@]*(?=@)/, '')
    .replace(/(?<=@).*xn--.*$/, (host) => domainToUnicode(host) || host);
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
