import { shardDifferences } from '../core/merge.ts';
import type { RunRecord } from '../core/record.ts';
import { entries } from '../core/words.ts';
import { codeSpan, escapeText, fence, table } from './markdown-text.ts';

/** The machine, or that of each shard; the tools; and how to run it again. */
export function environmentSection(record: RunRecord): string[] {
  const hostRow = (host: RunRecord['host']): string =>
    escapeText(`${host.os}, ${host.arch}, ${host.cpus} × ${host.cpu}, ${host.memoryMiB} MiB, Node ${host.node}`);
  const shards = record.merged?.shards ?? [];
  return [
    '## Environment, and how to reproduce',
    '',
    ...shardDifferences(record).flatMap((text) => [`**To know:** ${escapeText(text)}`, '']),
    ...table(
      ['', ''],
      [
        ...(shards.length === 0
          ? [['Host', hostRow(record.host)]]
          : shards.map(({ index, runId, host }) => [
              `Shard ${index} of ${record.merged?.of}`,
              `${codeSpan(runId)} on ${hostRow(host)}`,
            ])),
        ...entries(record.tools).map(([name, version]) => [escapeText(name), escapeText(version)]),
      ],
    ),
    '',
    'In a clone of the repository at this commit:',
    '',
    ...fence([...shards, record.run].map(({ command }) => command.join(' ')).join('\n')).map((line) =>
      line.replace(/^(`+)text$/, '$1sh'),
    ),
    '',
  ];
}

export function confirmationsSection(record: RunRecord): string[] {
  const rows = record.steps.flatMap(({ id, confirmation: c }) =>
    c === undefined
      ? []
      : [
          [
            codeSpan(id),
            escapeText(c.question),
            c.answer,
            `${escapeText(c.by)} (${escapeText(c.role)})`,
            escapeText(c.at),
            escapeText(c.comment),
            c.about.map((one) => `${codeSpan(one.path)} ${codeSpan(one.sha256.slice(0, 12))}…`).join(', ') || '–',
            escapeText(c.expires ?? '–'),
          ],
        ],
  );
  if (rows.length === 0) return [];
  const columns = ['step', 'question', 'answer', 'by', 'at', 'comment', 'about (sha256)', 'holds until'];
  return [
    '## Confirmations',
    '',
    'Names are as they were typed; only a sign-off is proven by a key.',
    '',
    ...table(columns, rows),
    '',
  ];
}
