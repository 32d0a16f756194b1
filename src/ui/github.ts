import type { RunEvent, View } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import { isOpen, withoutCommands } from '../core/words.ts';
import { PlainView } from './plain.ts';

/** GitHub shows about ten annotations of a level per step. */
const maxAnnotations = 10;

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

/** The plain log, in which no line of a program can be read as a workflow command, with annotations. */
export class GithubView implements View {
  readonly #plain: PlainView;
  readonly #write: (text: string) => void;
  readonly #said = { error: 0, warning: 0 };

  constructor(write: (text: string) => void, near: (path: string) => string) {
    this.#write = write;
    this.#plain = new PlainView((text) => write(withoutCommands(text)), false, near);
  }

  on(event: RunEvent): void {
    this.#plain.on(event);
    if (event.type !== 'step-ended') return;
    for (const finding of event.record.findings) {
      if (!isOpen(finding)) continue;
      const kind = finding.level === 'error' ? 'error' : 'warning';
      if (this.#said[kind]++ < maxAnnotations) this.#write(`${annotation(finding, event.record.id)}\n`);
    }
  }

  close(): Promise<void> {
    return this.#plain.close();
  }

  prompt: View['prompt'] = (_step, prompt, config, signal) => prompt(config, { signal });
}
