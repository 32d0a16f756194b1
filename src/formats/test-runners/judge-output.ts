import type { Followed } from './followed.ts';
import { runners } from './runners.ts';
import type { Runner, Tally } from './tally.ts';

/** A runner that the commands name, and where. */
export interface NamedRunner {
  name: string;
  by: Followed;
  /** It is told to run nothing, or to be silent about it. */
  onPurpose: boolean;
}

/** The runners that commands name. */
export function namedRunners(commands: readonly Followed[]): NamedRunner[] {
  return commands.flatMap((by) =>
    runners
      .filter((one) => one.command.test(by.text))
      .map((one) => ({ name: one.name, by, onPurpose: one.onPurpose?.test(` ${by.text}`) === true })),
  );
}

/** Programs that show what others wrote. */
const showing =
  /^(?:cat|tac|bat|head|tail|less|more|grep|rg|egrep|fgrep|zcat|echo|printf|sed|awk|gawk|jq|yq|cut|sort|uniq|tr|column|type|diff|journalctl|curl|wget|(?:docker|podman|kubectl|oc)(?: compose)? logs|docker-compose logs|git (?:log|show|diff|blame|cat-file)|true|:|test|\[|cd|set|export|exit)\b/;

/** Does nothing run but programs that show texts? */
const onlyShows = (commands: readonly Followed[]): boolean =>
  commands.length > 0 && commands.every(({ text }) => showing.test(text.split('/').at(-1) ?? text));

const talliesOf = (runner: Runner, lines: readonly string[]): Tally[] =>
  runner.read(lines).map((tally) => ({ ...tally, runner: runner.name }));

/** Lines that other programs add at the end of an output. */
const trailing =
  /^\s*$|^(?:npm|yarn|pnpm|bun)\b|^Done in |^error Command failed|^ELIFECYCLE|^make(?:\[\d+\])?: |^-{3,}$|^={3,}$/;

/** The counts that an output ends with: behind them stands nothing but what belongs to them. */
export function closingTally(text: string): Tally | undefined {
  const lines = text.split(/\r?\n/);
  const found = runners
    // A stream of TAP lines may be anything's log.
    .filter((runner) => runner.onlyNamed !== true)
    .flatMap((runner) =>
      talliesOf(runner, lines)
        .slice(-1)
        .filter((tally) =>
          lines.slice(tally.line + 1).every((line) => trailing.test(line) || runner.after?.test(line) === true),
        ),
    );
  return found.toSorted((a, b) => b.line - a.line)[0];
}

const anyTallies = (lines: readonly string[]): Tally[] =>
  runners.filter((one) => one.onlyNamed !== true).flatMap((one) => talliesOf(one, lines));

/** What the output of the named runners says: their counts, each summed up. */
interface Counted {
  runner: string;
  by: Followed;
  onPurpose: boolean;
  executed: number;
  failed: number;
  says: string;
  noun: string;
  /** The last counts say that something failed. */
  endsFailed: boolean;
}

/**
 * Sums up what each named runner printed, over both streams; one that printed no counts is left out.
 * @param once it prints its counts once, at its end: what stands before are a test's words
 */
export function countNamed(named: readonly NamedRunner[], streams: readonly string[], once = false): Counted[] {
  const texts = streams.map((text) => text.split(/\r?\n/));
  const names = [...new Set(named.map((one) => one.name))];
  return names.flatMap((name) => {
    const runner = runners.find((one) => one.name === name);
    const mine = named.filter((one) => one.name === name);
    const [first] = mine;
    const all = runner ? texts.flatMap((lines) => talliesOf(runner, lines)) : [];
    const tallies = once ? all.slice(-1) : all;
    if (!first || tallies.length === 0) return [];
    const bad = tallies.find((tally) => tally.failed > 0);
    return [
      {
        runner: name,
        by: mine.find((one) => one.by.lost !== undefined)?.by ?? first.by,
        onPurpose: mine.some((one) => one.onPurpose),
        executed: tallies.reduce((sum, tally) => sum + tally.executed, 0),
        failed: tallies.reduce((sum, tally) => sum + tally.failed, 0),
        says: (bad ?? tallies.at(-1))?.says ?? '',
        noun: name === 'go test' ? 'tests or packages with tests' : (runner?.noun ?? 'tests'),
        endsFailed: (tallies.at(-1)?.failed ?? 0) > 0,
      },
    ];
  });
}

const asksOnly = / --?(?:version|help)\b/;

/**
 * Runners that surely ran, whose output is seen, and which ended without the lines that they print at their end: what they ran ended
 * the process itself, with an exit code of its own choice.
 */
function brokenOff(
  commands: readonly Followed[],
  streams: readonly string[],
): { name: string; by: Followed; says: string }[] {
  if (streams.length === 0) return [];
  const lines = streams.flatMap((text) => text.split(/\r?\n/));
  return runners.flatMap((runner) => {
    const { closes, onPurpose } = runner;
    const mine = commands.filter(({ text }) => runner.command.test(text));
    const [by] = mine;
    if (!closes || !by || mine.some((one) => one.hidden === true || one.asked || one.certain === false)) return [];
    if (
      mine.some(({ text }) => closes.unless?.test(text) === true || asksOnly.test(text) || onPurpose?.test(` ${text}`))
    )
      return [];
    const { opens, end } = closes;
    const begun = opens ? lines.filter((line) => opens.test(line)).length : mine.length;
    const ended = runner.read(lines).length;
    if (ended >= begun || (ended === 0 && end && lines.some((line) => end.test(line)))) return [];
    const last = lines.findLast((line) => line.trim() !== '')?.trim() ?? '';
    const found = last === '' ? 'it printed nothing' : `its output ends with: ${last.slice(0, 120)}`;
    return [{ name: runner.name, by, says: begun === 1 ? found : `${ended} of ${begun} have counts; ${found}` }];
  });
}

export interface Held {
  proofs: string[];
  findings: {
    code: 'output-says-failed' | 'nothing-executed' | 'result-lost';
    level?: 'warning';
    message: string;
    subject: string;
    where?: { file: string; line: number };
  }[];
}

/**
 * What the test runners say at their end, held against an exit code that says that all is well.
 * @param asked does the checklist itself ask for this text?
 */
export function heldAgainstExit(
  commands: readonly Followed[],
  streams: readonly string[],
  asked: (text: string) => boolean,
): Held {
  const named = countNamed(namedRunners(commands), streams);
  const held: Held = { proofs: [], findings: [] };
  const find = (code: Held['findings'][number]['code'], message: string, subject: string, by?: Followed): void =>
    void held.findings.push({
      code,
      message,
      subject,
      ...(by?.file !== undefined && { where: { file: by.file, line: by.line } }),
    });
  for (const { runner, by, onPurpose, executed, failed, says, noun, endsFailed } of named) {
    if (failed > 0 && by.lost !== undefined && !by.asked)
      find('output-says-failed', `exit code 0, and ${runner} says: ${says} (${by.lost})`, runner, by);
    else if (endsFailed && !by.asked && !onPurpose && !asked(says))
      find('output-says-failed', `exit code 0, and ${runner} says: ${says}`, runner, by);
    else if (executed === 0 && failed === 0 && !onPurpose && !asked(says))
      find('nothing-executed', `${runner} executed no ${noun.replace(/s(?= |$).*/, '')}: ${says}`, runner, by);
    else if (executed > 0 && failed === 0) held.proofs.push(`${runner} executed ${executed} ${noun}, and none failed`);
  }
  // A runner that surely ran, and of which neither the exit code nor the counts are seen.
  for (const { name, by, onPurpose } of namedRunners(commands)) {
    const isChecker = runners.find((one) => one.name === name)?.onlyNamed === true;
    if (by.lost === undefined || by.certain !== true || by.asked || onPurpose || isChecker) continue;
    if (named.some((one) => one.runner === name) || asksOnly.test(by.text)) continue;
    find('result-lost', `\`${by.text}\`: ${by.lost}, and its counts are not in the output`, name, by);
  }
  if (held.findings.length === 0)
    for (const { name, by, says } of brokenOff(commands, streams))
      find('result-lost', `exit code 0, and ${name} did not come to its end: ${says}`, name, by);
  for (const by of commands)
    if (by.idle !== undefined) find('nothing-executed', `\`${by.text}\` ${by.idle}`, by.text, by);
  // What `npm init` writes as the script test, with its exit code taken away.
  if (streams.some((text) => /^Error: no test specified$/m.test(text)))
    find('nothing-executed', 'the output says that no test is specified', 'npm');
  if (held.findings.length > 0 || onlyShows(commands) || named.some((one) => one.onPurpose || one.by.asked))
    return held;
  for (const text of streams) {
    const last = closingTally(text);
    if (!last || asked(last.says)) continue;
    if (last.failed > 0) find('output-says-failed', `exit code 0, and the output ends with: ${last.says}`, last.runner);
    else if (last.executed === 0 && !named.some((one) => one.executed > 0))
      find('nothing-executed', `the output ends with: ${last.says}`, last.runner);
    if (held.findings.length > 0) break;
  }
  const lost = commands.find((one) => one.lost !== undefined && !one.asked && !onlyShows([one]));
  if (held.findings.length > 0 || named.length > 0 || !lost) return held;
  // Whose counts they are nobody can say.
  const says = streams
    .flatMap((text) => anyTallies(text.split(/\r?\n/)))
    .find((tally) => tally.failed > 0 && !asked(tally.says))?.says;
  if (says !== undefined)
    held.findings.push({
      code: 'output-says-failed',
      level: 'warning',
      message: `exit code 0, and the output holds: ${says} (\`${lost.text}\`: ${lost.lost})`,
      subject: says,
      ...(lost.file !== undefined && { where: { file: lost.file, line: lost.line } }),
    });
  return held;
}
