import { lettersOf } from '../core/patterns.ts';
import type { Sources } from '../repository/sources.ts';
import { didYouMean } from '../core/suggest.ts';
import { holds, once, spokenLines, wrong, type Claim, type Reading } from './reading.ts';
import { dashboardOf } from './counted-things.ts';
import { ruleFiles } from './rule-texts.ts';
import { baseOf } from '../formats/data/paths.ts';

/** Names that deployment files give to their parts, and how documents speak of them. */
interface Named {
  what: string;
  /** Wordings, with the name as the first group. */
  said: readonly RegExp[];
  about?: RegExp;
  /** All that have such a name; nothing is said where there are none. */
  known(sources: Sources): Promise<ReadonlySet<string>>;
  /** No other text than what is looked through can make one. */
  closed?: true;
  /** The name of a file, and meant only where one of that kind begins alike, or is called so by its kind's name. */
  kin?: true;
  /** Titles are written in many ways: letters and digits count. */
  loose?: true;
}

const quoted = String.raw`["“\`]([^"”\`\n/]{3,60}?)["”\`]`;
const notFile = String.raw`(?!["“\`][^"”\`\n]*\.(?:md|json|ya?ml|png)["”\`])`;
const ticked = '`([A-Za-z][\\w.-]*)`';
const around = (noun: string, name: string): RegExp[] => [
  new RegExp(String.raw`\b${noun}\b(?: is| are| called| named)*[\s:]{1,3}${name}(?!\s*:)`, 'gi'),
  new RegExp(String.raw`${name} ${noun}\b`, 'gi'),
];
const collect =
  (files: RegExp, holdsText: RegExp, pattern: RegExp) =>
  async (sources: Sources): Promise<ReadonlySet<string>> => {
    const found = new Set<string>();
    for (const [, text] of await sources.matching(files))
      if (holdsText.test(text)) for (const [, name = ''] of text.matchAll(pattern)) found.add(name);
    return found;
  };
const namesOf =
  (path: RegExp) =>
  async (sources: Sources): Promise<ReadonlySet<string>> =>
    new Set([...(await sources.texts()).keys()].filter((one) => path.test(one)).map((one) => baseOf(one)));
const titles = once(async (sources): Promise<{ boards: Set<string>; panels: Set<string>; uids: Set<string> }> => {
  const found = { boards: new Set<string>(), panels: new Set<string>(), uids: new Set<string>() };
  for (const [, text] of await sources.matching(/\.json$/)) {
    const board = dashboardOf(text);
    if (!board) continue;
    found.boards.add(board.title);
    for (const [, title = ''] of text.matchAll(/"title"\s*:\s*"([^"]+)"/g)) found.panels.add(title);
    for (const [, uid = ''] of text.matchAll(/"uid"\s*:\s*"([^"$]+)"/g)) found.uids.add(uid);
  }
  return found;
});

const named: readonly Named[] = [
  {
    what: 'Compose volume',
    said: around('volume', ticked),
    about: /compose|docker|container|data/i,
    known: async (sources) =>
      new Set([
        ...(await collect(/\.ya?ml$/, /^\s*services\s*:/m, /^ {2}([\w-]+):\s*(?:\{\}|null)?\s*(?=$)/gm)(sources)),
        ...(await collect(
          /\.ya?ml$/,
          /PersistentVolumeClaim|volumeClaimTemplates/,
          /\bname:\s*["']?([\w-]+)/g,
        )(sources)),
      ]),
  },
  {
    what: 'receiver',
    said: [
      ...around('receiver', ticked),
      /\b(?:alerts?|pages?|severity|critical|warnings?)\b[^.|`]{0,40}\b(?:sent|goes?|routed|delivered) to (?:the )?(?:receiver )?`([\w-]+)`/gi,
    ],
    known: collect(/\.ya?ml$/, /^\s*receivers\s*:/m, /-\s*\{?\s*name:\s*["']?([\w.-]+)/g),
  },
  {
    what: 'group of rules',
    closed: true,
    // A user is in a group too, and so is a consumer.
    said: around(String.raw`(?<!\b(?:users?|consumers?|security|resource|log)\b[^.]{0,40})group`, ticked),
    about: /alert|rule|prometheus/i,
    known: async (sources) =>
      new Set((await ruleFiles(sources)).flatMap(([, file]) => file.groups.map((group) => group.name))),
  },
  {
    what: 'recording rule',
    said: [/`([a-z]\w*:\w+:\w+|[a-z]\w*:\w+_\w+|[a-z]\w*_\w+:\w+)`/g],
    about: /record|rules?\b|promql|prometheus/i,
    known: async (sources) =>
      new Set(
        (await ruleFiles(sources)).flatMap(([, file]) =>
          file.groups.flatMap((group) => group.rules.filter((rule) => rule.kind === 'record').map((rule) => rule.name)),
        ),
      ),
  },
  {
    what: 'workflow',
    said: around('workflow', '`([\\w.-]+\\.ya?ml)`'),
    about: /github|actions|\bCI\b|workflow/i,
    kin: true,
    known: namesOf(/(?:^|\/)\.(?:github|gitea|forgejo)\/workflows\/[^/]+$/),
  },
  {
    what: 'unit of systemd',
    said: [/`([\w@.-]+\.(?:service|timer|socket))`/g],
    about: /systemd|systemctl|\bunits?\b|timer/i,
    kin: true,
    known: namesOf(/\.(?:service|timer|socket)$/),
  },
  {
    what: 'namespace',
    said: around('namespace', '`([a-z][a-z0-9-]*)`'),
    about: /kubernetes|k8s|cluster|pods?\b|manifest|kubectl|deployment/i,
    known: collect(/\.ya?ml$/, /^apiVersion:/m, /\bnamespace:\s*["']?([a-z][\w-]*)/g),
  },
  {
    what: 'panel',
    said: around('panels?', quoted),
    about: /dashboard|grafana|overview/i,
    known: async (sources) => (await titles(sources)).panels,
    loose: true,
  },
  {
    what: 'dashboard',
    said: around('dashboard', notFile + quoted),
    known: async (sources) => (await titles(sources)).boards,
    loose: true,
  },
  {
    what: 'uid',
    said: [/\buid\b(?: is| of| the)*[\s:]{1,3}`([\w-]{3,40})`/gi, /`([\w-]{3,40})` uid\b/gi],
    about: /dashboard|grafana|data ?source|panel/i,
    known: async (sources) => (await titles(sources)).uids,
  },
  {
    what: 'dashboard uid',
    said: [/(?:localhost|127\.0\.0\.1|grafana)(?::\d+)?\/d\/([\w-]{3,40})/gi],
    known: async (sources) => (await titles(sources)).uids,
  },
  {
    what: 'CI job',
    said: around('(?:ci |github |workflow )?job', '`([a-z][\\w-]+)`'),
    about: /\bCI\b|workflow|github actions|pipeline|timeout/i,
    known: collect(/^\.github\/workflows\/.+\.ya?ml$/, /^jobs:/m, /^ {2}([\w-]+):\s*$/gm),
  },
  {
    what: 'folder of Grafana',
    said: [new RegExp(String.raw`\bfolder\b[\s:]{1,3}${quoted}`, 'gi')],
    about: /grafana|dashboard/i,
    known: collect(/\.ya?ml$/, /^\s*providers\s*:/m, /\bfolder:\s*["']?([^"'\n#]+?)["']?\s*$/gm),
  },
  {
    what: 'feature',
    said: around('(?:cargo )?feature(?: flag)?', '`([a-z][\\w-]*)`'),
    about: /cargo|crate|compil|build|feature/i,
    known: async (sources) => {
      const found = new Set<string>();
      for (const [, text] of await sources.matching(/(?:^|\/)Cargo\.toml$/))
        for (const [, name = ''] of (/^\[features\]\n([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? '').matchAll(
          /^([\w-]+)\s*=/gm,
        ))
          found.add(name);
      return found;
    },
  },
];

const firstPart = (name: string): string => name.split(/[-_.@]/)[0] ?? '';

/** Volumes, receivers, groups, namespaces, panels, dashboards and features that a sentence names as such, and that nothing has. */
export async function deployedNameClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const done = new Set<string>();
  const lines = spokenLines(parsed);
  const whole = parsed.prose.join(' ');
  for (const one of named)
    for (const { line, text, headings } of lines)
      for (const name of one.said.flatMap((pattern) => [...text.matchAll(pattern)].map(([, found = '']) => found))) {
        const key = `${one.what} ${name}`;
        if (
          done.has(key) ||
          (one.kin !== true && /\.(?:json|ya?ml)$/.test(name)) ||
          /[<>${}*]|^(?:\.\/|(?:make|just|cargo|go|npm|npx|yarn|pnpm|docker|kubectl|helm|python3?|curl|git) )/.test(
            name,
          ) ||
          one.about?.test(one.closed === true ? whole : `${text} ${headings}`) === false
        )
          continue;
        done.add(key);
        // "An `x` panel is not possible"
        if (/^[^.;]{0,30}\b(?:not|cannot|never)\b/.test(text.slice(text.indexOf(name) + name.length))) continue;
        // What a command of the document makes.
        if (/volume|network/i.test(one.what) && parsed.fences.some((fence) => fence.text.includes(name))) continue;
        const known = await one.known(sources);
        if (known.size === 0 || !sources.whole) continue;
        if (one.what.startsWith('unit') && ![...known].some((other) => firstPart(other) === firstPart(name))) continue;
        const is =
          one.loose === true ? [...known].some((other) => lettersOf(other).includes(lettersOf(name))) : known.has(name);
        if (!is && one.closed !== true && (await stands(sources, name, one.loose === true))) continue;
        const verdict = is
          ? holds('it is there')
          : wrong(
              `the files have ${known.size} of that kind (${[...known].slice(0, 4).join(', ')}${known.size > 4 ? ' …' : ''}), and nothing knows this one`,
              didYouMean(name, known, 'correct the name, or add it'),
            );
        claims.push({ kind: 'name', line, text: `${one.what} ${name}`, ...verdict });
      }
  return claims;
}

async function stands(sources: Sources, name: string, loose: boolean): Promise<boolean> {
  if (await sources.containText(name)) return true;
  if (!loose) return false;
  const wanted = name.toLowerCase();
  return [...(await sources.texts()).values()].some((text) => text.toLowerCase().includes(wanted));
}
