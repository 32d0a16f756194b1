import { yamlOf } from '../data/yaml.ts';
import { parseMarkdown, type MarkdownDocument } from './markdown.ts';

export type TaskState = 'complete' | 'pending' | 'dropped';

/** One statement of a task file about its own state. */
export interface Statement {
  from: 'file name' | 'title' | 'status line' | 'front matter';
  state: TaskState;
  text: string;
  line: number;
}

export interface TaskFile {
  path: string;
  /** Leading number of the file name: `006`. */
  number: string | undefined;
  title: string;
  statements: Statement[];
  ticked: number;
  /** Open boxes; `optional` where the box or its heading says that it need not be done. */
  unticked: { line: number; text: string; optional: boolean }[];
  /** Sections and sentences that say that something is left to do. */
  leftOver: { line: number; text: string }[];
}

/** Is it called like the file of one task: `006_x.md`, `task_01.md`, `TASK-3-ring.md`? */
export const isTaskFile = (path: string): boolean =>
  /(?:^|\/)(?:task[-_ ]?\d{1,4}(?:[-_. ][^/]*)?|\d{1,4}[-_][^/]*)\.md$/i.test(path);

const complete =
  /^(?:complete[d]?|done|finished|closed|shipped|merged|delivered|implemented|production[- ]ready|100\s?%(?: complete[d]?)?)\b/i;
const pending =
  /^(?:pending|in[- ]progress|wip|todo|to do|open|started|not started|not (?:yet )?(?:complete|done|implemented|started)|planned|blocked|incomplete|draft|partial(?:ly)?|partially (?:complete|done)|ready (?:to start|for review)|backlog|in review|on hold|almost|mostly|\d{1,2}\s?%(?=\W|$))(?!\w)/i;
const dropped =
  /^(?:dropped|cancell?ed|won['’]?t (?:do|fix)|obsolete|superseded|deferred|postponed|out of scope|moved)\b/i;

/** Words that say at the end that something is open: `integration pending`, `tests not written`. */
const endsOpen =
  /\b(?:pending|in[- ]progress|wip|unfinished|incomplete|outstanding|blocked|on hold|to be done|to do|todo|tbd|not (?:yet )?(?:complete[d]?|done|finished|started|implemented|integrated|tested|merged|deployed|verified|released|written|reviewed))$/i;
/** What makes the same words say that nothing is open, or that they are what the task is about. */
const saysNone =
  /\b(?:no|not|none|nothing|zero|0|without|never|no longer|isn['’]t|aren['’]t|is|are|be|in|as|of|for|from|to|that|stays?|stuck|still|while|when|if|remains?|shows?|lists?|counts?|handles?|counting|the|a|an)(?: \w+)? (?:pending|in[- ]progress|wip|unfinished|incomplete|outstanding|blocked|on hold|to do|todo|tbd)$/i;

/** Does a text end by saying that something is open? */
const isOpenAtEnd = (text: string): boolean => {
  const words = text.replace(/[^\p{L}\p{N}]+$/u, '').trim();
  return endsOpen.test(words) && !saysNone.test(words) && words.split(/\s+/).length <= 6;
};

/** The state that a word or phrase means; undefined where it is none that is known. Marks and emphasis before it are skipped. */
export function stateOf(text: string): TaskState | undefined {
  const marks = /[✅✔☑]|:white_check_mark:|\[x\]/iu.test(text)
    ? 'complete'
    : /[❌🚧⏳🔄☐⬜]|\[ \]/u.test(text)
      ? 'pending'
      : undefined;
  const words = text
    .replace(/:\w+:|\[[ x]\]/gi, '')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .trim();
  // `complete?` asks.
  if (pending.test(words) || /^[\w -]{1,40}\?+$/.test(words)) return 'pending';
  if (dropped.test(words)) return 'dropped';
  // `Complete, integration pending`: what stands behind takes it back.
  const parts = words.split(/[,;()[\]–—:]|\s-\s|\b(?:but|except|and)\b/);
  if (parts.some((part) => isOpenAtEnd(part))) return 'pending';
  if (complete.test(words)) return 'complete';
  return words === '' ? marks : undefined;
}

const nameState = /[_.-](complete[d]?|done|pending|todo|wip|in[_-]progress|blocked|deferred|cancell?ed|dropped)$/i;
const optionalWords =
  /\b(?:optional|optionally|stretch|nice[- ]to[- ]have|future|deferred|later|out of scope|follow-?ups?|if time|post-)\b/i;
const leftHeading =
  /^(?:[^\p{L}]*)(?:todos?|to do|tbd|remaining(?: work| tasks| items)?|pending(?: work| items)?|outstanding(?: work| items)?|not (?:yet )?implemented|open (?:items|work|tasks)|what is left|left to do)\b/iu;
const nothingLeft =
  /^(?:[^\p{L}\p{N}]*)(?:none|nothing|n\/a|no(?:ne)? (?:remaining|outstanding|open|pending)|[-—]?\s*$|all (?:done|complete))/iu;
const leftWords =
  /\bTODO\b|\bTBD\b|\bFIXME\b|\bnot (?:yet )?implemented\b|\bto be (?:done|implemented|written)\b|\bstill (?:missing|pending|to do)\b/;

/** An item or a cell with a mark that is neither a tick nor an empty box: `- [~] half`, `☐ two`, `| ⏳ |`. */
const openMark = /^\s*(?:[-*+]|\d+[.)])\s+(?:\[(?:~|\/|>|!|)\](?![([:])|[☐⏳🚧🔲])|\|\s*[☐⏳🚧🔲]\uFE0F?\s*\|/u;
/** `- one — pending approval`, a cell `Pending`, `Sign-off: pending`. */
const saysPending = [
  /^\s*(?:[-*+]|\d+[.)])\s.*\s[–—-]\s(?:not (?:run|started|done|tested|verified)|pending|in progress|to do|tbd|blocked)(?: [\w ]{1,24})?$/iu,
  /\|\s*(?:Not (?:run|started|done|tested|verified)|Pending|PENDING|In [Pp]rogress|To ?[Dd]o|TODO|TBD|Blocked)\s*\|/u,
  /^\W{0,4}(?:sign-?off|reviews?|approvals?|verification|tests?|testing|deployment|rollout|documentation|docs)\s*:\s*(?:not (?:run|started|done|tested|verified)|pending|in progress|to do|tbd|blocked)\b/iu,
];

const baseOf = (path: string): string =>
  path
    .split('/')
    .at(-1)
    ?.replace(/\.\w+$/, '') ?? path;
const titleOf = (document: MarkdownDocument): MarkdownDocument['headings'][number] | undefined =>
  document.headings.find((heading) => heading.depth === 1) ?? document.headings[0];

/** What a document says of the state of what it is about: by its name, its title, its front matter and its status lines. */
export function statementsOf(path: string, document: MarkdownDocument): Statement[] {
  const base = baseOf(path);
  const title = titleOf(document);
  const statements: Statement[] = [];
  const named = nameState.exec(base)?.[1];
  const ofName = named === undefined ? undefined : stateOf(named.replace(/_/g, ' '));
  if (named !== undefined && ofName) statements.push({ from: 'file name', state: ofName, text: named, line: 1 });
  const ofTitle = title && titleState(title.text);
  if (title && ofTitle) statements.push({ from: 'title', state: ofTitle, text: title.text, line: title.line });
  statements.push(...frontMatterStates(document), ...statusLines(document));
  return statements;
}

/** Reads a task file: what its name, title, status lines and front matter say of its state, its boxes, and what it leaves open. */
export function parseTaskFile(path: string, text: string): TaskFile {
  const document = parseMarkdown(text);
  const base = baseOf(path);
  const title = titleOf(document);
  const statements = statementsOf(path, document);
  return {
    path,
    number: /^(?:task[_-]?)?(\d{1,4})(?=\D|$)/i.exec(base)?.[1],
    title: title?.text ?? base,
    statements,
    ticked: document.boxes.filter((box) => box.ticked).length,
    unticked: document.boxes
      .filter((box) => !box.ticked)
      .map((box) => ({
        line: box.line,
        text: box.text,
        optional: optionalWords.test(box.text) || optionalWords.test(box.heading),
      })),
    leftOver: leftOver(document),
  };
}

/** `007: Rules (complete)`, `Rules — DONE`, `✅ Rules`: the state stands apart, at the end or as a mark. */
function titleState(title: string): TaskState | undefined {
  const tail = /(?:[([]|[–—:|-]\s+|\s[-–—]\s*)([^()[\]–—:|]+)[)\]]?\s*$/u.exec(title)?.[1];
  const own = tail === undefined ? undefined : stateOf(tail);
  if (own) return own;
  if (isOpenAtEnd(title.replace(/^\W*(?:task\s*)?\d*\W*/i, ''))) return 'pending';
  if (/^\W*[[(](?:draft|wip|pending|in progress|todo|blocked)[\])]/i.test(title)) return 'pending';
  return /[✅✔☑]/u.test(title) ? 'complete' : /[🚧⏳❌]/u.test(title) ? 'pending' : undefined;
}

function frontMatterStates(document: MarkdownDocument): Statement[] {
  if (document.frontMatter === undefined) return [];
  try {
    const front = yamlOf(document.frontMatter);
    const value =
      (front as Record<string, unknown> | null)?.['status'] ?? (front as Record<string, unknown> | null)?.['state'];
    const state = typeof value === 'string' ? stateOf(value) : undefined;
    const line = document.frontMatter.split('\n').findIndex((one) => /^(?:status|state)\s*:/.test(one)) + 2;
    return state && typeof value === 'string' ? [{ from: 'front matter', state, text: value, line }] : [];
  } catch {
    return [];
  }
}

/**
 * `Status: complete`, `**Status**: ✅ Complete`, `- **Status:** done`, `## Status: Complete`, and a row `| Status | complete |`,
 * in what stands under the title or under a heading about the status; below other headings it is that of a part.
 */
function statusLines(document: MarkdownDocument): Statement[] {
  return document.prose.flatMap((raw, n) => {
    const line = raw.replace(/[*_`]/g, '').replace(/^\s*\|\s*/, '');
    const match =
      /^\s*(?:[-+>]\s+|#{1,6}\s+)?(?:task |current |overall )?status(?:\s*\([^)]*\))?\s*[:=|]\s*(.+?)\s*\|?\s*$/i.exec(
        line,
      );
    const text = match?.[1];
    const state = text === undefined ? undefined : stateOf(text);
    if (text === undefined || !state) return [];
    const above = document.headings.filter((heading) => heading.line <= n + 1);
    const heading = above.at(-1);
    const ofTask =
      above.length < 2 || heading?.depth === 1 || /status|summary|overview|metadata/i.test(heading?.text ?? '');
    return ofTask ? [{ from: 'status line' as const, state, text, line: n + 1 }] : [];
  });
}

function leftOver(document: MarkdownDocument): { line: number; text: string }[] {
  const found: { line: number; text: string }[] = [];
  const lines = document.prose;
  for (const [n, heading] of document.headings.entries()) {
    if (!leftHeading.test(heading.text) || stateOf(heading.text) === 'complete') continue;
    const next = document.headings[n + 1]?.line ?? lines.length + 1;
    const body = lines
      .slice(heading.line, next - 1)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !/^[-=]{3,}$/.test(line));
    if (body.length > 0 && !nothingLeft.test(body[0] ?? '') && !body.every((line) => /^[-*+]\s+\[x\]/i.test(line)))
      found.push({ line: heading.line, text: heading.text });
  }
  for (const [n, line] of lines.entries()) {
    const words = line.replace(/`[^`]*`/g, '');
    if (openMark.test(words) || saysPending.some((one) => one.test(words.replace(/[*_]/g, ''))))
      found.push({ line: n + 1, text: line.trim().slice(0, 160) });
    else if (
      leftWords.test(words) &&
      !/\b(?:no|zero|0|without|any|removed?)\b[^.]*\b(?:TODO|TBD|FIXME)/i.test(words) &&
      !/^\s*#/.test(line)
    )
      found.push({ line: n + 1, text: line.trim().slice(0, 160) });
  }
  return found.toSorted((a, b) => a.line - b.line);
}
