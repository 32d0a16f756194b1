import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { commandsOfFence, parseShell } from '../formats/programs/shell.ts';
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
const listMark = /^(\s{0,3})(?:(\d+)[.)]|[-*+]\s+\[[ xX]\])\s+(.*)$/;

/** Numbered checks, and boxes under a heading that speaks of checks. */
export function checksOf(document: MarkdownDocument): Stretch[] {
  const found: Stretch[] = [];
  let open: Stretch | undefined;
  const headings = new Map(document.headings.map((heading) => [heading.line, heading.text]));
  let heading = '';
  let before = '';
  for (const [n, line] of document.prose.entries()) {
    const at = headings.get(n + 1);
    const mark = listMark.exec(line);
    if (at !== undefined) {
      heading = at;
      open = undefined;
    } else if (mark && (mark[2] !== undefined || checkWords.test(heading))) {
      open = { title: '', text: mark[3] ?? '', heading, from: n + 1, to: n + 1, check: checkWords.test(heading) };
      found.push(open);
    } else if (open && line.trim() !== '' && before.trim() === '' && !/^\s{2,}/.test(line)) open = undefined;
    else if (open) {
      open.to = n + 1;
      open.text += ` ${line.trim()}`;
    }
    before = line;
  }
  const checks = found.some((one) => one.check) ? found.filter((one) => one.check) : found;
  // A list without a heading of checks holds checks where it holds commands.
  return checks.filter((one) => one.check || [...codeOf(document, one.from, one.to)].length > 0);
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
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_]{2,}|~~/g, '')
    .replace(/\s+/g, ' ')
    .trim();

export const noCommand = { argv: [], line: 1, raw: '', writes: [], reads: [], piped: false };

/** The stretches below each heading, those of the checks left out. */
export function sectionsOf(document: MarkdownDocument, checks: readonly Stretch[]): Stretch[] {
  return document.headings.map((heading, n) => {
    const next = document.headings[n + 1]?.line ?? document.prose.length + 1;
    const first = checks.find((check) => check.from > heading.line && check.from < next);
    return {
      title: plain(heading.text)
        .replace(/^\d+[.)]\s*/, '')
        .replace(/[^\p{L}\p{N})]+$/u, ''),
      text: '',
      heading: heading.text,
      from: heading.line,
      to: (first?.from ?? next) - 1,
      check: false,
    };
  });
}
