import { posix } from 'node:path';
import type { Rule } from '../formats/prometheus/rule-files.ts';
import { doubt, holds, wrong, type Verdict } from '../formats/documents/verdict.ts';
import { isWhole } from '../formats/compose/written.ts';
import { lineAt } from '../formats/data/lines.ts';
import type { Sources } from '../repository/sources.ts';
import { ruleFiles } from './rule-texts.ts';
import { isAdvice, lengthOfTime, secondsOf, spokenLines, type Claim, type Reading } from './reading.ts';
import { promDuration } from '../formats/promql/literals.ts';

/** Something that is said of each of many. */
interface Universal {
  said: RegExp;
  /** Those of which it is not so, as text, and how many there are; undefined where that is not known. */
  exceptions(
    sources: Sources,
    match: RegExpExecArray,
    /** Is the file the one that the line or its headings name, or that lies beside the document? */
    isMeant: (path: string) => boolean,
  ): Promise<{ of: number; without: string[] } | undefined>;
  what: string;
}

interface Alert {
  path: string;
  rule: Rule;
}
const alertsOf = async (sources: Sources): Promise<Alert[]> =>
  (await ruleFiles(sources)).flatMap(([path, { groups }]) =>
    groups.flatMap(({ rules }) => rules.filter((rule) => rule.kind === 'alert').map((rule) => ({ path, rule }))),
  );
const named = (alerts: readonly Alert[]): string[] => alerts.map(({ path, rule }) => `${rule.name} (${path})`);

const each = String.raw`\b(?:all|each|every|100\s?% of(?: the)?)\s+(?:\d+\s+|\w+ ){0,2}?`;
const universals: readonly Universal[] = [
  {
    what: 'alert',
    said: new RegExp(
      String.raw`${each}(?:alerts?|alert rules?|alerting rules?)\b[^.;|]{0,30}?\b(?:has|have|carr(?:y|ies)|links?|includes?|come with|comes with|with)\b[^.;|]{0,20}?\b(runbook(?:_url)?s?|summar(?:y|ies)|descriptions?|severit(?:y|ies)|durations?|team|dashboard_url)\b`,
      'i',
    ),
    async exceptions(sources, match) {
      const wanted = (match[1] ?? '').toLowerCase();
      const key = wanted.startsWith('runbook')
        ? wanted === 'runbook_url'
          ? /^runbook_url$/
          : /^runbook/
        : wanted.startsWith('summar')
          ? /^(?:summary|message)$/
          : wanted.startsWith('descr')
            ? /^(?:description|message)$/
            : wanted.startsWith('sever')
              ? /^severity$/
              : new RegExp(`^${wanted}$`);
      const rules = await alertsOf(sources);
      if (wanted.startsWith('duration')) {
        const none = rules.filter(({ rule }) => rule.for === undefined);
        return { of: rules.length, without: named(none) };
      }
      // A runbook may be a document that is called like the alert.
      const without = rules.filter(
        ({ rule }) => ![...Object.keys(rule.labels), ...Object.keys(rule.annotations)].some((name) => key.test(name)),
      );
      return { of: rules.length, without: named(without) };
    },
  },
  {
    what: 'alert that waits',
    said: new RegExp(
      String.raw`${each}(?:alerts?|alert rules?|alerting rules?) (?:waits?|holds?|must hold|is pending|are pending|has to hold)(?: for)?(?: at least)? (${lengthOfTime})|${each}(?:alerts?|alert rules?|alerting rules?) (?:has|have|uses?|sets?) an? for(?: clause| duration)?\b`,
      'i',
    ),
    async exceptions(sources, match) {
      const least = secondsOf(match[1] ?? '1ms') ?? 0;
      const rules = await alertsOf(sources);
      const without = rules.filter(({ rule }) => (promDuration(rule.for ?? '') ?? 0) < least * 1000);
      return { of: rules.length, without: named(without) };
    },
  },
  {
    what: 'service',
    said: new RegExp(
      String.raw`${each}(?:services?|containers?)\b[^.;|]{0,20}?\b(?:has|have|defines?|with|comes? with|declares?|includes?)\b[^.;|]{0,14}?\b(health ?checks?|restart polic(?:y|ies)|(?:memory|resource) limits?)\b|\b(health ?checks?|restart polic(?:y|ies)|(?:memory|resource) limits?) (?:for|on|in) (?:all|every|each) (?:services?|containers?)\b`,
      'i',
    ),
    async exceptions(sources, match, isMeant) {
      const wanted = (match[1] ?? match[2] ?? '').toLowerCase();
      const all = (await sources.composeFiles()).filter(([, file]) => isWhole(file));
      const files = all.length > 1 ? all.filter(([path]) => isMeant(path)) : all;
      // Of several stacks it is not known which is meant, and images have healthchecks of their own.
      const [only] = files;
      if (files.length !== 1 || !only) return undefined;
      const services = Object.entries(only[1].services);
      const text = (await sources.texts()).get(only[0]) ?? '';
      if (/<<:|\bextends:/.test(text)) return undefined;
      const lacks = ([, service]: (typeof services)[number]): boolean => {
        const said = JSON.stringify(service).toLowerCase();
        return wanted.startsWith('health')
          ? !said.includes('"healthcheck"')
          : wanted.startsWith('restart')
            ? !said.includes('"restart"') && !said.includes('"restart_policy"')
            : !said.includes('limit');
      };
      return { of: services.length, without: services.filter(lacks).map(([name]) => `${name} (${only[0]})`) };
    },
  },
  {
    what: 'public item',
    said: new RegExp(
      String.raw`${each}(?:public|exported) (?:functions?|methods?|APIs?|items?|types?)\b[^.;|]{0,24}?\b(?:documented|documentation|doc(?:umentation)? comments?|docs|rustdoc|godoc|docstrings?)\b`,
      'i',
    ),
    async exceptions(sources) {
      const without: string[] = [];
      let of = 0;
      for (const [path, text] of await sources.matching(/\.(?:rs|go)$/)) {
        if (/(?:^|\/)(?:tests?|benches|examples?|testdata)\/|_test\.go$|\.pb\.go$/.test(path)) continue;
        const own = path.endsWith('.rs') ? text.replace(/^[ \t]*#\[cfg\(test\)\][\s\S]*$/m, '') : text;
        const pattern = path.endsWith('.rs')
          ? /^([ \t]*(?:(?:#\[[^\n]*\]|\/\/[^\n]*)[ \t]*\n[ \t]*)*)pub (?:async |const |unsafe )*fn (\w+)/gm
          : /^((?:\/\/[^\n]*\n)*)func (?:\(\w*\s*\*?([A-Za-z]\w*)[^)]*\) )?[A-Z]\w*/gm;
        for (const match of own.matchAll(pattern)) {
          // Methods of what is not exported are none of the interface.
          if (path.endsWith('.go') && /^[a-z]/.test(match[2] ?? '')) continue;
          of++;
          const documented = path.endsWith('.rs') ? /\/\/\/|#\[doc/.test(match[1] ?? '') : (match[1] ?? '') !== '';
          if (!documented) without.push(`${path}:${lineAt(own, match.index + match[0].length)}`);
        }
      }
      return { of, without };
    },
  },
];

/** "Every alert has a runbook", "all services have healthchecks", "100% of the public functions are documented": those that have none. */
export async function universalClaims({ sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const lines = spokenLines(parsed);
  for (const [n, { line, text: own, headings }] of lines.entries()) {
    const isMeant = (path: string): boolean =>
      `${own} ${headings}`.includes(posix.basename(path)) ||
      (posix.dirname(path) !== '.' && posix.dirname(path) === posix.dirname(document));
    // "All alerts include:", with what they include in a list below.
    const lead = /^\s*[-*+]\s+\S/.test(own)
      ? lines.slice(Math.max(0, n - 8), n).findLast((one) => !/^\s*[-*+]\s/.test(one.text))
      : undefined;
    const raw =
      lead && /^\W*(?:all|each|every)\b[^.;|]*\b(?:includes?|have|has):\W*$/i.test(lead.text)
        ? `${lead.text.replace(/:\W*$/, '')} ${own.replace(/^\s*[-*+]\s+/, '')}`
        : own;
    const text = raw.replace(/`/g, '');
    for (const one of universals) {
      const match = one.said.exec(text);
      if (
        !match ||
        /\b(?:not|must|will|need|ensure|make sure|check|verify|please)\b/i.test(
          text.slice(Math.max(0, match.index - 12), match.index + match[0].length),
        ) ||
        isAdvice(text.replace(/\bat least\b|\bbefore it fires\b/g, ''), match.index)
      )
        continue;
      const found = await one.exceptions(sources, match, isMeant);
      if (!found || found.of === 0) continue;
      claims.push({ kind: 'value', line, text: match[0].trim(), ...verdictOf(found, one.what, sources.whole) });
    }
  }
  return claims;
}

function verdictOf({ of, without }: { of: number; without: string[] }, what: string, whole: boolean): Verdict {
  if (without.length === 0) return holds(`${of} of ${of}`);
  return (whole ? wrong : doubt)(
    `of ${of} of that kind (${what}) ${without.length} do not: ${without.slice(0, 3).join(', ')}${without.length > 3 ? ' …' : ''}`,
    'correct the sentence, or add what is missing',
  );
}
