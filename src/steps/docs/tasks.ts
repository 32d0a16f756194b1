import { z } from 'zod';
import { matchedFiles } from '../../repository/matched-files.ts';
import { defineStep, error, Judge, warning } from '../../core/step.ts';
import { parseTaskFile, type TaskFile, type TaskState } from '../../formats/documents/task-file.ts';

const Range = z.strictObject({ min: z.int().min(0).optional(), max: z.int().min(0).optional() });
const params = z.strictObject({
  files: z.array(z.string().min(1)).min(1).describe('task files: paths or globs'),
  tasks: Range.prefault({ min: 1 }).describe('how many task files there must be'),
  complete: Range.optional().describe('how many of them must be complete; default all that are not dropped'),
  ticked: Range.optional().describe('ticked boxes in all'),
  unticked: Range.prefault({ max: 0 }).describe(
    'open boxes in all; boxes marked optional, stretch or deferred are not counted',
  ),
});
type Params = z.infer<typeof params>;

interface Observed {
  unmatched: string[];
  tasks: TaskFile[];
}

const problems = {
  'no-tasks': error('No task file matches', 'correct the glob'),
  'wrong-count': error('The number of task files is not the promised one', 'was a task added, removed or renamed?'),
  incomplete: error('A task is not complete', 'finish it, or take it out of the milestone'),
  'state-unknown': error('A task file does not say whether it is complete', 'write a line `Status: complete`'),
  contradiction: error('A task file contradicts itself', 'correct the file name, the title or the status'),
  'unticked-in-complete': error(
    'A task that is called complete has open boxes',
    'tick them, mark them optional or deferred, or reopen the task',
  ),
  unticked: error('Too many boxes are open', 'do what they say, or raise the threshold knowingly'),
  'too-few-ticked': error('The number of ticked boxes is not the promised one', 'were boxes removed?'),
  duplicate: error('A task number has two states', 'remove the file that is out of date'),
  'same-number': warning('Two task files have the same number', 'renumber one'),
  'left-over': warning('A complete task says that something is left', 'read it: was it done since?'),
} as const;

const inRange = (value: number, range: z.infer<typeof Range>): boolean =>
  value >= (range.min ?? 0) && value <= (range.max ?? Number.POSITIVE_INFINITY);
const rangeWords = (range: z.infer<typeof Range>): string =>
  range.min !== undefined && range.min === range.max
    ? `${range.min}`
    : [range.min === undefined ? '' : `at least ${range.min}`, range.max === undefined ? '' : `at most ${range.max}`]
        .filter((part) => part !== '')
        .join(', ');

export default defineStep<Params, Observed>({
  kind: 'docs/tasks',
  summary: 'The milestone’s task files are complete, and what their names say is what their bodies say.',
  description: `Reads each task file: the state in its name (\`006_rules_complete.md\`), its title, its status lines (\`Status: complete\`, \`**Status**: ✅ done\`) and its front matter, and its check boxes.

A task is complete where at least one of these says so and none says otherwise. Two that disagree, a complete task with open boxes, and one task number with two states are errors, whatever the thresholds are. Boxes that say (or whose heading says) optional, stretch, deferred or later are not counted. A heading such as TODO or Remaining with something below it, or the words TODO, TBD or not implemented, in a complete task are a warning, since only a person can tell whether they still hold. Without thresholds every task must be complete, or dropped, and no box open.`,
  example: `- id: tasks
  uses: docs/tasks
  with:
    files: ["roadmap/milestone-16/[0-9][0-9][0-9]_*.md"]
    tasks: { min: 12, max: 12 }`,
  params,
  facts: {
    'tasks.count': 'task files',
    'tasks.complete': 'tasks that are complete',
    'tasks.pending': 'tasks that are not',
    'tasks.dropped': 'tasks that were dropped or deferred',
    'boxes.ticked': 'ticked boxes',
    'boxes.unticked': 'open boxes, those marked optional left out',
  },
  problems,
  timeout: '60s',
  plan: (p) => [
    `reads ${p.files.join(', ')}; ${p.complete ? `complete: ${rangeWords(p.complete)}` : 'every task complete'}; open boxes: ${rangeWords(p.unticked) || 'any'}`,
  ],
  async gather(p, ctx) {
    const { paths, unmatched } = await matchedFiles(p.files, ctx);
    const tasks: TaskFile[] = [];
    for (const path of paths) tasks.push(parseTaskFile(path, await ctx.files.read(path)));
    return { unmatched, tasks };
  },
  judge(p, { unmatched, tasks }) {
    const j = new Judge(problems);
    for (const pattern of unmatched) j.find('no-tasks', `${pattern} matches no file`, { where: { file: pattern } });
    if (tasks.length === 0) return j.done();
    const states = tasks.map((task) => judgeTask(task, j));
    judgeNumbers(tasks, states, j);
    const count = (state: TaskState | undefined): number => states.filter((one) => one === state).length;
    const ticked = tasks.reduce((n, task) => n + task.ticked, 0);
    const open = tasks.flatMap((task) =>
      task.unticked.filter((box) => !box.optional).map((box) => ({ ...box, file: task.path })),
    );
    j.check(
      inRange(tasks.length, p.tasks),
      `${tasks.length} task files`,
      'wrong-count',
      `${tasks.length} task files, expected ${rangeWords(p.tasks)}`,
    );
    judgeComplete(p, tasks, states, j);
    if (p.ticked)
      j.check(
        inRange(ticked, p.ticked),
        `${ticked} boxes are ticked`,
        'too-few-ticked',
        `${ticked} boxes are ticked, expected ${rangeWords(p.ticked)}`,
      );
    const [first] = open;
    j.check(
      inRange(open.length, p.unticked),
      `${open.length} boxes are open`,
      'unticked',
      `${open.length} boxes are open, expected ${rangeWords(p.unticked)}${first ? `; the first: "${first.text}"` : ''}`,
      first && {
        where: { file: first.file, line: first.line },
        detail: open.map((box) => `${box.file}:${box.line} ${box.text}`).join('\n'),
      },
    );
    j.table(
      'Tasks',
      ['task', 'title', 'state', 'boxes ticked', 'boxes open'],
      tasks.map((task, n) => [
        task.path,
        task.title,
        states[n] ?? 'unknown',
        `${task.ticked}`,
        `${task.unticked.length}`,
      ]),
    );
    return j
      .fact('tasks.count', tasks.length)
      .fact('tasks.complete', count('complete'))
      .fact('tasks.pending', count('pending'))
      .fact('tasks.dropped', count('dropped'))
      .fact('boxes.ticked', ticked)
      .fact('boxes.unticked', open.length)
      .done();
  },
});

/** The state of one task, with findings where it contradicts itself. */
function judgeTask(task: TaskFile, j: Judge<typeof problems>): TaskState | undefined {
  const [first] = task.statements;
  const other = task.statements.find((one) => one.state !== first?.state);
  const file = task.path;
  if (first && other) {
    j.find('contradiction', `${file}: the ${first.from} says ${first.text}, the ${other.from} says ${other.text}`, {
      where: { file, line: other.line },
      subject: file,
    });
    return [first.state, ...task.statements.map((one) => one.state)].includes('pending') ? 'pending' : 'dropped';
  }
  if (first?.state !== 'complete') return first?.state;
  const open = task.unticked.filter((box) => !box.optional);
  if (open[0])
    j.find(
      'unticked-in-complete',
      `${file} is called complete (${first.from}), but ${open.length} of its boxes ${open.length === 1 ? 'is' : 'are'} open: "${open[0].text}"`,
      {
        where: { file, line: open[0].line },
        subject: file,
      },
    );
  for (const left of task.leftOver.slice(0, 5))
    j.find('left-over', `${file} is called complete, and says: ${left.text}`, {
      where: { file, line: left.line },
      subject: file,
    });
  return 'complete';
}

function judgeNumbers(
  tasks: readonly TaskFile[],
  states: readonly (TaskState | undefined)[],
  j: Judge<typeof problems>,
): void {
  const byNumber = new Map<string, number>();
  for (const [n, task] of tasks.entries()) {
    if (task.number === undefined) continue;
    const key = `${task.path.split('/').slice(0, -1).join('/')}/${Number(task.number)}`;
    const before = byNumber.get(key);
    if (before === undefined) byNumber.set(key, n);
    else {
      const conflict = states[before] !== undefined && states[n] !== undefined && states[before] !== states[n];
      j.find(
        conflict ? 'duplicate' : 'same-number',
        `task ${task.number} is ${tasks[before]?.path} (${states[before] ?? 'no state'}) and ${task.path} (${states[n] ?? 'no state'})`,
        { where: { file: task.path }, subject: task.number },
      );
    }
  }
}

function judgeComplete(
  p: Params,
  tasks: readonly TaskFile[],
  states: readonly (TaskState | undefined)[],
  j: Judge<typeof problems>,
): void {
  const complete = states.filter((state) => state === 'complete').length;
  if (p.complete && inRange(complete, p.complete)) {
    j.prove(`${complete} of ${tasks.length} tasks are complete`);
    return;
  }
  const before = j.findings.length;
  for (const [n, task] of tasks.entries()) {
    const state = states[n];
    const said = task.statements.find((one) => one.state === 'pending');
    const where = { file: task.path, ...(said && { line: said.line }) };
    if (state === 'pending')
      j.find(
        'incomplete',
        `${task.path} is not complete: ${said ? `its ${said.from} says ${said.text}` : 'it says so'}`,
        { where, subject: task.path },
      );
    else if (state === undefined)
      j.find('state-unknown', `${task.path} says nowhere whether it is complete`, { where, subject: task.path });
  }
  if (p.complete)
    j.find('incomplete', `${complete} of ${tasks.length} tasks are complete, expected ${rangeWords(p.complete)}`);
  else if (complete === 0 && j.findings.length === before)
    j.find('incomplete', `none of ${tasks.length} tasks is complete`);
  else if (j.findings.length === before) j.prove(`${complete} of ${tasks.length} tasks are complete`);
}
