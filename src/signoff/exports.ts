import { statementType, transitiveDigest, type Subject } from './statement.ts';
import { itemOutcome } from '../core/words.ts';
import type { RunRecord } from '../core/record.ts';
import { canonicalJson } from '../evidence/digest.ts';

const testResultType = 'https://in-toto.io/attestation/test-result/v0.1';
const summaryType = 'https://slsa.dev/verification_summary/v1';

/** Is this one of the two? */
export const isExport = (text: string): boolean =>
  text.includes(`"predicateType": "${testResultType}"`) || text.includes(`"predicateType": "${summaryType}"`);

const commitOf = (record: RunRecord): Subject[] =>
  record.tree.commit === undefined ? [] : [{ name: 'commit', digest: { gitCommit: record.tree.commit } }];

/**
 * The run in the standard's words: in-toto test-result v0.1, an entry per item. A run with waived findings is WARNED; what is not
 * PASSED is FAILED, since the standard knows no third thing.
 * https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
 */
export function testResult(record: RunRecord): string {
  const names = (outcomes: string[]): string[] =>
    record.items.filter((item) => outcomes.includes(itemOutcome(record, item))).map((item) => item.id);
  const warned = names(['waived']);
  return canonicalJson(
    {
      _type: statementType,
      subject: commitOf(record),
      predicateType: testResultType,
      predicate: {
        result: record.verdict !== 'PASSED' ? 'FAILED' : warned.length > 0 ? 'WARNED' : 'PASSED',
        configuration: [
          { name: record.checklist.path, digest: { sha256: record.checklist.sha256 } },
          ...Object.entries(record.checklist.inputs).map(([name, sha256]) => ({ name, digest: { sha256 } })),
        ],
        passedTests: names(['passed']),
        warnedTests: warned,
        failedTests: names(['failed', 'error', 'timed-out', 'skipped', 'not-reviewed']),
      },
    },
    1,
  );
}

/**
 * The gate's answer as a SLSA verification summary. It claims no SLSA level, only that this policy was met or not.
 * https://slsa.dev/spec/v1.1/verification_summary
 */
export function verificationSummary(
  record: RunRecord,
  gate: { passed: boolean; at: string; recordSha256: string; toolVersion: string },
): string {
  return canonicalJson(
    {
      _type: statementType,
      subject: commitOf(record),
      predicateType: summaryType,
      predicate: {
        verifier: { id: 'https://verify-milestone.dev/gate', version: { 'verify-milestone': gate.toolVersion } },
        timeVerified: gate.at,
        resourceUri: `git+${record.tree.repository ?? 'file:'}@${record.tree.commit ?? ''}`,
        policy: { uri: record.checklist.path, digest: { sha256: transitiveDigest(record.checklist) } },
        inputAttestations: [{ uri: 'record.json', digest: { sha256: gate.recordSha256 } }],
        verificationResult: gate.passed ? 'PASSED' : 'FAILED',
        verifiedLevels: [],
        slsaVersion: '1.1',
      },
    },
    1,
  );
}
