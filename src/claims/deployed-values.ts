import type { Sources } from '../repository/sources.ts';
import { labelAbove } from '../formats/documents/surroundings.ts';
import { doubt, holds, isAdvice, secondsOf, spokenLines, wrong, type Claim, type Reading } from './reading.ts';
import { deployed, plain, time, yaml, type Deployed } from './deployed-kinds.ts';

const refresh = {
  files: /\.json$/,
  holds: /"schemaVersion"|"panels"/,
  written: /"refresh"\s*:\s*"(\d+\w+)"/g,
  value: secondsOf,
};
/** The kinds of values that Grafana and its dashboards have. */
const ofBoards: readonly Deployed[] = [
  {
    what: 'refresh of a dashboard',
    said: [
      new RegExp(
        String.raw`\bdashboards?\b[^.;|]{0,30}?\b(?:auto-?)?refresh(?:es|ed)?\b[^.;|]{0,12}?\bevery ${time}`,
        'i',
      ),
    ],
    ...refresh,
  },
  {
    what: 'refresh of the dashboards',
    about: /dashboard|grafana/i,
    said: [
      new RegExp(
        String.raw`^\W*(?:[\w-]+ )?(?:auto-?)?refresh(?: rate| interval)?\b\W{1,4}(?:is |every )?${time}`,
        'i',
      ),
    ],
    ...refresh,
  },
  {
    what: 'time range of the dashboards',
    about: /dashboard|grafana/i,
    said: [
      new RegExp(String.raw`\b(?:default|time)(?: time)? range\b\W{0,4}(?:is |of )?(?:the )?(?:last )?${time}`, 'i'),
    ],
    files: /\.json$/,
    holds: /"schemaVersion"/,
    written: /"from"\s*:\s*"now-(\w+)"/g,
    value: secondsOf,
  },
  {
    what: 'password of Grafana’s admin',
    secret: true,
    about: /grafana/i,
    said: [
      /\bgrafana\b[^.;|]{0,60}?[\s(`"]admin`?\s?\/\s?`?([\w!@#-]{3,30})/i,
      /\bgrafana\b.{0,80}?\b(?:user(?:name)?|login)\b\W{1,4}admin\b.{0,20}?\bpassword\b\W{1,4}(?:is )?([\w!@#-]{3,30})/i,
    ],
    files: /\.(?:ya?ml|env|ini)$|(?:^|\/)\.env[\w.-]*$/,
    written:
      /\b(?:GF_SECURITY_ADMIN_PASSWORD|adminPassword)["']?\s*[:=]\s*["']?((?:\$\{\w+:?-)?[^\s"'${}]+\}?)(?=["'\s]|$)/gm,
    value: (text) => plain(text).replace(/^\$\{\w+:?-([^}]*)\}$/, '$1'),
  },
];

/** Files of tests and of examples say nothing of what is deployed. */
const isAside = /(?:^|\/)(?:tests?|testdata|fixtures?|node_modules)\//;

const known = new WeakMap<Sources, Map<Deployed, Promise<Map<number | string, string>>>>();

/** What the files of a repository have, read once for all its documents. */
function valuesOf(sources: Sources, one: Deployed): Promise<Map<number | string, string>> {
  const all = known.get(sources) ?? new Map<Deployed, Promise<Map<number | string, string>>>();
  known.set(sources, all);
  const values = all.get(one) ?? readValues(sources, one);
  all.set(one, values);
  return values;
}

async function readValues(sources: Sources, one: Deployed): Promise<Map<number | string, string>> {
  const found = new Map<number | string, string>();
  for (const [path, text] of await sources.matching(one.files ?? yaml)) {
    if (isAside.test(path) || one.holds?.test(text) === false) continue;
    for (const [, raw = ''] of text.replace(/^\s*#.*$/gm, '').matchAll(one.written)) {
      const value = one.value(raw);
      if (value !== undefined && !Number.isNaN(value) && !found.has(value))
        found.set(value, one.secret ? `${path} sets it` : `${path} has ${raw}`);
    }
  }
  return found;
}

/** With more values than these, what a sentence is about is not known. */
const few = 4;

/** "CPU > 70%" is how an autoscaler is told of, and no bound of another kind. */
const bound = (text: string): string => text.replace(/>(?==?\s?\d{1,3}\s?%)/g, ' ');

/** What prose says of intervals, retention, replicas, limits and probes, where no deployment file of the repository says so. */
export async function deployedValueClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const lines = spokenLines(parsed);
  for (const one of [...deployed, ...ofBoards])
    for (const { line, text, headings } of lines)
      for (const pattern of one.said) {
        const match = pattern.exec(text);
        const near = `${text} ${labelAbove(parsed, line)} ${headings}`;
        if (!match || one.about?.test(near) === false || isAdvice(bound(text), match.index)) continue;
        // "10s-30s", "2-13 replicas (target: 13 replicas)"
        if (/\b(?:target|goal)s?\W{1,3}$/i.test(text.slice(0, match.index))) continue;
        if (/^\s?[-–]\s?\d/.test(text.slice(match.index + match[0].length))) continue;
        if (one.unless?.test(`${text} ${labelAbove(parsed, line)} ${headings.split(' / ').at(-1)}`) === true) continue;
        const said = one.value(match[1] ?? '');
        const values = await valuesOf(sources, one);
        const isNone = values.size === 0 && one.none !== undefined && (await sources.composeFiles()).length > 0;
        if (said === undefined || (values.size === 0 && !isNone) || values.size > few || !sources.whole) continue;
        const verdict = values.has(said)
          ? holds(values.get(said) ?? '')
          : isNone
            ? doubt(one.none ?? '', 'set the limit, or correct the document')
            : wrong(
                `${[...new Set(values.values())].join(', ')}, and no file ${one.secret ? 'has this value' : 'says so'}`,
                'correct the document, or the file',
              );
        claims.push({ kind: 'value', line, text: one.secret ? one.what : `${one.what}: ${match[1]}`, ...verdict });
        break;
      }
  return claims;
}
