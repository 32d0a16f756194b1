import { z } from 'zod';
import { callsOf } from '../../claims/callers.ts';
import { unreadVariables, type Unread } from '../../claims/environment.ts';
import { lostExits, type LostExit } from '../../claims/lost-exits.ts';
import { danglingManifests, type Dangling } from '../../claims/manifests/manifests.ts';
import { programArguments } from '../../claims/own-program.ts';
import { ownPrograms } from '../../claims/own-programs.ts';
import { workflowFaults, type WorkflowFault } from '../../claims/workflow-faults.ts';
import type { Verdict } from '../../formats/documents/verdict.ts';
import { defineStep, error, Judge, note, warning } from '../../core/step.ts';
import type { Tree } from '../../core/tree.ts';
import { Repository } from '../../repository/repository.ts';
import { Sources } from '../../repository/sources.ts';

const params = z.strictObject({
  programs: z
    .array(z.string().min(1))
    .default([])
    .describe('programs of the repository that must be called somewhere; default: whichever are'),
  manifests: z.boolean().default(true).describe('what manifests of Kubernetes say of each other'),
  environment: z.boolean().default(true).describe('variables that a Compose file sets and no source reads'),
});
type Params = z.infer<typeof params>;

interface Seen {
  file: string;
  line: number;
  by: string;
  program: string;
  words: string;
  verdicts: Verdict[];
}
interface Observed {
  programs: string[];
  calls: Seen[];
  unread: Unread[];
  /** Variables that are the project's own by their beginning. */
  looked: number;
  because?: string;
  /** Observations of earlier versions have none of these. */
  lost?: LostExit[];
  scripts?: number;
  dangling?: Dangling[];
  resources?: number;
  workflows?: WorkflowFault[];
}

const problems = {
  'argument-unknown': error(
    'A file calls a program of the repository with a flag or subcommand that it does not have',
    'correct the call, or add what it names to the program',
  ),
  'environment-unread': warning(
    'A variable is set for the repository’s own service, and no source reads it',
    'correct the name, or remove it',
  ),
  'exit-code-lost': error(
    'A script pipes the output of its tests, and their exit code is lost',
    'write `set -o pipefail` (in a workflow: `shell: bash`) before it',
  ),
  'manifest-dangling': error(
    'A manifest names something that does not exist, or contradicts itself',
    'correct the name, or add what has it',
  ),
  'manifest-refused': error(
    'A cluster refuses a manifest',
    'correct it; `kubectl apply --dry-run=server` says the same where a cluster is',
  ),
  'not-called': error(
    'A named program is not in the repository, or nothing calls it',
    'correct the name, or take it out',
  ),
  'nothing-called': error('No file calls a program of the repository', 'take the step out, or correct the target'),
  'workflow-broken': error(
    'A workflow of GitHub names something that does not exist',
    'correct the name: GitHub refuses the workflow, or puts an empty text there',
  ),
  'not-judged': note('Arguments could not be judged', 'see the program’s --help'),
} as const;

export default defineStep<Params, Observed>({
  kind: 'code/calls',
  summary:
    'What calls the repository’s own programs uses flags and subcommands that they have, and sets variables that they read.',
  description: `Finds the programs that the repository builds (binaries of Cargo packages, \`package main\` of Go, \`bin\` of package.json, scripts of pyproject.toml) and every call of them outside of documents: ENTRYPOINT, CMD and HEALTHCHECK of Dockerfiles, commands and healthchecks of Compose services, containers of Kubernetes manifests and Helm templates, \`ExecStart\` of systemd units, shell scripts, workflows. A program that an image holds under another name is followed through its COPY.

A flag or subcommand that no source of the program's language names is an error where clap, argparse or plain arguments are read, and a warning where a library may bring flags along (cobra, pflag). Where a source hands on what it does not know, nothing is said, and a note says why.

Manifests of Kubernetes without templates and patches are held against each other: selectors, named ports, keys of ConfigMaps, volumes, annotations that are not texts, what an Ingress and an autoscaler lead to. A number of a port that no container lists is a warning, and only where nothing else names it. A Job that only prints is an error, and so is a test that a script or workflow pipes on without \`pipefail\`.

Workflows of GitHub are held against themselves and the files: jobs that \`needs\` names, outputs, ids of steps, keys of the matrix, artifacts, actions and folders of the repository, what \`github.ref\` is compared with. An error where it follows from the file alone, else a warning.

A variable that a Compose file sets for a service with \`build\`, or a manifest of Kubernetes or a unit of systemd sets, is a warning where the sources read others that begin alike, and nothing names this one. Where names are composed of parts, a note says so.`,
  example: `- id: calls
  uses: code/calls`,
  params,
  facts: {
    'calls.programs': 'programs of the repository',
    'calls.count': 'calls of them that were found',
  },
  problems,
  timeout: '60s',
  plan: () => ['reads sources, Dockerfiles, Compose files, manifests, units, scripts and workflows'],
  leaves: 'nothing',
  async gather(p, ctx) {
    const sources = new Sources(await Repository.open(ctx));
    const calls: Seen[] = [];
    for (const { file, line, by, program, args } of await callsOf(sources))
      calls.push({
        file,
        line,
        by,
        program,
        words: args.map((one) => one.text).join(' '),
        verdicts: await programArguments(sources, program, args),
      });
    const { unread, looked, because } = p.environment
      ? await unreadVariables(sources)
      : { unread: [], looked: 0, because: undefined };
    return {
      programs: [...(await ownPrograms(sources)).keys()],
      calls,
      unread,
      looked,
      ...(because !== undefined && { because }),
      ...named(await lostExits(sources)),
      workflows: (await ctx.tree()).get(workflowFaults),
      ...(p.manifests && (await manifests(sources, await ctx.tree()))),
    };
  },
  judge(p, observed) {
    const j = new Judge(problems);
    const causes = new Map<string, { call: Seen; verdict: Verdict; places: string[] }>();
    for (const call of observed.calls)
      for (const verdict of call.verdicts) {
        const key = `${verdict.state} ${verdict.seen}`;
        const known = causes.get(key);
        const place = `${call.file}:${call.line}`;
        if (!known) causes.set(key, { call, verdict, places: [place] });
        else if (!known.places.includes(place)) known.places.push(place);
      }
    for (const { call, verdict, places } of causes.values()) {
      if (verdict.state === 'holds' || verdict.state === 'unjudged') continue;
      const common = {
        where: { file: call.file, line: call.line },
        subject: call.program,
        hint: verdict.hint,
        ...(places.length > 1 && { detail: `also at ${places.slice(1).join(', ')}` }),
      };
      if (verdict.state === 'remarked') j.find('not-judged', verdict.seen, common);
      else
        j.find('argument-unknown', `${call.by} calls \`${`${call.program} ${call.words}`.trim()}\`: ${verdict.seen}`, {
          ...common,
          level: verdict.state === 'false' ? 'error' : 'warning',
        });
    }
    for (const [name, same] of Map.groupBy(observed.unread, (one) => one.name)) {
      const [{ file, line, service, sibling }, ...others] = same as [Unread, ...Unread[]];
      j.find('environment-unread', `${service} sets ${name}, and no source reads it (${sibling} is read)`, {
        where: { file, line },
        subject: name,
        ...(others.length > 0 && { detail: `also at ${others.map((one) => `${one.file}:${one.line}`).join(', ')}` }),
      });
    }
    for (const { file, line, command } of observed.lost ?? [])
      j.find('exit-code-lost', `\`${command}\` exits with 0 whatever its tests do`, { where: { file, line } });
    for (const { file, line, subject, seen, hint, sure, refused } of observed.dangling ?? [])
      j.find(refused === true ? 'manifest-refused' : 'manifest-dangling', `${subject}: ${seen}`, {
        where: { file, line },
        subject,
        hint,
        level: sure ? 'error' : 'warning',
        cause: seen,
      });
    for (const { file, line, seen, hint, sure } of observed.workflows ?? [])
      j.find('workflow-broken', seen, { where: { file, line }, hint, level: sure ? 'error' : 'warning', cause: seen });
    const { scripts = 0, resources = 0, lost = [], dangling = [] } = observed;
    if (scripts > 0 && lost.length === 0) j.prove(`${scripts} scripts and workflows lose no exit code of a test`);
    if (resources > 0 && !dangling.some((one) => one.sure))
      j.prove(`${resources} resources of Kubernetes do not contradict each other`);
    if (observed.because !== undefined)
      j.find('not-judged', `variables are not judged, because ${observed.because}`, {});
    for (const name of p.programs)
      if (!observed.calls.some((call) => call.program === name))
        j.find(
          'not-called',
          observed.programs.includes(name) ? `nothing calls ${name}` : `the repository has no program ${name}`,
          { subject: name },
        );
    if (observed.calls.length + observed.looked + scripts + resources === 0 && p.programs.length === 0) {
      const made =
        observed.programs.length === 0
          ? 'the repository has no program'
          : `nothing calls ${observed.programs.join(', ')}`;
      // Programs that nothing here starts may be started by people alone: that proves no defect.
      j.find('nothing-called', made, { ...(observed.programs.length > 0 && { level: 'inconclusive' as const }) });
    }
    const judged = observed.calls.filter((call) => call.verdicts.some((one) => one.state === 'holds'));
    if (observed.looked > 0)
      j.prove(`${observed.looked - observed.unread.length} of ${observed.looked} variables are read`);
    if (observed.calls.length > 0)
      j.prove(
        `${observed.programs.length} programs; ${judged.length} of ${observed.calls.length} calls use flags that the sources name`,
      );
    return j.fact('calls.programs', observed.programs.length).fact('calls.count', observed.calls.length).done();
  },
});

const named = ({ lost, looked }: Awaited<ReturnType<typeof lostExits>>): Pick<Observed, 'lost' | 'scripts'> => ({
  lost,
  scripts: looked,
});

async function manifests(sources: Sources, tree: Tree): Promise<Pick<Observed, 'dangling' | 'resources'>> {
  const { dangling, looked } = await danglingManifests(sources, tree);
  return { dangling, resources: looked };
}
