import { listOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { locatedYaml, type LocatedYaml } from '../formats/data/yaml.ts';
import { didYouMean, suggest } from '../core/suggest.ts';
import type { Tree } from '../core/tree.ts';

/** What a workflow of GitHub names and does not have. */
export interface WorkflowFault {
  file: string;
  line: number;
  seen: string;
  hint: string;
  /** It follows from the file alone; otherwise something else may bring it. */
  sure: boolean;
}

type Place = (string | number)[];
type Find = (at: Place, seen: string, hint: string, sure?: boolean) => void;
interface Workflow {
  root: JsonObject;
  jobs: Record<string, JsonObject>;
  find: Find;
  tree: Tree;
}

/** Names in workflows that lead nowhere: jobs, steps, outputs, keys of a matrix, artifacts, actions and folders of the repository. */
export function workflowFaults(tree: Tree): WorkflowFault[] {
  return tree.paths
    .filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
    .flatMap((file) => {
      const yaml = locatedYaml(tree.text(file) ?? '');
      return yaml ? faultsOf(file, yaml, tree) : [];
    });
}

function faultsOf(file: string, { value, lineOf }: LocatedYaml, tree: Tree): WorkflowFault[] {
  const faults: WorkflowFault[] = [];
  const root = objectOf(value);
  const jobs = Object.fromEntries(Object.entries(objectOf(root['jobs'])).map(([name, job]) => [name, objectOf(job)]));
  const find: Find = (at, seen, hint, sure = true) => {
    if (!faults.some((one) => one.seen === seen)) faults.push({ file, line: lineOf(at), seen, hint, sure });
  };
  const workflow = { root, jobs, find, tree };
  for (const name of Object.keys(jobs)) {
    judgeNeeds(workflow, name);
    judgeExpressions(workflow, name);
    judgeActions(workflow, name);
  }
  judgeArtifacts(workflow);
  judgePaths(workflow);
  return faults;
}

const namesOf = (value: unknown): string[] => (typeof value === 'string' ? [value] : listOf(value).map(textOf));
const stepsOf = (job: JsonObject): JsonObject[] => listOf(job['steps']).map(objectOf);

function judgeNeeds({ jobs, find }: Workflow, name: string): void {
  for (const other of namesOf(jobs[name]?.['needs']))
    if (!(other in jobs))
      find(
        ['jobs', name, 'needs'],
        `the job ${name} needs ${other}, and the workflow has no such job: GitHub refuses it`,
        didYouMean(other, Object.keys(jobs), `it has ${Object.keys(jobs).join(', ')}`),
      );
}

/** Every expression of a value, without the texts in it, and where it stands. */
function* expressionsIn(node: unknown, at: Place): Generator<{ text: string; whole: string; at: Place }> {
  if (typeof node === 'string') {
    const bare = at.at(-1) === 'if' && !node.includes('${{');
    for (const whole of bare ? [node] : [...node.matchAll(/\$\{\{([\s\S]*?)\}\}/g)].map(([, inner = '']) => inner))
      yield { text: whole.replace(/'[^']*'/g, "''"), whole, at };
  } else if (typeof node === 'object' && node !== null)
    for (const [key, one] of Object.entries(node))
      yield* expressionsIn(one, [...at, Array.isArray(node) ? Number(key) : key]);
}

/** Keys of a job's matrix; undefined where an expression makes them. */
function matrixOf(job: JsonObject): Set<string> | undefined {
  const matrix = objectOf(job['strategy'])['matrix'];
  const include = objectOf(matrix)['include'];
  if (typeof matrix === 'string' || typeof include === 'string') return undefined;
  return new Set([
    ...Object.keys(objectOf(matrix)).filter((key) => key !== 'include' && key !== 'exclude'),
    ...listOf(include).flatMap((one) => Object.keys(objectOf(one))),
  ]);
}

const references = /(?<![\w.-])(needs|matrix|steps)\.([\w-]+)(?:\.outputs\.([\w-]+))?/g;

function judgeExpressions({ jobs, find }: Workflow, name: string): void {
  const job = jobs[name] ?? {};
  const needs = namesOf(job['needs']);
  const matrix = matrixOf(job);
  const ids = new Set(stepsOf(job).map((step) => textOf(step['id'])));
  for (const { text, whole, at } of expressionsIn(job, ['jobs', name])) {
    for (const [said, kind, key = '', output] of text.matchAll(references)) {
      if (kind === 'matrix') {
        if (matrix && !matrix.has(key) && !/\bmatrix\.[\w-]+\s*(?:\|\||&&|[!=]=)/.test(text))
          find(
            at,
            `${said} is empty: the matrix of the job ${name} ${matrix.size > 0 ? `has ${[...matrix].join(', ')}` : 'is not there'}`,
            didYouMean(key, matrix, 'correct the key'),
          );
      } else if (kind === 'steps') {
        if (!ids.has(key))
          find(
            at,
            `${said} is empty: no step of the job ${name} has the id ${key}`,
            didYouMean(key, ids, 'correct the id'),
          );
      } else if (!needs.includes(key)) {
        // A need that is not there is told where it is named.
        find(at, `${said} is empty: the job ${name} does not need ${key}`, `add ${key} to the needs of ${name}`);
      } else {
        const outputs = Object.keys(objectOf(jobs[key]?.['outputs']));
        if (output !== undefined && jobs[key]?.['steps'] !== undefined && !outputs.includes(output))
          find(
            at,
            `${said} is empty: the job ${key} declares ${outputs.length > 0 ? `the outputs ${outputs.join(', ')}` : 'no outputs'}`,
            didYouMean(output, outputs, `add it to the outputs of ${key}`),
          );
      }
    }
    judgeRef(find, at, whole);
  }
}

const refs = ['refs/heads/', 'refs/tags/', 'refs/pull/'];

/** `github.ref` is a whole reference: what it is compared with must be one too. */
function judgeRef(find: Find, at: Place, text: string): void {
  for (const [said, literal = ''] of text.matchAll(/\bgithub\.ref\s*==\s*'([^']*)'/g))
    if (!refs.some((one) => literal.startsWith(one)))
      find(at, `\`${said}\` is never true: it begins with ${refs.join(', ')}`, `write refs/heads/… or refs/tags/…`);
  for (const [said, literal = ''] of text.matchAll(/\bstartsWith\(\s*github\.ref\s*,\s*'([^']*)'\s*\)/g))
    if (!refs.some((one) => literal.startsWith(one) || one.startsWith(literal)))
      find(at, `\`${said}\` is never true: it begins with ${refs.join(', ')}`, `write refs/heads/… or refs/tags/…`);
}

/** Does a step bring files that are not of this repository, or elsewhere than they lie in it? */
const bringsFiles = (step: JsonObject): boolean => {
  const given = objectOf(step['with']);
  return (
    'path' in given ||
    'repository' in given ||
    'submodules' in given ||
    /\bgit clone\b|\bgit submodule\b|\bmkdir\b|\b(?:curl|wget|unzip|tar|cp|mv)\b/.test(textOf(step['run']))
  );
};

function judgeActions({ jobs, root, find, tree }: Workflow, name: string): void {
  const job = jobs[name] ?? {};
  const steps = stepsOf(job);
  const foreign = steps.some(bringsFiles);
  const called = textOf(job['uses']);
  if (called.startsWith('./') && !tree.paths.includes(called.slice(2)))
    find(['jobs', name, 'uses'], `${called} is not there: GitHub refuses the workflow`, 'correct the path');
  for (const [n, step] of steps.entries()) {
    const uses = textOf(step['uses']);
    const folder = uses.replace(/^\.\/|\/+$/g, '');
    const within = folder === '' ? '' : `${folder}/`;
    if (uses.startsWith('./') && !uses.includes('${{') && !foreign)
      if (!['action.yml', 'action.yaml', 'Dockerfile'].some((file) => tree.paths.includes(`${within}${file}`)))
        find(
          ['jobs', name, 'steps', n, 'uses'],
          `${uses} has no action.yml: the job ${name} fails at this step`,
          didYouMean(
            folder,
            tree.paths.flatMap((path) => /^(.+)\/action\.ya?ml$/.exec(path)?.[1] ?? []),
            'correct the path',
          ),
        );
    const folderOf = (node: unknown): string =>
      textOf(objectOf(objectOf(objectOf(node)['defaults'])['run'])['working-directory']);
    const own = textOf(step['working-directory']);
    const works = (own || (step['run'] === undefined ? '' : folderOf(job) || folderOf(root))).replace(
      /^\.\/|\/+$/g,
      '',
    );
    if (
      /^[\w.-]+(?:\/[\w.-]+)*$/.test(works) &&
      !/^(?:\.|dist|build|target|out|vendor|node_modules)/.test(works) &&
      !foreign &&
      !tree.paths.some((path) => path.startsWith(`${works}/`)) &&
      // What is made by a step before it is named there.
      !steps.slice(0, n).some((one) => JSON.stringify([one['run'], one['with']]).includes(works))
    )
      find(
        ['jobs', name, 'steps', n, ...(own === '' ? [] : ['working-directory'])],
        `the job ${name} works in ${works}, which is not in the repository`,
        'correct the folder',
        false,
      );
  }
}

/** An artifact is taken down under the name under which it was put up. */
function judgeArtifacts({ root, jobs, find }: Workflow): void {
  const steps = Object.entries(jobs).flatMap(([name, job]) =>
    stepsOf(job).map((step, n) => ({ at: ['jobs', name, 'steps', n] as Place, step, uses: textOf(step['uses']) })),
  );
  const nameIn = (step: JsonObject): string => textOf(objectOf(step['with'])['name']);
  const up = steps
    .filter(({ uses }) => uses.startsWith('actions/upload-artifact@'))
    .map(({ step }) => nameIn(step) || 'artifact');
  // What another workflow or a program puts up is not seen here.
  const called = typeof root['on'] === 'object' && 'workflow_call' in objectOf(root['on']);
  if (
    called ||
    up.length === 0 ||
    up.some((name) => name.includes('${{')) ||
    Object.values(jobs).some((job) => 'uses' in job)
  )
    return;
  const foreign = steps.some(({ uses }) => uses !== '' && !/^(?:actions|docker)\//.test(uses));
  for (const { at, step, uses } of steps) {
    const name = nameIn(step);
    const other = ['run-id', 'github-token', 'repository'].some((key) => key in objectOf(step['with']));
    if (!uses.startsWith('actions/download-artifact@') || name === '' || name.includes('${{') || other) continue;
    const near = suggest(name, up);
    if (!up.includes(name) && (!foreign || near !== undefined))
      find(
        [...at, 'with', 'name'],
        `no step puts up the artifact ${name}: this workflow has ${[...new Set(up)].join(', ')}`,
        near === undefined ? 'correct the name' : `did you mean ${near}?`,
        !foreign,
      );
  }
}

/** A workflow that waits for changes below folders that are not there never runs. */
function judgePaths({ root, find, tree }: Workflow): void {
  for (const event of ['push', 'pull_request']) {
    const given = listOf(objectOf(objectOf(root['on'])[event])['paths']).map(textOf);
    const wanted = given.filter((pattern) => !pattern.startsWith('!'));
    const none = wanted.filter((pattern) => {
      const prefix = /^[^*?[\]{}+]*/.exec(pattern)?.[0] ?? '';
      return prefix !== '' && !tree.paths.some((path) => path.startsWith(prefix));
    });
    if (none.length > 0 && none.length === wanted.length)
      find(
        ['on', event, 'paths'],
        `no file of the repository is one of ${none.join(', ')}: ${event} starts this workflow for nothing that is there`,
        'correct the paths',
        false,
      );
  }
}
