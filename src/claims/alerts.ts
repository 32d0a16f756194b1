import { didYouMean } from '../core/suggest.ts';
import type { CodeSpan, MarkdownDocument } from '../formats/documents/markdown.ts';
import { excuseOf, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome } from '../formats/documents/surroundings.ts';
import { ruleFile, type Rule } from '../formats/prometheus/rule-files.ts';
import { promDuration } from '../formats/promql/literals.ts';
import { groupingClaim, thresholdClaim } from './alert-figures.ts';
import { doubt, holds, once, secondsOf, suspected, wrong, type Claim, type Verdict } from './reading.ts';
import { ruleFiles } from './rule-texts.ts';
import type { Repository } from '../repository/repository.ts';
import { foldersAbove } from '../formats/data/paths.ts';
import type { Sources } from '../repository/sources.ts';

/** Alerts that a document names: in a line beside their file, in tables, as headings, and what it says of them. */
export async function alertClaims(
  repository: Repository,
  sources: Sources,
  document: string,
  parsed: MarkdownDocument,
): Promise<Claim[]> {
  const claims = await listedClaims(repository, sources, document, parsed);
  const alerts = await alertsOf(sources);
  if (alerts.size === 0) return claims;
  const named = namedIn(parsed, (name) => alerts.has(name));
  if (named.length === 0) return claims;
  const beside = named.filter((one) => alerts.has(one.name)).length;
  const done = new Set(claims.map((one) => one.text));
  for (const one of named) {
    const own = alerts.get(one.name);
    if (own) {
      claims.push(...saidOf(one, own));
      continue;
    }
    if (done.has(one.name)) continue;
    done.add(one.name);
    const verdict = await missing(sources, one, [...alerts.keys()], beside);
    if (verdict)
      claims.push({
        kind: 'name',
        line: one.line,
        text: one.name,
        ...(one.guessed === true ? suspected(verdict) : verdict),
      });
  }
  return claims;
}

/** Every alert of the rule files, by its name. */
const alertsOf = once(async (sources): Promise<Map<string, Rule[]>> => {
  const rules = (await ruleFiles(sources)).flatMap(([, file]) => file.groups.flatMap((group) => group.rules));
  const found = Map.groupBy(
    rules.filter((rule) => rule.kind === 'alert'),
    (rule) => rule.name,
  );
  // What a template leaves unread is there all the same.
  for (const text of (await sources.matching(/\.(?:ya?ml|rules|tpl)$/)).values())
    for (const [, name = ''] of text.matchAll(/alert["']?[ \t]*:[ \t]*["']?([A-Z]\w+)/g))
      if (!found.has(name)) found.set(name, []);
  return found;
});

interface Named {
  line: number;
  name: string;
  said: { what: 'severity' | 'for' | 'threshold' | 'by'; value: string; line: number; inWords?: true }[];
  /** It is taken for an alert by its neighbours only. */
  guessed?: boolean;
}
const severities = /^\W*(critical|warning|info|page|ticket|high|medium|low|error|none)\W*$/i;
const duration = /^\W*(\d+)\s?(s|m|h|min|minutes?|hours?|seconds?)\W*$/i;

const number = String.raw`(\d[\d,.]*\s?(?:%|per\s?cent\b|ms|milliseconds?|s|seconds?|minutes?|hours?|[KMG]i?B|k)?(?![\w]))`;
/** "> 5%", "exceeds 500 ms"; "over 5 minutes" is a window. */
const listedLimit = new RegExp(
  String.raw`(?:[<>]=?|\b(?:above|exceeds?|over|below|under|(?:more|less|greater) than)(?=\s+[\d.,]+(?!\S*\d|\s?(?:m|min|minutes?|h|hours?|d|days?|s|seconds?)\b)))\s*${number}`,
  'i',
);
/** What a sentence below the heading of an alert says of it; what speaks of two times or figures is not understood. */
function inSentence(raw: string, line: number): Named['said'] {
  const text = raw.replace(/[*`]/g, '');
  if (/\b(?:if|before|previously|was|should|example|silence|until)\b/i.test(text)) return [];
  const said: Named['said'] = [];
  const level = /\bseverity\b\W{1,3}(?:is )?(critical|warning|info|page|ticket)\b/i.exec(text)?.[1];
  if (level !== undefined) said.push({ what: 'severity', value: level, line, inWords: true });
  const wait =
    /\b(?:fires?|triggers?|above|below|exceeds?|down|fail|waits?|pending|true)\b(?:[^.;]{0,60}?\b(?:for|after)|(?<=waits))\s(?:at least |more than |over )?(\d+\s?(?:s|m|h|min|minutes?|hours?|seconds?)|(?:one|two|five|ten|fifteen) minutes?)\b/i.exec(
      text,
    )?.[1];
  if (wait !== undefined) said.push({ what: 'for', value: wait, line, inWords: true });
  const by = /\bby \(([\w, ]+)\)/.exec(text)?.[1];
  if (by !== undefined) said.push({ what: 'by', value: by, line });
  const limit = new RegExp(
    String.raw`\b(?:above|exceeds?|more than|greater than|over|below|less than|under)\s+${number}`,
    'i',
  ).exec(text)?.[1];
  if (limit !== undefined && !/\b\d+\s*(?:s|m|h|minutes?)\b/.test(limit))
    said.push({ what: 'threshold', value: limit, line });
  return said;
}

function namedIn(parsed: MarkdownDocument, isOne: (name: string) => boolean): Named[] {
  const told = [...inTables(parsed), ...inHeadings(parsed, isOne), ...inLists(parsed, isOne)];
  const found = [...told, ...inSpans(parsed, told, isOne)];
  return found.filter((one) => !isYetToCome('', headingsAbove(parsed, one.line)));
}

function inTables(parsed: MarkdownDocument): Named[] {
  const found: Named[] = [];
  for (const { header, rows } of parsed.tables) {
    const at = header.findIndex((head) => /^\W*(?:alert|alerts|alert name|alert rule|rule)\W*$/i.test(head));
    if (at < 0) continue;
    const column = (pattern: RegExp): number => header.findIndex((head, n) => n !== at && pattern.test(head));
    const [severity, limit, wait] = [
      column(/^\W*(?:severity|level)\W*$/i),
      column(
        /^\W*(?:(?:condition|threshold|trigger|expression|limit)s?|(?:fires|triggers?|when|fires when|triggered)(?: (?:when|if|on))?)\W*$/i,
      ),
      column(/^\W*(?:for|duration|wait|pending|for duration)\W*$/i),
    ];
    for (const { cells, line } of rows) {
      const name = (cells[at] ?? '').replace(/[`*]/g, '').trim();
      if (!alertName.test(name)) continue;
      const said: Named['said'] = [];
      const level = severities.exec(cells[severity] ?? '')?.[1];
      if (level !== undefined) said.push({ what: 'severity', value: level, line });
      if (wait >= 0 && duration.test(cells[wait] ?? '')) said.push({ what: 'for', value: cells[wait] ?? '', line });
      const [figure, ...others] =
        limit < 0
          ? []
          : [
              ...(cells[limit] ?? '').matchAll(
                new RegExp(
                  String.raw`(?:[<>]=?|\b(?:above|exceeds?|(?:more|greater|longer|higher|larger|less|fewer|lower) than|over|below|under))\s*${number}`,
                  'gi',
                ),
              ),
            ];
      if (figure && others.length === 0) said.push({ what: 'threshold', value: figure[1] ?? '', line });
      found.push({ line, name, said });
    }
  }
  return found;
}

function inHeadings(parsed: MarkdownDocument, isOne: (name: string) => boolean): Named[] {
  const found: Named[] = [];
  for (const [n, heading] of parsed.headings.entries()) {
    const name = /^\W*(?:\d[\d.]*\s+)?(?:[Aa]lert:?\s+)?([A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+)\W*(?:alert)?\W*$/.exec(
      heading.text,
    )?.[1];
    const isCalledAlert = /\balerts?\b/i.test(
      `${heading.text} ${headingsAbove(parsed, heading.line).replace(heading.text, '')}`,
    );
    if (
      name === undefined ||
      (!isOne(name) &&
        !isCalledAlert &&
        // Headings of which most are alerts are those of a runbook.
        parsed.headings.filter((other) => other.depth === heading.depth && isOne(other.text.trim())).length < 2)
    )
      continue;
    const end = parsed.headings[n + 1]?.line ?? parsed.prose.length + 1;
    const said: Named['said'] = [];
    for (let line = heading.line + 1; line < end; line++) {
      const [, what = '', value = ''] =
        /^\W*(severity|for|duration)\W*:\W*(\w+)\W*$/i.exec((parsed.prose[line - 1] ?? '').replace(/[*_`]/g, '')) ?? [];
      if (/severity/i.test(what) && severities.test(value)) said.push({ what: 'severity', value, line });
      if (/for|duration/i.test(what) && duration.test(value)) said.push({ what: 'for', value, line });
      if (what === '') said.push(...inSentence(parsed.prose[line - 1] ?? '', line));
    }
    found.push({ line: heading.line, name, said, guessed: !isCalledAlert });
  }
  return found;
}

/** `- HighErrorRate: > 5% for 5 minutes`, below "API alerts (critical)" or with its severity in parentheses. */
function inLists(parsed: MarkdownDocument, isOne: (name: string) => boolean): Named[] {
  return parsed.prose.flatMap((raw, n): Named[] => {
    const [, name = '', own = '', text = ''] =
      /^\s*[-*+]\s+(?:the )?(?:alert )?([A-Z]\w+)\s*(?:\((\w+)\))?\s*(?::|–|—|\s-\s|(?<=\s)(?=(?:fires?|triggers?|warns?|pages?)\b))\s*(.+)$/i.exec(
        raw.replace(/[*`]/g, ''),
      ) ?? [];
    if (!alertName.test(name) || !isOne(name)) return [];
    const line = n + 1;
    const said: Named['said'] = [];
    const ofHeading = /\balerts?\b[^/]*\((\w+)\)\W*$/i.exec(headingsAbove(parsed, line))?.[1] ?? '';
    if (severities.test(own)) said.push({ what: 'severity', value: own, line });
    else if (severities.test(ofHeading)) said.push({ what: 'severity', value: ofHeading, line, inWords: true });
    const wait = /\bfor (\d+\s?(?:s|m|h|min|minutes?|hours?|seconds?))\b/i.exec(text)?.[1];
    // It may be the window of the expression that is meant.
    if (wait !== undefined) said.push({ what: 'for', value: wait, line, inWords: true });
    const limit = listedLimit.exec(text)?.[1];
    if (limit !== undefined) said.push({ what: 'threshold', value: limit, line });
    return [{ line, name, said }];
  });
}

/** What a sentence says of an alert that is alone in it, and names that it calls alerts. */
function inSpans(parsed: MarkdownDocument, told: readonly Named[], isOne: (name: string) => boolean): Named[] {
  const found: Named[] = [];
  for (const span of parsed.spans) {
    const alone = parsed.spans.every((one) => one.line !== span.line || one === span || !alertName.test(one.text));
    if (isOne(span.text) && alone && !/^\s*\|/.test(span.context) && !isAbsent(span)) {
      found.push({ line: span.line, name: span.text, said: inSentence(span.context, span.line) });
      continue;
    }
    const words = span.context.replace(/`[^`]*`/g, '`');
    if (
      alertName.test(span.text) &&
      /\balerts?\b\W{0,3}`|`\W{0,3}\balerts?\b|`\s+(?:fires|waits|pages)\b/i.test(words) &&
      !isAbsent(span) &&
      !told.some((one) => one.name === span.text)
    )
      found.push({ line: span.line, name: span.text, said: [] });
  }
  return found;
}

async function missing(
  sources: Sources,
  { name }: Named,
  known: readonly string[],
  beside: number,
): Promise<Verdict | undefined> {
  if (known.length < 2 || (await sources.hasWord(name))) return undefined;
  const alike = known.some((one) => /^[A-Z][a-z0-9]+/.exec(one)?.[0] === /^[A-Z][a-z0-9]+/.exec(name)?.[0]);
  // Collections of others' alerts are told of too: among the repository's own it is one of them.
  if (beside === 0 && !alike) return undefined;
  // What stands in a longer name may be short for it.
  const sure = sources.whole && (beside > 0 || alike) && !(await sources.containText(name));
  const say = sure ? wrong : doubt;
  return say(
    `none of the ${known.length} alerts of the rule files is called so, and nothing else knows it`,
    didYouMean(name, known, 'add the alert, or correct the name'),
  );
}

const milliseconds = (text: string): number | undefined => {
  const is = secondsOf(text.replace(/^\W+|\W+$/g, ''));
  return is === undefined ? undefined : is * 1000;
};

/** What the document says of an alert that is defined once. */
function saidOf({ name, said }: Named, rules: readonly Rule[]): Claim[] {
  const [rule] = rules;
  if (!rule || rules.length !== 1) return [];
  return said.flatMap(({ what, value, line, inWords }): Claim[] => {
    if (what === 'by') return groupingClaim(name, value, line, rule.expr);
    if (what === 'threshold') return thresholdClaim(name, value, line, rule.expr);
    const is = what === 'severity' ? rule.labels['severity'] : rule.for;
    if (is === undefined || /\{\{|\$/.test(is)) return [];
    const same =
      what === 'severity'
        ? is.toLowerCase() === value.replace(/\W/g, '').toLowerCase()
        : promDuration(is) === milliseconds(value);
    return [
      {
        kind: 'value',
        line,
        text: `${name}: ${what} ${value.replace(/[`*]/g, '').trim()}`,
        ...(same
          ? holds(`its rule says ${is}`)
          : (inWords === true ? doubt : wrong)(`its rule has ${what} ${is}`, 'correct the document, or the rule')),
      },
    ];
  });
}

const alertName = /^[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+$/;

/** The names that stand alone between the commas of a line; before the first comma the last word. */
function listedIn(line: string): string[] {
  const parts = line.replace(/[*`]/g, '').split(/,\s*(?:and\s+)?|;|\s+(?:and|&|\+)\s+|\.(?:\s|$)/);
  return parts
    .map((part, n) => (n === 0 ? (part.trim().split(/\s+/).at(-1) ?? '') : part.trim()))
    .filter((part) => alertName.test(part));
}

/** Alerts that a line lists of the rule file that it names. */
async function listedClaims(
  repository: Repository,
  sources: Sources,
  document: string,
  parsed: MarkdownDocument,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  const above = foldersAbove(document);
  const files = parsed.spans.filter((span) => /\.(?:ya?ml|rules)$/.test(span.text));
  for (const span of files) {
    const line = parsed.prose[span.line - 1] ?? '';
    const [path] = readPath(span.text)?.paths ?? [];
    const at = path === undefined ? undefined : await repository.find(path, above);
    const text = at === undefined ? undefined : (await sources.texts()).get(at);
    if (at === undefined || text === undefined || !/^\s*-?\s*\{?\s*["']?alert["']?\s*:/m.test(text)) continue;
    const names = new Set(
      ruleFile(text)
        .groups.flatMap((group) => group.rules)
        .filter((rule) => rule.kind === 'alert')
        .map((rule) => rule.name),
    );
    const listed = [...new Set(listedIn(line))];
    // Only a list that begins to agree is a list of its alerts: other words look like names too.
    if (!listed.some((name) => names.has(name)) || isAbsent(span)) continue;
    for (const name of listed) {
      if (names.has(name)) claims.push({ kind: 'name', line: span.line, text: name, ...holds(`${at} has it`) });
      else if (!(await sources.hasWord(name)))
        claims.push({
          kind: 'name',
          line: span.line,
          text: name,
          ...((await sources.containText(name)) ? doubt : wrong)(
            `${at} has no alert ${name}, and nothing else knows it`,
            didYouMean(name, names),
          ),
        });
    }
  }
  return claims;
}

const isAbsent = (span: CodeSpan): boolean => excuseOf(span.context, span.heading) === 'absent';
