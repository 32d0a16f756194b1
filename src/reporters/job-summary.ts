import type { RunRecord } from '../core/record.ts';
import { markdown } from './markdown.ts';

/** GITHUB_STEP_SUMMARY takes 1 MiB a step; what is larger is refused whole. */
const maxBytes = 1024 * 1024 - 4096;

/**
 * The Markdown report as a job summary of GitHub Actions: its relative links lead nowhere there, so they are taken out, and what
 * would be too long is cut at the end of a line, which it says.
 * @param taken bytes that the summary already holds
 */
export function jobSummary(record: RunRecord, recordSha256: string, taken = 0): string {
  const room = Math.max(0, maxBytes - taken);
  const text = markdown(record, recordSha256).replaceAll(/\[([a-z0-9._-]+)\]\(evidence\/[a-z0-9._-]+\/\)/g, '$1');
  if (Buffer.byteLength(text) <= room) return text;
  const note = '\n\n*Cut here: the whole report is FINAL_STATUS.md among the files of the run.*\n';
  const cut = Buffer.from(text)
    .subarray(0, Math.max(0, room - Buffer.byteLength(note) - 16))
    .toString('utf8');
  const lines = cut.slice(0, cut.lastIndexOf('\n')).split('\n');
  if (lines.length < 2) return '';
  return `${lines.join('\n')}${openFence(lines)}${note}`;
}

/** What closes a code fence that the cut left open. */
function openFence(lines: readonly string[]): string {
  let open = '';
  for (const line of lines) {
    const ticks = /^(`{3,})/.exec(line)?.[1] ?? '';
    if (open === '') open = ticks;
    else if (line.trimEnd() === open) open = '';
  }
  return open === '' ? '' : `\n${open}`;
}
