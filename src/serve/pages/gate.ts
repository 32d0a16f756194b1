import { markup, plural, coded, type Markup } from '../../reporters/html/markup.ts';
import type { GateView } from '../desk.ts';
import { room, type Room } from '../layout.ts';

/** What the gate says now, why, and how the signature gets to where others see it. */
export function gatePage(where: Room, { answer, commit, command }: GateView): string {
  const { passed, reasons, notices, approvals } = answer;
  const said = passed ? 'GATE OPEN' : 'GATE SHUT';
  const body = markup`<header><p class="by">Gate · <b>${where.desk.milestone}</b> · ${answer.run}</p><h1>May the next milestone begin?</h1></header><section class="verdict ${passed ? 'v-PASSED' : 'v-FAILED'}" aria-labelledby="gate-h"><h2 id="gate-h"><span class="mark" aria-hidden="true">${passed ? '✔' : '✘'}</span> ${said}</h2><p class="meaning">${passed ? `Approved by ${approvals.map((one) => `${one.by} (${one.role})`).join(', ')}.` : `${plural(reasons.length, 'reason')}, one a line.`}</p><p>Exit code <b>${answer.code}</b>${answer.commit !== undefined && markup`, commit <code>${answer.commit.slice(0, 12)}</code>`}, asked at ${answer.at}.</p></section>${
    reasons.length > 0 &&
    markup`<section aria-labelledby="reasons-h"><h2 id="reasons-h">Why it is shut</h2><ul class="lines">${reasons.map(
      ({ code, text, todo }) => markup`<li><b>${code}</b> ${text}<span class="todo">→ ${coded(todo)}</span></li>`,
    )}</ul></section>`
  }${notes(notices)}${
    approvals.length > 0 &&
    markup`<section aria-labelledby="by-h"><h2 id="by-h">Signatures that count</h2><ul class="lines">${approvals.map(
      ({ by, role, key, at }) =>
        markup`<li><b>${by}</b> as ${role}, at ${at}, key <code class="hash">${key}</code></li>`,
    )}</ul></section>`
  }<section aria-labelledby="keep-h"><h2 id="keep-h">Where others see it</h2>${commit.note !== undefined && markup`<p>${commit.note}</p>`}${commit.commands.length > 0 && markup`<p>To commit the run with its signatures:</p><pre tabindex="0">${commit.commands.join('\n')}</pre>`}<p>The gate in CI, offline:</p><pre tabindex="0">${command}</pre></section>`;
  return room(where, 'gate', said, body);
}

function notes(notices: readonly string[]): Markup | undefined {
  if (notices.length === 0) return undefined;
  return markup`<section aria-labelledby="notes-h"><h2 id="notes-h">To know</h2><ul class="lines">${notices.map((text) => markup`<li>${text}</li>`)}</ul></section>`;
}
