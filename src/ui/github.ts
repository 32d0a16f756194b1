import { appendFileSync, statSync } from 'node:fs';
import type { RunEvent, View } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import { isOpen, whereText } from '../core/words.ts';
import { PlainView } from './plain.ts';

/** GitHub shows about ten annotations of a level per step. */
const maxAnnotations = 10;
/** GITHUB_STEP_SUMMARY takes 1 MiB a step. */
const maxSummary = 1024 * 1024 - 4096;

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** One workflow command for a finding. */
export function annotation(finding: Finding, step: string): string {
  const kind = finding.level === 'error' ? 'error' : 'warning';
  const where = finding.where && [
    `file=${property(finding.where.file)}`,
    finding.where.line === undefined ? '' : `line=${finding.where.line}`,
    finding.where.col === undefined ? '' : `col=${finding.where.col}`,
  ];
  const properties = [...(where ?? []), `title=${property(`${step}: ${finding.code}`)}`].filter(Boolean).join(',');
  return `::${kind} ${properties}::${data(finding.hint === undefined ? finding.message : `${finding.message}\n${finding.hint}`)}`;
}

/** The plain log, in which no line of a program can be read as a workflow command, with annotations and a job summary. */
export class GithubView implements View {
  readonly #plain: PlainView;
  readonly #write: (text: string) => void;
  readonly #summary: string | undefined;
  readonly #said = { error: 0, warning: 0 };

  constructor(write: (text: string) => void, summary: string | undefined) {
    this.#write = write;
    this.#summary = summary;
    this.#plain = new PlainView((text) => write(text.replace(/^(\s*)(::|##\[)/gm, '$1\u200b$2')), false);
  }

  on(event: RunEvent): void {
    this.#plain.on(event);
    if (event.type !== 'step-ended') return;
    for (const finding of event.record.findings) {
      if (!isOpen(finding)) continue;
      const kind = finding.level === 'error' ? 'error' : 'warning';
      if (this.#said[kind]++ < maxAnnotations) this.#write(`${annotation(finding, event.record.id)}\n`);
    }
    this.#summarise(
      `- **${event.record.id}** ${event.record.outcome}${event.record.findings
        .filter(isOpen)
        .map((f) => `\n  - \`${f.code.replaceAll('`', '')}\` ${f.message.replace(/[<>&`|\n]/g, ' ')} ${whereText(f)}`)
        .join('')}\n`,
    );
  }

  close(): Promise<void> {
    return this.#plain.close();
  }

  prompt: View['prompt'] = (_step, prompt, config, signal) => prompt(config, { signal });

  #summarise(text: string): void {
    if (this.#summary === undefined) return;
    const size = statSync(this.#summary, { throwIfNoEntry: false })?.size ?? 0;
    if (size + Buffer.byteLength(text) < maxSummary) appendFileSync(this.#summary, text);
  }
}
