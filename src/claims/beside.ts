import { posix } from 'node:path';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { isHistory } from '../formats/documents/path-text.ts';
import { sharesOfWhole, type Share } from '../formats/documents/agreement/whole.ts';
import type { SelfClaim } from '../formats/documents/surroundings.ts';
import { isTaskFile, parseTaskFile, statementsOf } from '../formats/documents/task-file.ts';
import type { Repository } from '../repository/repository.ts';

const ofMilestone =
  /(?:^|\/)(?:roadmap|milestones?|releases?|sprints?|phases?|status|reports?)(?:\/|$)|(?:^|\/)(?:milestone|sprint|phase|release|m|v)[-_]?\d[\w.]*(?:\/|$)/i;
const ofReports = /(?:^|\/)(?:reports?|status|releases?)$/i;
const report =
  /^(?:README|NEXT[-_ ]?STEPS|.*STATUS|.*SUMMARY|.*COMPLETION|.*PROGRESS|.*RESULTS?|.*REPORT|.*VALIDATION|.*ACCEPTANCE|.*SIGN[-_ ]?OFF|.*VERIFICATION|.*CHECKLIST)/i;
const dated = /\b(?:last updated|updated|date|as of|stand)\W{1,6}(\d{4}-\d{2}-\d{2})/i;

/** What a milestone's document says of the whole, held against the documents and task files that lie beside it. */
export async function besideClaims(
  repository: Repository,
  document: string,
  parsed: MarkdownDocument,
  others: ReadonlySet<string>,
): Promise<SelfClaim[]> {
  const folder = posix.dirname(document);
  const name = posix.basename(document);
  if (isHistory(document) || !report.test(name) || !ofMilestone.test(`${folder}/`)) return [];
  const shares = sharesOfWhole(parsed);
  const [state] = statementsOf(document, parsed);
  if (shares.length === 0 && !state) return [];
  const beside = repository.files.filter(
    (path) => posix.dirname(path) === folder && path.endsWith('.md') && path !== document,
  );
  const claims: SelfClaim[] = [];
  const day = dated.exec(parsed.prose.slice(0, 15).join('\n'))?.[1];
  for (const path of beside) {
    const base = posix.basename(path);
    // Of two documents that are both judged, one tells of it.
    if (isTaskFile(path) || !report.test(base) || isHistory(path) || (others.has(path) && path > document)) continue;
    const other = await repository.document(path);
    const otherDay = dated.exec(other.prose.slice(0, 15).join('\n'))?.[1];
    const level = day !== undefined && otherDay !== undefined && day !== otherDay ? ('warning' as const) : undefined;
    const add = (line: number, text: string, seen: string): void =>
      void claims.push({ line, text, holds: false, seen, ...(level && { level }) });
    const theirs = sharesOfWhole(other);
    for (const one of shares) {
      const against = theirs.find(
        (share) =>
          share.noun === one.noun &&
          share.noun !== 'test' &&
          (!ofReports.test(folder) || share.whole === one.whole) &&
          (share.part !== one.part || share.whole !== one.whole),
      );
      if (
        against &&
        !theirs.some((share) => share.noun === one.noun && share.part === one.part && share.whole === one.whole)
      )
        add(one.line, one.text, `${path}:${against.line} says ${against.text}`);
    }
    const [said] = statementsOf(path, other);
    // In a folder of reports each is of a matter of its own.
    if (ofReports.test(folder)) continue;
    if (state && said && said.state !== state.state && said.state !== 'dropped' && state.state !== 'dropped')
      add(state.line, `Status: ${state.text}`, `${path}:${said.line} says ${said.text}`);
  }
  claims.push(...(await tasksBeside(repository, folder, shares)));
  return claims;
}

/** "12/12 tasks" beside task files of which not all are complete. */
async function tasksBeside(repository: Repository, folder: string, shares: readonly Share[]): Promise<SelfClaim[]> {
  const files = repository.files.filter(
    (path) => isTaskFile(path) && [folder, `${folder}/tasks`].includes(posix.dirname(path)),
  );
  const said = shares.filter((one) => one.noun === 'task');
  if (files.length < 2 || said.length === 0) return [];
  const tasks = [];
  for (const path of files) tasks.push(parseTaskFile(path, await repository.doors.files.read(path)));
  const states = tasks.map(
    ({ statements }) => statements.find((one) => one.from === 'file name')?.state ?? statements[0]?.state,
  );
  if (states.includes(undefined)) return [];
  const complete = states.filter((one) => one === 'complete').length;
  return said.flatMap((one): SelfClaim[] => {
    const open = files[states.findIndex((state) => state === 'pending')];
    if (one.whole !== files.length) return [];
    return [
      {
        line: one.line,
        text: one.text,
        holds: one.part === complete,
        seen: `${complete} of the ${files.length} task files of ${folder} are complete${open === undefined ? '' : `; ${posix.basename(open)} is not`}`,
      },
    ];
  });
}
