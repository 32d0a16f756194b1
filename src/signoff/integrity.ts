import { exit } from '../core/errors.ts';
import { completed } from '../core/old-record.ts';
import { recordSchema, RunRecord } from '../core/record.ts';
import { canonicalJson, sha256 } from '../evidence/digest.ts';
import type { Bundle, BundleFile } from './bundle.ts';
import { machineFiles } from './machine.ts';
import type { Reasons } from './reason.ts';
import { attestation } from './statement.ts';
import { fairly, gateWith, mayJudge } from './versions.ts';
import { jsonOf } from '../core/json-of.ts';

const restore = 'restore the folder as the run left it (an artifact of CI, a commit), or run again';

/** What a bundle holds, once its bytes are known to belong together. */
export interface Opened {
  record: RunRecord;
  recordSha256: string;
  attestationSha256: string;
}

/** Names below `signoffs/`. */
export const signOffName = /^signoffs\/([1-9]\d{0,2})-([a-z0-9][a-z0-9._-]{0,63})\.json(|\.sig|\.dsse|\.sigstore)$/;

const withUnixLines = (data: Buffer): Buffer => Buffer.from(data.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');

/** Why bytes are not those that were hashed, where it can be told. */
export function causeOf(file: BundleFile, expected: string): string {
  if (file.bytes > 64 * 1024 * 1024 || sha256(withUnixLines(file.read())) !== expected) return '';
  return ': its line ends were turned into CRLF (git’s core.autocrlf; write `reports/** -text` into .gitattributes and check out again)';
}

/** sha256 of record.json as the attestation has it, whatever else the attestation says. */
function attestedDigest(statement: unknown): string | undefined {
  const subjects = (statement as { subject?: unknown } | undefined)?.subject;
  if (!Array.isArray(subjects)) return undefined;
  const record = subjects.find((one: { name?: unknown } | null) => one?.name === 'record.json') as
    | { digest?: { sha256?: unknown } }
    | undefined;
  return typeof record?.digest?.sha256 === 'string' ? record.digest.sha256 : undefined;
}

/** The record as this version reads it; one of an earlier version with what has been added since. */
function readRecord(raw: unknown, toolVersion: string): RunRecord | string {
  const { schema, tool } = (raw ?? {}) as { schema?: unknown; tool?: { version?: unknown } };
  const parsed = RunRecord.safeParse(tool?.version === toolVersion ? raw : completed(raw).value);
  if (parsed.success) return parsed.data;
  return schema === recordSchema
    ? `record.json does not have the shape of its schema: ${parsed.error.issues[0]?.path.join('.')}`
    : `record.json has the schema ${JSON.stringify(schema)}, which this verify does not know`;
}

/**
 * Closed world: every file of the folder is a plain file with one name, and is in the manifest with its sha256, or is the record,
 * its attestation, the checklist, a rendering or a sign-off. The attestation is made again from the record.
 * @param renderings names of the files that are rendered from the record
 * @returns undefined where the reasons say why the folder cannot be gone by
 */
export async function openBundle(
  bundle: Bundle,
  renderings: ReadonlySet<string>,
  toolVersion: string,
  reasons: Reasons,
): Promise<Opened | undefined> {
  const tampered = (text: string): void => reasons.add(exit.tampered, text, restore);
  for (const [path, file] of bundle) {
    if (file.kind === 'link') tampered(`${path} is a symbolic link; evidence is plain files`);
    else if (file.kind === 'other') tampered(`${path} is neither file nor folder`);
    else if (file.links !== 1)
      tampered(`${path} has ${file.links} names (hard links), so that it can be changed from elsewhere`);
  }
  const recordFile = bundle.get('record.json');
  const attestationFile = bundle.get('attestation.json');
  if (!recordFile) {
    if (attestationFile) tampered('record.json was removed');
    else reasons.add(exit.missing, 'the folder has no record.json: the run did not finish', 'run again');
    return undefined;
  }
  if (!attestationFile) tampered('attestation.json was removed');
  if (reasons.all.length > 0) return undefined;

  const attested = attestedDigest(jsonOf(attestationFile?.read().toString('utf8')));
  if (attested !== recordFile.sha256) {
    const cause = attested === undefined ? '' : causeOf(recordFile, attested);
    tampered(`record.json is not what attestation.json speaks of${cause}`);
    return undefined;
  }
  const raw = jsonOf(recordFile?.read().toString('utf8'));
  const record = readRecord(raw, toolVersion);
  const { version: made = '' } = (raw as { tool?: { version?: string } } | undefined)?.tool ?? {};
  const milestone = (raw as { run?: { milestone?: string } } | undefined)?.run?.milestone ?? '';
  if (typeof record === 'string' && (made === toolVersion || !/^\d+\.\d+\.\d+/.test(made))) {
    reasons.add(exit.invalid, record, 'gate with the version of verify that made the run');
    return undefined;
  }
  if (typeof record === 'string' || !mayJudge(toolVersion, made)) {
    reasons.add(
      exit.stale,
      `the run was made by verify ${made}, this is ${toolVersion}: its evidence cannot be judged again in the same way`,
      gateWith(made, milestone),
    );
    return undefined;
  }
  if (recordFile.sha256 !== sha256(canonicalJson(made === toolVersion ? record : raw, 1)))
    tampered('record.json is not written as verify writes it');
  await fairly({ own: toolVersion, made, milestone }, reasons, (own) => {
    if (attestationFile?.sha256 !== sha256(attestation(record, recordFile.sha256)))
      own.add(exit.tampered, 'attestation.json does not say what record.json says', restore);
  });
  checkManifest(record, bundle, renderings, tampered);
  if (reasons.has(exit.tampered)) return undefined;
  return { record, recordSha256: recordFile.sha256, attestationSha256: attestationFile?.sha256 ?? '' };
}

/** In a merged run the evidence lies in the folders of the shards. */
const ofShard = ({ merged }: RunRecord): RegExp | string => (merged ? /^shards\/\d{1,3}\// : '');
const ownOfShard = /^shards\/\d{1,3}\/(?:record\.json|attestation\.json|checklist\.yaml)$/;

function checkManifest(
  record: RunRecord,
  bundle: Bundle,
  renderings: ReadonlySet<string>,
  tampered: (text: string) => void,
): void {
  const listed = new Set<string>();
  for (const entry of record.manifest) {
    if (listed.has(entry.path)) tampered(`${entry.path} is listed twice in the manifest`);
    listed.add(entry.path);
    const file = bundle.get(entry.path);
    if (!file) tampered(`${entry.path} was removed`);
    else if (file.sha256 !== entry.sha256 || file.bytes !== entry.bytes)
      tampered(`${entry.path} was altered${causeOf(file, entry.sha256)}`);
  }
  const ofSteps = record.steps.flatMap((step) => step.evidence.map((file) => ({ step, file })));
  for (const { step, file } of ofSteps)
    if (!file.path.replace(ofShard(record), '').startsWith(`evidence/${step.id}/`))
      tampered(`step ${step.id} claims ${file.path}, which is not its own`);
  const byPath = (files: readonly { path: string }[]): string =>
    canonicalJson(files.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
  // What the shards' own files must be is held against the shards, in shards.ts.
  const files = record.merged ? record.manifest.filter((file) => !ownOfShard.test(file.path)) : record.manifest;
  if (byPath(files) !== byPath(ofSteps.map(({ file }) => file)))
    tampered('the manifest is not the sum of the evidence of the steps');
  const checklist = bundle.get('checklist.yaml');
  if (!checklist) tampered('checklist.yaml was removed');
  else if (checklist.sha256 !== record.checklist.sha256)
    tampered(`checklist.yaml was altered${causeOf(checklist, record.checklist.sha256)}`);
  const own = new Set(['record.json', 'attestation.json', 'checklist.yaml', ...machineFiles, ...renderings]);
  for (const path of bundle.keys())
    if (!listed.has(path) && !own.has(path) && !signOffName.test(path))
      tampered(`${path} was added: it is in no manifest`);
}
