import { readFileSync } from 'node:fs';
import { exit, UserError } from '../core/errors.ts';
import { runName } from '../core/run-name.ts';
import { entryAt } from './entry.ts';
import { sha256 } from './digest.ts';
import { jsonOf, objectOf } from '../core/json-of.ts';

/*
 * What verify writes beside its runs bears a mark, so that it can be told from everything else that may lie there: only that is
 * left out of the digest of a tree, and only that is written over.
 */

/** Every page of verify begins so: it can run no script, whatever else is in it. */
const head =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"/><meta http-equiv="Content-Security-Policy" content="default-src \'none\'';
const mark = /<!-- made by verify-milestone, sha256 of all above: ([0-9a-f]{64}) -->\n$/;

/** The index of the runs with its mark: a digest of what is above it. */
export const marked = (page: string): string =>
  `${page}<!-- made by verify-milestone, sha256 of all above: ${sha256(page)} -->\n`;

/** Is this an index of runs, whole as verify wrote it? */
export function isMarked(text: string): boolean {
  const [whole, digest] = mark.exec(text) ?? [];
  return whole !== undefined && text.startsWith(head) && sha256(text.slice(0, -whole.length)) === digest;
}

/** The same, or an index of a verify that had no mark yet: it may be written over, and is no less part of a tree. */
export const isIndex = (text: string): boolean =>
  isMarked(text) || (text.startsWith(head) && text.includes('<title>Milestones and runs</title>'));

/** Is this the text of a FINAL_STATUS.md? */
export const isReport = (text: string): boolean =>
  text.startsWith('# FINAL STATUS: ') && /^Record: `record\.json`, sha256 `[0-9a-f]{64}`\./m.test(text);

/** Stands at the end of a PDF, where readers pass it over. */
export const pdfMark = '\n%made by verify-milestone\n';

const renderedStarts: readonly RegExp[] = [
  /^# FINAL STATUS: /,
  /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="[^"]*" tests="\d+" failures="\d+" errors="\d+" skipped="\d+" time="/,
  /^\{\s*"reportFormat": "CTRF",\s*"specVersion": "[\d.]+",\s*"timestamp": "[^"]*",\s*"generatedBy": "verify-milestone /,
  /^\{\s*"\$schema": "[^"]*sarif[^"]*",\s*"version": "[\d.]+",\s*"runs": \[\s*\{\s*"tool": \{\s*"driver": \{\s*"name": "verify",/,
];

/** Is this what `verify report` writes, in any of its formats, or nothing yet? */
export const isRendering = (text: string): boolean =>
  text === '' ||
  text.startsWith(head) ||
  (text.startsWith('%PDF-') && text.endsWith(pdfMark)) ||
  renderedStarts.some((start) => start.test(text)) ||
  String(objectOf(jsonOf(text))['schema']).startsWith('https://verify-milestone.dev/record/');

/** Nothing that verify writes in one file is larger: what is, is not read to tell that. */
const largestOwn = 256 * 1024 * 1024;

/** Is there a file, and its text of verify's own? */
export function isOwnFile(path: string, isOwn: (text: string) => boolean): boolean {
  const there = entryAt(path);
  return there?.isFile() === true && there.size <= largestOwn && isOwn(readFileSync(path, 'utf8'));
}

/**
 * What lies at a path that is to be written must be verify's own.
 * @throws UserError 73 where something else is there: another file, a folder, a link, a device
 */
export function mayReplace(path: string, isOwn: (text: string) => boolean, hint: string): void {
  if (entryAt(path) === undefined || isOwnFile(path, isOwn)) return;
  throw new UserError(exit.cannotCreate, `${path} is there, and verify did not make it: it would be written over`, {
    hint,
  });
}

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(objectOf) : []);
/** What a merged run keeps of each shard besides its evidence. */
const ownOfShard = /^shards\/\d+\/(?:record\.json|attestation\.json|checklist\.yaml)$/;

/** Is this the machine's statement about the record with this digest? */
function attests(data: Buffer | undefined, record: string): boolean {
  const statement = objectOf(jsonOf(data?.toString('utf8')));
  return (
    statement['predicateType'] === 'https://verify-milestone.dev/run/v1' &&
    listOf(statement['subject']).some(
      (one) => one['name'] === 'record.json' && objectOf(one['digest'])['sha256'] === record,
    )
  );
}

/** Is this the text of a milestone's lock? */
export function isLock(data: Buffer): boolean {
  const keys = Object.keys(objectOf(jsonOf(data.toString('utf8'))));
  return ['pid', 'boot', 'runId'].every((key) => keys.includes(key)) && keys.length <= 4 && data.length < 1000;
}

/** Looks at a file: of the tree as it lies there, or of a commit. */
export interface Look {
  /** Bytes of a file, or where a link leads; undefined where there is neither. */
  read(path: string): Promise<Buffer | undefined>;
  /** sha256 of a file's bytes. */
  digest(path: string): Promise<string | undefined>;
}

/** Which files of a run's folder are the run's own, by its record. */
class RunFolder {
  readonly #digests: ReadonlyMap<string, string>;
  readonly #record: string;

  constructor(digests: ReadonlyMap<string, string>, record: string) {
    this.#digests = digests;
    this.#record = record;
  }

  /** @param prefix of the folder, with a slash at its end */
  static async at(prefix: string, milestone: string, id: string, look: Look): Promise<RunFolder | undefined> {
    const bytes = await look.read(`${prefix}record.json`);
    const record = objectOf(jsonOf(bytes?.toString('utf8')));
    const run = objectOf(record['run']);
    if (!bytes || run['id'] !== id || run['milestone'] !== milestone) return undefined;
    if (!String(record['schema']).startsWith('https://verify-milestone.dev/record/')) return undefined;
    const checklist = String(objectOf(record['checklist'])['sha256']);
    // A record that nobody attested, or of another checklist than the one beside it, is not one that verify wrote.
    if (!attests(await look.read(`${prefix}attestation.json`), sha256(bytes))) return undefined;
    if ((await look.digest(`${prefix}checklist.yaml`)) !== checklist) return undefined;
    const manifest = listOf(record['manifest']);
    const ofSteps = new Set(
      listOf(record['steps']).flatMap((step) =>
        listOf(step['evidence'])
          .filter((file) =>
            `${String(file['path'])}/`.replace(/^shards\/\d+\//, '').startsWith(`evidence/${String(step['id'])}/`),
          )
          .map((file) => `${String(file['sha256'])} ${String(file['path'])}`),
      ),
    );
    const known = manifest.filter(
      (file) =>
        ofSteps.has(`${String(file['sha256'])} ${String(file['path'])}`) ||
        (record['merged'] !== undefined && ownOfShard.test(String(file['path']))),
    );
    const digests = new Map(known.map((file) => [String(file['path']), String(file['sha256'])]));
    digests.set('checklist.yaml', checklist);
    return new RunFolder(digests, sha256(bytes));
  }

  async has(name: string, path: string, look: Look): Promise<boolean> {
    if (name === 'record.json') return true;
    const digest = this.#digests.get(name);
    if (digest !== undefined) return (await look.digest(path)) === digest;
    const text = async (): Promise<string> => (await look.read(path))?.toString('utf8') ?? '';
    if (name === 'FINAL_STATUS.md') return isReport(await text());
    if (name === 'FINAL_STATUS.html') return (await text()).startsWith(head);
    if (name === 'junit.xml') return /^<\?xml [^>]*>\s*<testsuites /.test(await text());
    if (name === 'attestation.json') return (await text()).includes(this.#record);
    if (!/^(?:attestation\.json|signoffs\/[1-9]\d{0,2}-[a-z0-9][a-z0-9._-]{0,63}\.json)(?:\.\w+)?$/.test(name))
      return false;
    const said = await text();
    if (name.endsWith('.sig'))
      return /^-----BEGIN SSH SIGNATURE-----\n[A-Za-z0-9+/=\n]*-----END SSH SIGNATURE-----\n$/.test(said);
    if (name.endsWith('.dsse') || name.endsWith('.sigstore'))
      return /"payloadType"/.test(said) && jsonOf(said) !== undefined;
    return name.endsWith('.json') && said.includes(this.#record);
  }
}

/** Which files in the folder of the runs verify itself has made. */
export class OwnFiles {
  readonly #reports: string;
  readonly #look: Look;
  readonly #now: string | undefined;
  readonly #runs = new Map<string, Promise<RunFolder | undefined>>();

  /**
   * @param reports the folder of the runs, relative to the target; empty for the target itself
   * @param now id of the run that goes on, whose record is not written yet
   */
  constructor(reports: string, look: Look, now?: string) {
    this.#reports = reports === '' ? '' : `${reports}/`;
    this.#look = look;
    this.#now = now;
  }

  /** @param path relative to the target, of a file or link */
  async has(path: string): Promise<boolean> {
    if (!path.startsWith(this.#reports)) return false;
    const rest = path.slice(this.#reports.length);
    if (rest === 'index.html') return isMarked((await this.#look.read(path))?.toString('utf8') ?? '');
    const [milestone = '', id = '', ...name] = rest.split('/');
    if (id === 'latest' || /^\.latest-\d+$/.test(id))
      return name.length === 0 && runName.test((await this.#look.read(path))?.toString('utf8') ?? '');
    if (/^\.lock(?:-\d+(?:-dead)?)?$/.test(id)) {
      const lock = name.length === 0 ? await this.#look.read(path) : undefined;
      return lock !== undefined && isLock(lock);
    }
    // The page of a run that another version made lies beside its folder.
    if (name.length === 0 && runName.test(id.replace(/\.html$/, '')))
      return ((await this.#look.read(path))?.toString('utf8') ?? '').startsWith(head);
    if (!runName.test(id) || name.length === 0) return false;
    if (id === this.#now) return true;
    const key = `${milestone}/${id}`;
    const folder = this.#runs.get(key) ?? RunFolder.at(`${this.#reports}${key}/`, milestone, id, this.#look);
    this.#runs.set(key, folder);
    return (await (await folder)?.has(name.join('/'), path, this.#look)) === true;
  }
}
