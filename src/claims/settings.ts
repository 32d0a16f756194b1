import { excuseOf } from '../formats/documents/path-text.ts';
import { escapeRegex } from '../core/patterns.ts';
import type { Claim } from './claim.ts';
import { doubt, holds } from '../formats/documents/verdict.ts';
import type { Reading } from './reading.ts';

const said =
  /`([A-Za-z][\w.-]{3,})`\s+(?:is|are)\s+(?:currently\s+)?(?:set|configured|limited|fixed)?\s*(?:to|at)?\s+`?(\d[\w.]*)`?(?=[\s,.;)]|$)|`([A-Za-z][\w.-]{3,})\s*[=:]\s*(\d[\w.]*)`/g;

/** Settings that a document gives a value: does a Compose file give them another one, in a command or in the environment? */
export async function settingClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const files = await sources.matching(/(?:^|[./-])compose[\w.-]*\.ya?ml$/);
  if (files.size === 0) return [];
  const envFiles = await sources.matching(/(?:^|\/)[\w.-]*\.env[\w.-]*$/);
  for (const [n, line] of parsed.prose.entries()) {
    for (const match of line.matchAll(said)) {
      const [, named, given, own, value] = match;
      const name = named ?? own ?? '';
      const wanted = (given ?? value ?? '').replace(/\.$/, '');
      if (!/[_.-]/.test(name) || excuseOf(line, '') !== undefined) continue;
      const setting = new RegExp(`(?<![\\w-])-{0,2}${escapeRegex(name)}\\s*[=:]\\s*["']?([\\w.]+)`, 'g');
      const found = new Map<string, string>();
      for (const [file, text] of files)
        for (const [, is = ''] of text.replace(/#.*$/gm, '').matchAll(setting)) if (/^\d/.test(is)) found.set(is, file);
      if (found.size === 0) continue;
      // Handed on from an env file to other services.
      const handedOn = new RegExp(`^\\s*-\\s*["']?${escapeRegex(name)}["']?\\s*$|\\$\\{?${escapeRegex(name)}\\b`, 'm');
      if ([...files.values()].some((text) => handedOn.test(text)))
        for (const [file, text] of envFiles) for (const [, is = ''] of text.matchAll(setting)) found.set(is, file);
      const [[is, file] = ['', '']] = found;
      const verdict = found.has(wanted)
        ? holds(`${file} sets it so`)
        : doubt(`${file} sets ${name} to ${is}`, 'correct the document, or the Compose file');
      claims.push({ kind: 'value', line: n + 1, text: `${name} ${wanted}`, ...verdict });
    }
  }
  return claims;
}
