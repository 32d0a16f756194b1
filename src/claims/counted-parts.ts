import { posix } from 'node:path';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import type { Sources } from '../repository/sources.ts';
import { dashboardOf } from './counted-things.ts';
import { doubt, holds, isAdvice, once, spokenLines, wrong, type Claim } from './reading.ts';
import { ruleFiles } from './rule-texts.ts';

/** Tables that give each dashboard its panels, each group its rules. */
export async function tableClaims(sources: Sources, parsed: MarkdownDocument): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const { header, rows } of parsed.tables) {
    const panels = header.findIndex((head, n) => n > 0 && /^\W*(?:#\s*)?panels?\W*(?:count)?\W*$/i.test(head));
    const rules = header.findIndex(
      (head, n) => n > 0 && /^\W*(?:#\s*)?(?:rules|alerts|alert rules)\W*(?:count)?\W*$/i.test(head),
    );
    const at = Math.max(panels, rules);
    if (at < 0) continue;
    const counts = panels > 0 ? await panelsByName(sources) : await rulesByGroup(sources);
    for (const { cells, line } of rows) {
      const said = /^\W*(\d{1,4})\W*$/.exec(cells[at] ?? '')?.[1];
      const name = (cells[0] ?? '').replace(/[`*]/g, '').trim().toLowerCase();
      const is = counts.get(name) ?? counts.get(posix.basename(name));
      // One name with two numbers is that of two.
      if (said === undefined || is === undefined || is.length !== 1) continue;
      const [own = 0] = is;
      claims.push({
        kind: 'value',
        line,
        text: `${cells[0]}: ${said} ${header[at]}`,
        ...(own === Number(said) ? holds(`it has ${own}`) : wrong(`it has ${own}`, 'correct the number')),
      });
    }
  }
  return claims;
}

const addTo = (counts: Map<string, number[]>, name: string, count: number): unknown =>
  counts.set(name.toLowerCase(), [...new Set([...(counts.get(name.toLowerCase()) ?? []), count])]);

const panelsByName = once(async (sources): Promise<Map<string, number[]>> => {
  const counts = new Map<string, number[]>();
  for (const [path, text] of await sources.matching(/\.json$/)) {
    const board = dashboardOf(text);
    if (!board) continue;
    for (const name of new Set([board.title, posix.basename(path), posix.basename(path, '.json')]))
      addTo(counts, name, board.panels.length);
  }
  return counts;
});

const rulesByGroup = once(async (sources): Promise<Map<string, number[]>> => {
  const counts = new Map<string, number[]>();
  for (const [path, file] of await ruleFiles(sources)) {
    for (const group of file.groups) addTo(counts, group.name, group.rules.length);
    if (file.groups.length > 0)
      addTo(
        counts,
        posix.basename(path),
        file.groups.reduce((all, group) => all + group.rules.length, 0),
      );
  }
  return counts;
});

/** `Circuit Breaker Alerts` and `circuit_breaker_alerts.yml` are called alike. */
const nameOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\.(?:ya?ml|json|rules)$/, '')
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '' && !/^(?:alerts?|alerting|rules?|groups?|monitoring|prometheus)$/.test(word))
    .map((word) => word.replace(/(?<=[a-z]{3})s$/, ''))
    .join(' ');

/** Names of groups of rules and of their files, as a document calls them → their alerts. */
const alertsByName = once(async (sources): Promise<Map<string, number[]>> => {
  const counts = new Map<string, number[]>();
  for (const [path, { groups }] of await ruleFiles(sources)) {
    const alerts = groups.map((group) => group.rules.filter((rule) => rule.kind === 'alert').length);
    for (const [n, group] of groups.entries()) addTo(counts, nameOf(group.name), alerts[n] ?? 0);
    addTo(
      counts,
      nameOf(posix.basename(path)),
      alerts.reduce((all, one) => all + one, 0),
    );
  }
  return counts;
});

/** `- **Circuit Breaker Alerts**: 100% (5/5 configured)`, `- **Circuit breakers**: 4 alerts`, `**Ring alerts (2)**` */
const ofGroup =
  /^\W*([A-Za-z][\w &/-]{3,40}?)\W*(?:\((\d{1,3})(?: (?:alerts?|rules?))?\)|:\W*(?:\d+(?:\.\d+)?%\W*)?\(?(\d{1,3})(?:\/\3)? (?:alerts?|alert rules?|configured)\b)/;

/** Alerts that a list gives the groups of rules, which it calls like them. */
export async function groupClaims(sources: Sources, parsed: MarkdownDocument): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const { line, text, headings } of spokenLines(parsed)) {
    const [, name = '', ...said] = ofGroup.exec(text.replace(/[`*_]/g, '')) ?? [];
    const value = said.find(Boolean);
    // What is counted must be said.
    if (value === undefined || !/\b(?:alerts?|rules?)\b/i.test(`${text} ${headings}`) || isAdvice(text, 0)) continue;
    const is = (await alertsByName(sources)).get(nameOf(name));
    // Of a name of one word other things are called so too.
    if (is?.length !== 1 || (!nameOf(name).includes(' ') && !/\balerts?\b/i.test(name))) continue;
    const [own = 0] = is;
    if (own === 0) continue;
    claims.push({
      kind: 'value',
      line,
      text: `${name.trim()}: ${value} alerts`,
      ...(own === Number(value)
        ? holds(`it has ${own}`)
        : doubt(`its rules have ${own}`, 'correct the number, or the rules')),
    });
  }
  return claims;
}
