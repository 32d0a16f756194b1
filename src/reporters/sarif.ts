import { createHash } from 'node:crypto';
import type { Log, Result } from 'sarif';
import { neutral } from '../evidence/redact.ts';
import type { Finding, Level } from '../core/finding.ts';
import type { RunRecord, StepRecord } from '../core/record.ts';
import { toldOnce, type Told } from '../core/told-once.ts';

/** SARIF has no level for "could not be checked": it is a warning, and the property `level` tells it apart. */
const levelOf: Record<Level, 'error' | 'warning' | 'note'> = {
  error: 'error',
  inconclusive: 'warning',
  warning: 'warning',
  note: 'note',
};

/**
 * SARIF 2.1.0 (OASIS) of the findings. A waived finding is a suppressed result. A finding without a place stands at the step in the
 * checklist, since code scanning shows nothing that has no place.
 */
export function sarif(record: RunRecord): string {
  const found = toldOnce(record.steps);
  const rules = new Map<string, { id: string; index: number; hint: string | undefined }>();
  for (const { step, finding } of found) {
    const id = ruleId(step, finding);
    if (!rules.has(id)) rules.set(id, { id, index: rules.size, hint: finding.hint });
  }
  // Relative to the target, where it lies in it.
  const checklist = record.checklist.path.startsWith('..')
    ? (record.steps[0]?.where.file ?? record.checklist.path)
    : record.checklist.path;
  const report: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'verify',
            version: record.tool.version,
            rules: [...rules.values()].map(({ id, hint }) => ({
              id,
              shortDescription: { text: id },
              ...(hint !== undefined && { help: { text: neutral(hint) } }),
            })),
          },
        },
        automationDetails: { id: `verify/${neutral(record.run.milestone)}/${record.run.id}` },
        ...(record.tree.commit !== undefined &&
          record.tree.repository !== undefined && {
            versionControlProvenance: [
              { repositoryUri: encodeURI(neutral(record.tree.repository)), revisionId: record.tree.commit },
            ],
          }),
        invocations: [
          {
            executionSuccessful: record.run.bug === undefined && record.run.interrupted === undefined,
            startTimeUtc: record.run.startedAt,
            endTimeUtc: record.run.endedAt,
          },
        ],
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'the root of the target' } } },
        results: found.map((told) => result(told, rules.get(ruleId(told.step, told.finding))?.index ?? 0, checklist)),
      },
    ],
  };
  return `${JSON.stringify(report, undefined, 1)}\n`;
}

const ruleId = (step: StepRecord, finding: Finding): string => neutral(`${step.uses}/${finding.code}`);

function result({ step, finding, also }: Told, ruleIndex: number, checklist: string): Result {
  const place = finding.where ?? { ...step.where, file: checklist };
  const frame = step.frames?.find((one) => one.file === finding.where?.file && one.line === finding.where?.line);
  const text = [finding.message, finding.hint ?? ''].filter(Boolean).join('\n');
  return {
    ruleId: ruleId(step, finding),
    ruleIndex,
    level: levelOf[finding.level],
    message: { text: neutral(text) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: location(place.file),
          ...(place.line !== undefined && {
            region: {
              startLine: place.line,
              ...(place.col !== undefined && { startColumn: place.col }),
              ...(frame && { snippet: { text: frame.lines[frame.line - frame.from] ?? '' } }),
            },
          }),
        },
        logicalLocations: [step, ...also].map(({ id }) => ({ name: neutral(id), kind: 'module' })),
      },
    ],
    partialFingerprints: {
      'verify/v1': createHash('sha256')
        .update([step.id, finding.code, finding.subject ?? '', place.file, finding.message].join('\0'))
        .digest('hex'),
    },
    properties: { step: neutral(step.id), outcome: step.outcome, level: finding.level },
    ...(finding.waived !== undefined && {
      suppressions: [{ kind: 'external', status: 'accepted', justification: neutral(finding.waived) }],
    }),
  };
}

/** A relative path below the root of the target; an absolute one as a file URI. */
function location(file: string): { uri: string; uriBaseId?: string } {
  const uri = neutral(file).split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: 'SRCROOT' };
}
