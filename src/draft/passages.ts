import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { commandsOfFence, parseShell } from '../formats/programs/shell.ts';
import { provesOf } from './check-words.ts';
import { pipelines, wordsOf, type Pipeline } from './commands.ts';

/** A stretch of the document that becomes an item. */
export interface Stretch {
  title: string;
  /** The text without its mark. */
  text: string;
  heading: string;
  /** First and last line. */
  from: number;
  to: number;
  check: boolean;
}

const checkWords =
  /verif|check|validat|accept|sign[- ]?off|definition of done|criteria|next steps?\b|before (?:release|you)/i;
const programs = new Set(
  'cargo docker docker-compose curl wget npm pnpm yarn npx make just task go git promtool amtool kubectl helm terraform ssh scp rsync sudo rm mv cp bash sh python python3 pytest psql systemctl ansible-playbook grep cat ls cd echo find test jq gh aws gcloud az podman nix bazel'.split(
    ' ',
  ),
);
const listMark = /^(\s*(?:>\s*)*)(?:[-*+]|(\d+)[.)])\s+(?:(?:\[([ xX~/-])\]|(?:☐|☑|☒|⬜|🔲)(\uFE0F?))\s+)?(.*)$/;
/** Boxes without a list before them, and those of a table's cells. */
const bareBox = /^\s*(?:(?:☐|☑|☒|⬜|🔲)\uFE0F?|\[[ xX]\])\s+(.+)$/;
const boxInCell = /\[[ xX]\]|(?:☐|☑|☒|⬜|🔲)\uFE0F?/;
const isRow = (line: string | undefined): line is string => line !== undefined && /^\s*\|/.test(line);
/** What is to be done in a row of a table in which a row has a box: its longest cell. */
function saidInRow(lines: readonly string[], n: number): string | undefined {
  const line = lines[n];
  if (!isRow(line) || /^[\s|:-]*$/.test(line)) return undefined;
  // The first row names the columns, unless it has a box itself.
  if (!boxInCell.test(line)) {
    const [top, end] = [
      lines.slice(0, n).findLastIndex((one) => !isRow(one)),
      lines.slice(n).findIndex((one) => !isRow(one)),
    ];
    if (n <= top + 2 || !lines.slice(top + 1, end < 0 ? undefined : n + end).some((one) => boxInCell.test(one)))
      return undefined;
  }
  const cells = line.split(/(?<!\\)\|/).map((cell) => cell.replace(boxInCell, '').trim());
  return cells.toSorted((a, b) => b.length - a.length)[0] || undefined;
}
/** How a line begins that tells somebody to do something. */
const imperative =
  /^(?:please\s+)?(?:run|re-?run|check|double-check|cherry[- ]pick|verify|confirm|ensure|make sure|be sure|see that|validate|test|smoke[- ]test|review|update|bump|tag|create|build|publish|push|merge|announce|notify|close|open|draft|write|record|take|sign|deploy|roll|restore|back ?up|do|get|ask|look|compare|measure|execute|start|stop|restart|visit|inspect|approve|schedule|remove|add|set|upload|download|generate|document|clean|freeze|cut|rebase|backport|communicate|monitor|wait|rotate|scan|audit|enable|disable|import|export|apply|install|upgrade|migrate|drill|complete|finish|fix|prepare|pull|fetch|copy|send|email|post|delete|mark|move|switch|follow|perform|obtain|decide|pin|resolve|triage|go|check ?out|sync|seek|clone|raise|paste|tell|inform|ping|share|save|commit|edit|click|select|load|query|insert|count|grep|attach|assign|authenticate|log ?in|launch|trigger|perform|re-?generate|re-?build|re-?start|squash|cherry-?pick|branch|choose|fill|file|link|list|lock|unlock|promote|provision|register|request|reset|revert|rename|replace|report|set up|switch|tick|toggle|track|transfer|turn|type|use|wait|watch|walk|look up|put|find|introduce|describe|explain|mention|include|exclude|keep|leave|try|plan|increment|decrement|adapt|adjust|amend|bring|convert|correct|define|dispatch|drop|evaluate|examine|extend|finali[sz]e|identify|integrate|investigate|invoke|modify|organi[sz]e|produce|propose|prune|purge|read|refresh|reinstall|reload|remind|render|repeat|retire|retry|submit|summari[sz]e|swap|synchroni[sz]e|thank|uninstall|unpack|unzip|zip|make|give|let|consult|coordinate|determine|distribute|establish|stage|store)\b(?! (?:rights?|access|permissions?|privileges?)\b)/i;
/** A word that no list of verbs has, before what it would be done to: `Load the export`, `Query all shards`. */
const verbBeforeThing =
  /^(?:please\s+)?(?!(?:all|only|in|on|at|for|with|without|after|before|from|by|of|is|are|has|have|do|does|did|was|were|no|not|both|and|or|but|if|when|while|once|the|an?|some|most|every|each|any|that|this|these|those|there|what|which|who|how|why|as|to|into|over|under|until|unless|because|since|see|refer|note|whenever|where|wherever|although|though|like|half|such|even|also|either|neither|during|through|across|about|between|per|via|than|then|now)\b)[a-z][a-z-]*(?<!ed|[^s]s)\s+(?:the|an?|all|any|each|every|your|our|this|these|last|new|both)\b/i;

/** What stands before what is told: `Once CI has finished, push the tag`, `Optional: perform a dry run`, `Manually run it`. */
const leadIn =
  /^(?:(?:once|after|when|if|before|back|on|in|for|from|using|with|as soon as)\b(?:[^.`]|\.(?=\S)|`[^`]*`)*?[,:]\s+(?:using [^,]*,\s+)?|(?:optional(?:ly)?|important|note|reminder|warning|step \d+)\W+|(?:manually|privately|publicly|then|next|finally|now|also|first|lastly|again|carefully|locally|optionally)\b,?\s+|(?:you|we|someone|maintainers?|(?:the |a )?release (?:manager|captain|lead))\s+(?:can|should|must|may|shall|ought to|(?:will )?(?:need|have|needs|has) to)\s+)(?:then\s+|please\s+)?/i;

/** Words that may be things too: `Test coverage is at 80 %`. */
const isNoun =
  /^(?:test|build|release|review|document|plan|use|report|mark|audit|scan|list|file|link|tag|start|lock|query|load|count|drill|record|draft|install|update|export|import|request|register|watch|move|branch|type|switch|track|share|fix|set|cut|upgrade|upload|download|post|email|stage|store)\s+(?!(?:what|who|that|if|whether|it|all|everything)\b)[\w-]+\s+(?:is|are|was|were|has|have|will|can|must|should|may)\b/i;

/** Tells the line somebody to do something? A line that is a command and nothing else does. */
export const isTold = (text: string): boolean => {
  const rest = text.replace(leadIn, '');
  if (isNoun.test(rest)) return false;
  return (
    imperative.test(rest) || verbBeforeThing.test(rest) || /^`[^`]+`$/.test(text) || (rest !== text && isTold(rest))
  );
};

/** Headings of what is told beside the steps. */
const beside =
  /\b(?:known issues?|questions|background|overview|glossary|examples?|history|rationale|motivation|criteria|policy|references|contacts?|appendix)\b/i;
/** Headings of what is told for another day. */
const anotherDay =
  /\b(?:troubleshooting|faqs?|future|ideas|nice to have|if (?:something|anything|things?) (?:goes|go|fails?|breaks?))\b/i;

const ofRelease =
  /\bcheck ?-?list\b|\breleas(?:e|ing)\b[^.]*\b(?:process|procedure|steps|guide|how)\b|^releasing\b|\bgo[- ]live\b|\bsign[- ]?off\b/i;
/** A bound or the name of a panel, and nothing that could be done or be so. */
const measure = /^[^`]*[<>≤≥]=?\s*\d[\d.,]*\s*\S*$|\bpanels?\W*$/i;

/** Is the whole document a list of what is to be done for a release? */
const isChecklist = (document: MarkdownDocument, path: string): boolean =>
  ofRelease.test(document.headings.find((one) => one.depth === 1)?.text ?? '') ||
  /(?:^|\/)(?:[\w-]*check-?list|releas(?:e|ing)(?:[-_](?:process|steps|procedure))?)\.(?:md|markdown)$/i.test(path);

/** Tells a paragraph somebody to do something, and is more than the sentence before a list? */
function tellsAlone({ prose, fences }: MarkdownDocument, n: number): boolean {
  const line = prose[n] ?? '';
  if (!/^[^\s|>]/.test(line) || !isTold(plain(line))) return false;
  const next = prose.findIndex((one, m) => m > n && one.trim() !== '');
  const isLead = line.trimEnd().endsWith(':') && listMark.test(prose[next] ?? '');
  return !isLead || fences.some((fence) => fence.line > n && fence.line <= next);
}

/**
 * Every box of the document; the numbered points and what is told to be done under a heading that speaks of checks, and in a
 * checklist of a release everywhere.
 */
export function checksOf(document: MarkdownDocument, path: string): { checks: Stretch[]; passedOver: number[] } {
  const found: Stretch[] = [];
  const passedOver: number[] = [];
  let open: (Stretch & { indent: number }) | undefined;
  const headings = new Map(document.headings.map((heading) => [heading.line, heading]));
  const whole = isChecklist(document, path);
  let heading = '';
  let before = '';
  /** The sentence that leads to a list: `Update these files:`. */
  let lead = '';
  /** Has a list followed it, and was that numbered? */
  let leadsTo: boolean | undefined;
  /** The depth of the heading below which all is for another day. */
  let apart = Infinity;
  for (const [n, line] of document.prose.entries()) {
    const at = headings.get(n + 1);
    const mark = listMark.exec(line);
    const [, indent = '', number, ticked, drawn, rest = ''] = mark ?? [];
    const bare = mark ? undefined : (bareBox.exec(line)?.[1] ?? saidInRow(document.prose, n));
    const said = bare ?? rest;
    const box = (ticked ?? drawn ?? bare) !== undefined;
    const check = box || whole || checkWords.test(heading);
    const begin = (text = said): void => {
      open = { title: '', text, heading, from: n + 1, to: n + 1, check, indent: indent.length };
      found.push(open);
    };
    const nested = open !== undefined && !box && indent.length > open.indent + 1;
    if (at !== undefined) {
      heading = at.text;
      open = undefined;
      lead = '';
      if (at.depth <= apart) apart = anotherDay.test(at.text) ? at.depth : Infinity;
    } else if (box) begin();
    else if (mark && !nested && indent.length <= 3) {
      const told = isTold(plain(said));
      if (leadsTo !== undefined && leadsTo !== (number !== undefined)) lead = '';
      leadsTo = number !== undefined;
      if (apart < Infinity || (!told && measure.test(plain(said)))) open = undefined;
      else if (told && (number !== undefined || check)) begin();
      else if (lead !== '' && (number !== undefined || check)) begin(`${lead} ${said}`);
      else if (number !== undefined && !beside.test(heading)) begin();
      else open = undefined;
      if (open === undefined && (check || apart < Infinity) && rest !== '') passedOver.push(n + 1);
    } else if (whole && apart === Infinity && before.trim() === '' && tellsAlone(document, n)) begin(line);
    else if (open && line.trim() !== '' && before.trim() === '' && !/^\s{2,}/.test(line)) open = undefined;
    else if (open) {
      open.to = n + 1;
      open.text += mark ? `${/:\s*$/.test(open.text) ? '' : ';'} ${said}` : ` ${line.trim()}`;
    }
    if (at === undefined && !mark && line.trim() !== '' && !/^\s/.test(line)) {
      const [last = ''] = /(?:^|(?<=[.!?]\s))[^.!?]*:$/.exec(plain(line)) ?? [];
      lead = isTold(last) ? last : '';
      leadsTo = undefined;
    }
    before = line;
  }
  for (const [n, { line, text, depth }] of whole ? document.headings.entries() : []) {
    const to = (document.headings[n + 1]?.line ?? document.prose.length + 1) - 1;
    const said = text.replace(/^(?:step\s+)?\d+[.):]?\s*/i, '');
    if (depth > 1 && isTold(plain(said)) && !found.some((one) => one.from >= line && one.from <= to))
      found.push({ title: '', text: said, heading: text, from: line, to, check: true });
  }
  found.sort((a, b) => a.from - b.from);
  const checks = found.some((one) => one.check) ? found.filter((one) => one.check) : found;
  // A list without a heading of checks holds checks where it holds commands.
  return {
    checks: checks.filter((one) => one.check || [...codeOf(document, one.from, one.to)].length > 0),
    passedOver,
  };
}

/** The pieces of code in a stretch that are commands: those of spans and of fences. */
export function codeOf(document: MarkdownDocument, from: number, to: number): Pipeline[] {
  const inside = ({ line }: { line: number }): boolean => line >= from && line <= to;
  const found: Pipeline[] = [];
  const add = (text: string, line: number): void => {
    for (const one of pipelines(parseShell(text))) found.push({ ...one, line: line + one.line - 1 });
  };
  for (const span of document.spans.filter(inside)) {
    const words = wordsOf(
      parseShell(span.text)[0] ?? { argv: [], line: 1, raw: '', writes: [], reads: [], piped: false },
    ).words;
    const [program = '', second] = words;
    const script = /^\.{0,2}\/?[\w./-]+\.(?:sh|bash)$/.test(program) && program.includes('/');
    if (
      (programs.has(program) && second !== undefined) ||
      (/^[\w./-]+$/.test(program) && program !== 'make' && provesOf(words) !== undefined) ||
      (script && second !== undefined) ||
      /^\.\/\S+\.(?:sh|bash)$/.test(span.text)
    )
      add(span.text, span.line);
  }
  for (const fence of document.fences.filter(inside)) {
    const text = commandsOfFence(fence.lang, fence.text);
    if (text !== undefined) add(text, fence.line);
  }
  return found.toSorted((a, b) => a.line - b.line);
}

/** The text without links and marks of emphasis. */
export const plain = (text: string): string =>
  text
    // A picture, or one that is a link: a badge says nothing in words.
    .replace(/\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)|!\[[^\]]*\]\([^)]*\)/g, ' ')
    .replace(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(/[*_]{2,}|~~/g, '')
    .replace(/\s+/g, ' ')
    .trim();

export const noCommand = { argv: [], line: 1, raw: '', writes: [], reads: [], piped: false };

/** The stretches below each heading, before, between and behind its checks. */
export function sectionsOf(document: MarkdownDocument, checks: readonly Stretch[]): Stretch[] {
  return document.headings.flatMap((heading, n) => {
    const next = document.headings[n + 1]?.line ?? document.prose.length + 1;
    const inside = checks.filter((check) => check.from >= heading.line && check.from < next);
    const title = plain(heading.text)
      .replace(/^\d+[.)]\s*/, '')
      .replace(/[^\p{L}\p{N})]+$/u, '');
    return [heading.line, ...inside.map((check) => check.to + 1)].map((from, m) => ({
      title,
      text: '',
      heading: heading.text,
      from,
      to: (inside[m]?.from ?? next) - 1,
      check: false,
    }));
  });
}
