import { exit, UserError } from '../core/errors.ts';
import { suggest } from '../core/suggest.ts';
import { dockerClient, dockerThere } from '../hosts/docker.ts';
import { listedIn } from '../hosts/descendants.ts';
import { orphans, ownerAlive, type OrphanProcess } from '../hosts/processes.ts';
import { orphanScratch } from '../hosts/scratch.ts';
import { kinds, leftovers, type Leftover } from '../stack/leftovers.ts';
import { clearRun } from '../engine/lock.ts';

interface Left {
  run: string;
  processes: OrphanProcess[];
  things: Leftover[];
  folders: string[];
}

/**
 * `verify clean [runs…]`: lists what runs that are over have left, and removes it with `--yes`. Only what bears the labels and marks
 * of a run of verify; nothing of a run whose process still lives; what `--keep` left up only where it is asked for.
 * @returns 12 where the engine does not answer, or something could not be removed
 */
export async function cleanCommand(runs: string[], options: { yes?: boolean; kept?: boolean }): Promise<number> {
  const write = (text: string): void => void process.stdout.write(`${text}\n`);
  const there = await dockerThere();
  const found = there ? await leftovers(dockerClient) : [];
  const silent = typeof found === 'string';
  const all = byRun(silent ? [] : found);
  const unknown = runs.find((run) => !all.some((left) => left.run === run));
  if (unknown !== undefined && !silent) {
    const meant = suggest(
      unknown,
      all.map((left) => left.run),
    );
    throw new UserError(exit.nothingSelected, `no run ${unknown} has left anything here`, {
      hint: meant === undefined ? undefined : `did you mean ${meant}?`,
    });
  }
  let failed = silent;
  let shown = 0;
  for (const left of all) {
    if (runs.length > 0 && !runs.includes(left.run)) continue;
    shown++;
    const kept = [...left.things, ...left.processes].some((one) => one.kept);
    const owner = left.things[0]?.owner;
    const alive = owner !== undefined && ownerAlive(owner);
    write(`${left.run}: ${inWords(left)}${alive ? ', still running' : kept ? ', kept by --keep' : ''}`);
    for (const one of left.things) write(`    ${one.kind} ${one.name}`);
    for (const { pid } of left.processes) write(`    process ${pid}`);
    for (const path of left.folders) write(`    temporary folder ${path}`);
    if (alive || options.yes !== true) continue;
    if (kept && options.kept !== true && !runs.includes(left.run)) {
      write(`    left as it is; to remove it: verify clean --yes ${left.run}`);
      continue;
    }
    const { left: stays } = await clearRun(left.run);
    failed ||= stays.length > 0;
    write(stays.length === 0 ? '    removed' : `    could not be removed: ${stays.join(', ')}`);
  }
  if (silent) write(`No container engine answers (${found}): what runs may have left there was not looked at.`);
  else if (shown === 0) write(`Nothing is left${there ? '' : '; docker is not on this machine'}.`);
  else if (options.yes !== true) write('Nothing was removed: `verify clean --yes` removes it.');
  return failed ? exit.inconclusive : exit.passed;
}

function byRun(things: readonly Leftover[]): Left[] {
  const runs = new Map<string, Left>();
  const of = (run: string): Left => {
    const left = runs.get(run) ?? { run, processes: [], things: [], folders: [] };
    runs.set(run, left);
    return left;
  };
  for (const one of things) of(one.run).things.push(one);
  for (const one of orphans()) of(one.run).processes.push(one);
  for (const { run, path } of orphanScratch()) {
    const left = of(run);
    left.folders.push(path);
    for (const pid of listedIn(path))
      if (!left.processes.some((one) => one.pid === pid)) left.processes.push({ pid, run, kept: false });
  }
  return [...runs.values()].toSorted((a, b) => (a.run < b.run ? -1 : 1));
}

function inWords({ things, processes, folders }: Left): string {
  const counts: [string, number][] = kinds.map((kind) => [kind, things.filter((one) => one.kind === kind).length]);
  counts.push(['process', processes.length], ['temporary folder', folders.length]);
  return counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : kind === 'process' ? 'es' : 's'}`)
    .join(', ');
}
