import { escapeRegex } from '../core/patterns.ts';
import { posix } from 'node:path';
import { publishedPorts } from '../formats/compose/ports.ts';
import { textOf } from '../formats/data/json-parts.ts';
import { doubt, holds, isAdvice, once, spokenLines, type Claim, type Reading } from './reading.ts';

/** What the Compose files say of a service, under each name that a document may call it by. */
interface Service {
  name: string;
  published: string[];
  /** All that is written of it. */
  text: string;
}

const services = once(async (sources): Promise<Map<string, Service[]>> => {
  const found = new Map<string, Service[]>();
  const add = (key: string, service: Service): void => {
    if (key.length > 3) found.set(key, [...(found.get(key) ?? []), service]);
  };
  for (const [, file] of await sources.composeFiles())
    for (const [name, own] of Object.entries(file.services)) {
      const service = {
        name,
        published: [...publishedPorts(own).values()].filter((port) => /^\d+$/.test(port)),
        text: JSON.stringify(own),
      };
      const image = posix.basename(textOf(own['image']).replace(/[@:][^/]*$/, ''));
      for (const key of new Set([name, textOf(own['container_name']), image])) add(key.toLowerCase(), service);
    }
  // The last word of a name that no other service ends in: "the collector".
  const ends = Map.groupBy([...found.keys()], (key) => key.split(/[-_]/).at(-1) ?? '');
  for (const [end, keys] of ends)
    if (keys.length === 1 && end.length > 6 && !found.has(end)) found.set(end, found.get(keys[0] ?? '') ?? []);
  return found;
});

/** Does its code speak of ports at all? */
const listensItself = once(async (sources): Promise<boolean> =>
  [...(await sources.matching(/\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|toml|ya?ml)$/)).values()].some((text) =>
    /\b(?:listen|bind|port)s?\b/i.test(text),
  ),
);

const listens =
  /\b(?:listen(?:s|ing)? (?:on|at)\b[^.;|\d]{0,24}\b(?:port )?|(?:metrics|server|service|api|endpoint|dashboard|ui)\b[^.;|\d]{0,16}\b(?:served|exposed|available|reachable) (?:on|at|via)\b[^.;|\d]{0,12}\bport )(\d{4,5})\b(?!\s?(?:ms|s|[KMG]i?B|\w*\/))/gi;

/** Ports that a sentence or a row gives a service of the Compose files, and that nothing of the service names; and ports that the sources do not know. */
export async function serviceClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const known = await services(sources);
  const whole = parsed.fences.map(({ text }) => text).join('\n');
  const judge = (key: string, port: string, line: number): void => {
    const meant = known.get(key.toLowerCase()) ?? [];
    const published = [...new Set(meant.flatMap((one) => one.published))];
    if (published.length === 0) return;
    const word = new RegExp(`(?<!\\d)${port}(?!\\d)`);
    // What a command of the document forwards or sets is there as well.
    if (word.test(whole)) return;
    const text = `port ${port} of ${key.toLowerCase()}`;
    claims.push({
      kind: 'value',
      line,
      text,
      ...(meant.some((one) => word.test(one.text))
        ? holds('the Compose files say so')
        : doubt(`the Compose files publish ${meant[0]?.name} at ${published.join(', ')}`, 'correct the port')),
    });
  };
  for (const { header, rows } of parsed.tables) {
    const at = header.findIndex((head) => /^\W*(?:host |published |external )?ports?\W*$/i.test(head));
    if (at < 0) continue;
    for (const { cells, line } of rows) {
      const key = cells.map((cell) => cell.replace(/[`*]/g, '').trim().toLowerCase()).find((cell) => known.has(cell));
      if (key === undefined || !/^[\W\d]*(?:tcp|udp|\W|\d)*$/i.test(cells[at] ?? '')) continue;
      for (const [port] of (cells[at] ?? '').matchAll(/(?<!\d)\d{2,5}(?!\d)/g)) judge(key, port, line);
    }
  }
  const names = [...known.keys()].map((one) => escapeRegex(one)).join('|');
  const beside = new RegExp(
    String.raw`(?<![\w-])(${names})(?![\w-])(?:[^.;|\d]{0,24}\b(?:on|at|its)?\s*port\s+|\s*\(:?)(\d{2,5})\b(?!\s?(?:ms|s|%|[KMG]i?B))`,
    'gi',
  );
  for (const { line, text: raw } of spokenLines(parsed)) {
    const text = raw.replace(/`/g, '');
    if (/^\s*\|/.test(text)) continue;
    if (names !== '')
      for (const { 0: all, 1: key = '', 2: port = '', index } of text.matchAll(beside))
        if (
          !isAdvice(text, index) &&
          // "Kafka UI (port 8080)" is another service, "Go + Redis (port 8002)" is made with it, and of "… scrapes x, exposes it on
          // port 9090" what is exposed stands before.
          !/\b(?:it|them|metrics|endpoint|format|ui|admin|console|manager|commander|insight|exporter|dashboard)\b/i.test(
            all.slice(key.length),
          ) &&
          !/[+&/]\s*$/.test(text.slice(0, index)) &&
          (port.length > 3 || /port/i.test(text))
        )
          judge(key, port, line);
    for (const { 0: all, 1: port = '', index } of text.matchAll(listens)) {
      if (claims.some((one) => one.line === line && one.text.includes(port))) continue;
      if (
        isAdvice(text, index) ||
        !sources.whole ||
        !(await listensItself(sources)) ||
        new RegExp(`(?<!\\d)${port}(?!\\d)`).test(whole)
      )
        continue;
      const word = new RegExp(`(?<!\\d)${port.split('').join('_?')}(?!\\d)`);
      const isThere = [...(await sources.texts()).values()].some((one) => word.test(one));
      const seen = 'no code or configuration of the repository has this port';
      claims.push({
        kind: 'value',
        line,
        text: all,
        ...(isThere ? holds('the repository names it') : doubt(seen, 'write the port that it listens on')),
      });
    }
  }
  return claims;
}
