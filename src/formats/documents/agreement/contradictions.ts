import type { MarkdownDocument, TableSeen } from '../markdown.ts';
import { allOfClaims } from './all-of.ts';
import { changes } from './changes.ts';
import { dates } from './dates.ts';
import { derived, percentiles, rates } from './derived.ts';
import { figures } from './figures.ts';
import { headingSums } from './heading-sums.ts';
import { labelClaims } from './labels.ts';
import { listed } from './listed.ts';
import { nothingLeft } from './nothing-left.ts';
import { shares } from './shares.ts';
import { sums } from './sums.ts';
import { tallies } from './tallies.ts';
import { testParts } from './test-parts.ts';
import { wholeClaims } from './whole.ts';
import { headingsAbove, type SelfClaim, suspect } from '../surroundings.ts';
import { stateOf } from '../task-file.ts';

/** What a document says twice, with different values; one line is told of once. */
export function contradictions(document: MarkdownDocument): SelfClaim[] {
  const all = [
    taskClaims,
    boxClaims,
    shares,
    sums,
    headingSums,
    tallies,
    testParts,
    changes,
    figures,
    derived,
    rates,
    percentiles,
    dates,
    listed,
    allOfClaims,
    wholeClaims,
    labelClaims,
    nothingLeft,
  ].flatMap((claims) => claims(document));
  const said = new Set<number>();
  return all.filter((one) => {
    if (one.holds) return true;
    const known = said.has(one.line);
    said.add(one.line);
    return !known;
  });
}

/**
 * "11 of 12 tasks complete" and "11/12 tasks" against the one table with a column of tasks and a column of states. Nothing is
 * said where there is no such table, or several, or a state that is not understood.
 */
function taskClaims(document: MarkdownDocument): SelfClaim[] {
  const tables = document.tables.flatMap((table) => countStates(table) ?? []);
  const [table] = tables;
  if (tables.length !== 1 || !table) return [];
  const claims: SelfClaim[] = [];
  for (const [n, line] of document.prose.entries()) {
    // A row of a table is no sentence about the whole.
    if (/^\s*\|/.test(line)) continue;
    for (const match of line
      .replace(/[*`]/g, '')
      .matchAll(
        /(?<![\w.-])(\d+)\s*(?:\/|of|out of)\s*(\d+)\s+tasks?(?:\s+(?:are\s+)?(?:complete[d]?|done|finished|production-ready))?/gi,
      )) {
      if (
        /^\s*(?:are |were )?(?:started|begun|in progress|remain\w*|left|open|planned|pending)\b/i.test(
          match.input.slice(match.index + match[0].length),
        )
      )
        continue;
      const holds = Number(match[1]) === table.complete && Number(match[2]) === table.all;
      claims.push({
        line: n + 1,
        text: match[0],
        holds,
        seen: `its table at line ${table.line} has ${table.complete} of ${table.all} complete`,
        // A table of some of them contradicts no sentence that all are done.
        ...(match[1] === match[2] && table.complete === table.all && { level: 'warning' as const }),
      });
    }
  }
  return claims;
}

function countStates(table: TableSeen): { line: number; complete: number; all: number } | undefined {
  const header = table.header.map((cell) => cell.toLowerCase());
  const status = header.findIndex((cell) => /^(?:status|state)$/.test(cell));
  if (status < 0 || !header.some((cell) => /^(?:task|tasks|task id|task #)$/.test(cell)) || table.rows.length === 0)
    return undefined;
  const states = table.rows.map((row) => stateOf(row.cells[status] ?? ''));
  if (states.includes(undefined)) return undefined;
  return { line: table.line, complete: states.filter((state) => state === 'complete').length, all: states.length };
}

/** "COMPLETE (8/8 tasks)" above the eight boxes of its own heading, of which one is open. */
function boxClaims(document: MarkdownDocument): SelfClaim[] {
  return document.prose.flatMap((line, n): SelfClaim[] => {
    const said = /(?<![\w.-])(\d+)\s*(?:\/|of|out of)\s*(\d+)\s+(?:tasks?|items?|boxes|criteria|deliverables)\b/i.exec(
      line.replace(/[*_`]/g, ''),
    );
    if (!said || /^\s*(?:\||[-*+] \[)/.test(line)) return [];
    const above = headingsAbove(document, n + 1);
    const own = document.boxes.filter(({ line: box }) =>
      `${headingsAbove(document, box)} / `.startsWith(above === '' ? '' : `${above} / `),
    );
    // Of another number of boxes, another number of things is told.
    if (own.length !== Number(said[2])) return [];
    const ticked = own.filter((box) => box.ticked).length;
    const open = own.find((box) => !box.ticked);
    return [
      suspect(
        n + 1,
        said[0],
        ticked === Number(said[1]),
        `of its ${own.length} boxes ${ticked} are ticked${open ? `; line ${open.line} is open` : ''}`,
      ),
    ];
  });
}
