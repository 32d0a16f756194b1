import { accepted } from '../../core/waive.ts';
import { toldOnce, type Told } from '../../core/told-once.ts';
import type { Frame, RunRecord } from '../../core/record.ts';
import { isOpen, whereText } from '../../core/words.ts';
import { anchor, clip, markup, plural, coded, prose, type Markup } from './markup.ts';

const maxShown = 300;

const levelWord = { error: 'Defect', inconclusive: 'Not provable', warning: 'Warning', note: 'Note' } as const;

export function findingsSection(record: RunRecord): Markup {
  const all = toldOnce(record.steps);
  const open = all.filter(({ finding }) => isOpen(finding));
  const warnings = all.filter(({ finding }) => finding.waived === undefined && finding.level === 'warning');
  const notes = all.filter(({ finding }) => finding.waived === undefined && finding.level === 'note');
  const waived = all.filter(({ finding }) => finding.waived !== undefined);
  return markup`<section id="findings" aria-labelledby="findings-h"><h2 id="findings-h">Findings</h2> ${open.length + warnings.length === 0 && markup`<p>${noneText(record)}</p>`} ${byStep(open)} ${
    warnings.length > 0 &&
    markup`<h3>Warnings</h3><p class="by">Worth a look; they change no outcome.</p> ${byStep(warnings, 4)}`
  } ${folded('Accepted by waivers', waived)} ${folded('Notes', notes)}</section>`;
}

function folded(title: string, found: readonly Told[]): Markup | undefined {
  if (found.length === 0) return undefined;
  return markup`<details><summary><h3>${title}</h3> <span class="count">${found.length}</span></summary> ${byStep(found, 4)}</details>`;
}

function byStep(found: readonly Told[], level: 3 | 4 = 3): Markup {
  const shown = found.slice(0, maxShown);
  const groups = Map.groupBy(shown, ({ step }) => step);
  const heading = (inner: Markup): Markup => (level === 3 ? markup`<h3>${inner}</h3>` : markup`<h4>${inner}</h4>`);
  return markup`${[...groups].map(
    ([step, findings]) =>
      markup`<div class="group">${heading(markup`<a href="#${anchor('step', step.id)}">${step.title}</a> <code>${step.uses}</code>`)} ${findings.map(card)}</div>`,
  )}${found.length > shown.length && markup`<p>… and ${plural(found.length - shown.length, 'finding')} more, in <code>record.json</code>.</p>`}`;
}

function card({ finding, step, also }: Told): Markup {
  const where = whereText(finding);
  const frame = step.frames?.find((one) => one.file === finding.where?.file && one.line === finding.where?.line);
  return markup`<article class="finding l-${finding.level}"><p class="message"><span class="level">${levelWord[finding.level]}</span> ${finding.message}</p><p class="by"><code>${finding.code}</code>${where !== '' && markup` <span class="where">${where}</span>`}${also.length > 0 && markup` also in ${also.map(({ id }, n) => markup`${n > 0 && ', '}<a href="#${anchor('step', id)}">${id}</a>`)}`}</p> ${frame && frameMarkup(frame, finding.where?.col)} ${finding.detail !== undefined && finding.detail.trim() !== '' && markup`<details${finding.detail.length < 600 && !frame ? markup` open` : ''}><summary>What was seen</summary><pre>${clip(finding.detail.trimEnd(), 4000)}</pre></details>`} ${finding.hint !== undefined && markup`<p class="todo"><strong>What to do:</strong> ${coded(finding.hint)}</p>`} ${finding.waived !== undefined && markup`<p class="todo"><strong>Accepted:</strong> ${prose(finding.waived)}</p>`}</article> `;
}

/** The lines of the file at fault, the line itself marked, with a caret under the column. */
function frameMarkup(frame: Frame, col: number | undefined): Markup {
  const width = String(frame.from + frame.lines.length - 1).length;
  return markup`<pre class="frame" role="group" aria-label="${frame.file}, line ${frame.line}">${frame.lines.map(
    (line, n) => {
      const number = frame.from + n;
      const gutter = markup`<span class="no">${String(number).padStart(width)}</span> `;
      if (number !== frame.line) return markup`<span class="ln">${gutter}${line}</span>`;
      const at = col !== undefined && col <= line.length ? col - 1 : -1;
      const text =
        at < 0
          ? markup`${line}`
          : markup`${line.slice(0, at)}<b>${token(line, at)}</b>${line.slice(at + token(line, at).length)}`;
      return markup`<mark class="ln">${gutter}${text}</mark>`;
    },
  )}</pre>`;
}

/** The word that begins at a column, at least one character. */
const token = (line: string, at: number): string =>
  /^(?:[\w.$-]+|\s+\S|[^\w\s])/.exec(line.slice(at))?.[0] ?? line.slice(at, at + 1);

function noneText({ steps }: RunRecord): string {
  if (steps.length === 0) return 'None: nothing was checked.';
  return accepted(steps).length > 0
    ? 'None besides the failures that a waiver accepts.'
    : 'None: nothing that was checked is wrong.';
}
