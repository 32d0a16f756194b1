import { Document, isMap, isSeq, visit } from 'yaml';
import type { DraftItem } from '../toolchains/drafted.ts';

export interface Draft {
  milestone: string;
  title: string;
  /** The document that it was drafted from, relative to the target. */
  source?: string;
  stack?: { compose: { files: string[]; profiles?: string[]; envFile?: string } };
  outputs: string[];
  items: DraftItem[];
  /** What was seen and left out, and why. */
  leftOut: string[];
}

/** Ids of steps and items, each given once. */
export class Ids {
  readonly #taken = new Set<string>();

  /** `text` as an id, with a number where it is taken. */
  take(text: string): string {
    const base =
      text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+/, '')
        .slice(0, 56)
        .replace(/-+$/, '') || 'step';
    for (let n = 1; ; n++) {
      const id = n === 1 ? base : `${base}-${n}`;
      if (this.#taken.has(id)) continue;
      this.#taken.add(id);
      return id;
    }
  }
}

const short = 100;
const widest = 160;

/** A line of a comment, on several where it is too long to be read. */
function wrapped(line: string): string[] {
  const words = line.split(' ');
  const found: string[] = [];
  for (const word of words) {
    const last = found.at(-1);
    if (last === undefined || last.length + word.length >= widest) found.push(found.length === 0 ? word : `  ${word}`);
    else found[found.length - 1] = `${last} ${word}`;
  }
  return found;
}

/** The checklist as YAML; places and notes are comments above the steps. */
export function toYaml(draft: Draft, head: readonly string[]): string {
  const steps = draft.items.flatMap((item) => item.steps);
  const document = new Document(
    {
      version: 1,
      milestone: draft.milestone,
      title: draft.title,
      ...(draft.source !== undefined && { source: draft.source }),
      target: '..',
      ...(draft.outputs.length > 0 && { outputs: draft.outputs }),
      ...(draft.stack && { stack: draft.stack }),
      items: draft.items.map((item) => ({
        ...item,
        steps: item.steps.map((step) => ({ ...step, from: undefined, note: undefined })),
      })),
    },
    { aliasDuplicateObjects: false, keepUndefined: false },
  );
  document.commentBefore = [...head, ...draft.leftOut.map((text) => `left out: ${text}`)]
    .flatMap((line) => wrapped(line.replace(/[\r\n]+/g, ' ')))
    .map((line) => ` ${line}`)
    .join('\n');
  const items = document.get('items', true);
  const nodes = isSeq(items)
    ? items.items.flatMap((item) => {
        const list = isMap(item) ? item.get('steps', true) : undefined;
        return isSeq(list) ? list.items : [];
      })
    : [];
  for (const [n, node] of nodes.entries()) {
    const step = steps[n];
    const lines = [
      ...(step?.from === undefined ? [] : [`review: from ${step.from}`]),
      ...(step?.note === undefined ? [] : [step.note]),
    ];
    if (isMap(node) && lines.length > 0)
      node.commentBefore = lines.map((line) => ` ${line.replace(/[\r\n]+/g, ' ')}`).join('\n');
  }
  visit(document, {
    Seq(_, seq) {
      const flat = JSON.stringify(seq.toJSON());
      if (!/[{]/.test(flat) && flat.length < short) seq.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
