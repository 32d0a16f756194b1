import { objectOf } from '../formats/data/json-parts.ts';
import { locatedDocuments } from '../formats/data/yaml.ts';
import { ruleFile, type RuleFile } from '../formats/prometheus/rule-files.ts';
import { doubt, holds, once, secondsOf, type Claim, type Reading } from './reading.ts';

const rule = /^[ \t]*-?[ \t]*\{?[ \t]*["']?(?:alert|record)["']?[ \t]*:/m;
const groups = /^[ \t]*["']?groups["']?[ \t]*:/m;

/** The rule files that a ConfigMap holds. */
const inConfigMaps = (text: string): RuleFile[] =>
  locatedDocuments(text).flatMap(({ value }) => {
    const root = objectOf(value);
    return root['kind'] !== 'ConfigMap'
      ? []
      : Object.values(objectOf(root['data'])).flatMap((one) =>
          typeof one === 'string' && groups.test(one) && rule.test(one) ? [ruleFile(one)] : [],
        );
  });

/** Path → the rules of a file that Prometheus takes, or of a ConfigMap that is mounted as one. */
export const ruleFiles = once(async (sources): Promise<[string, RuleFile][]> =>
  [...(await sources.matching(/\.(?:ya?ml|rules)$/))].flatMap(([path, text]): [string, RuleFile][] => {
    if (!text.includes('groups') || !groups.test(text) || !rule.test(text)) return [];
    const all = /^kind:\s*["']?ConfigMap\b/m.test(text) ? inConfigMaps(text) : [ruleFile(text)];
    const file = { groups: all.flatMap((one) => one.groups), problems: all.flatMap((one) => one.problems) };
    return file.problems.length === 0 && all.length > 0 ? [[path, file]] : [];
  }),
);

/** Tables of groups of rules with their intervals. */
export async function groupTableClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const { header, rows } of parsed.tables) {
    const at = header.findIndex((head) => /^\W*(?:evaluation )?interval\W*$/i.test(head));
    if (at < 1 || !/group/i.test(header[0] ?? '')) continue;
    const known = (await ruleFiles(sources)).flatMap(([path, file]) =>
      file.groups.map(({ name, interval }) => ({ path, name, interval })),
    );
    for (const { cells, line } of rows) {
      const name = (cells[0] ?? '').replace(/[`*]/g, '').trim();
      const said = secondsOf(cells[at] ?? '');
      const [own, other] = known.filter((one) => one.name === name);
      const is = own?.interval === undefined ? undefined : secondsOf(own.interval);
      if (!own || other || said === undefined || is === undefined) continue;
      claims.push({
        kind: 'value',
        line,
        text: `${name}: interval ${cells[at]}`,
        ...(is === said
          ? holds(`${own.path} says so`)
          : doubt(`${own.path} has ${own.interval}`, 'correct the interval')),
      });
    }
  }
  return claims;
}
