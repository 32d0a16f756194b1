import type { ExecResult, Judge } from '../../core/step.ts';
import type { problems } from './command-problems.ts';
import { unreached } from './unreached.ts';
import { missingTool } from './missing-tool.ts';

/** What a command printed at its end, for a finding. */
export const shownOf = (result: ExecResult): string => {
  const text = `${result.stdout}\n${result.stderr}`.trim();
  return text.length > 1500 ? `…${text.slice(-1500)}` : text;
};

/**
 * A control must fail, and as a check does.
 * @param given.exit the exit code that the command itself must have
 * @param given.wanted that of the control, where the checklist says it
 * @param given.script what the control runs
 */
export function judgeControl(
  j: Judge<typeof problems>,
  given: { exit: number; wanted: number | undefined; script: string },
  control: ExecResult,
): void {
  const detail = shownOf(control);
  const { exit, wanted } = given;
  if (wanted !== undefined && control.code === wanted && wanted !== exit)
    return void j.prove(`the control failed as it must (exit ${control.code})`);
  const unfetched = unreached(control, [given.script]);
  const why = neverRan(control) ?? (unfetched && `it could not fetch what it needs: ${unfetched}`);
  if (control.notStarted !== undefined) j.find('not-started', `control: ${control.notStarted}`);
  else if (control.timedOut) j.find('timed-out', 'the control did not finish in time');
  else if (why !== undefined) j.find('control-not-run', `the control proves nothing: ${why}`, { detail });
  else
    j.check(
      wanted === undefined ? control.code !== exit : control.code === wanted,
      `the control failed as it must (exit ${control.code})`,
      'control-passed',
      `the control exited with ${control.code ?? control.signal}`,
      { detail },
    );
}

type Ended = Pick<ExecResult, 'argv' | 'code' | 'signal' | 'timedOut' | 'notStarted' | 'stdout' | 'stderr'>;

/** What interpreters and tools say where they did not find what they were to run, or could not read it. */
const notFound: readonly RegExp[] = [
  /^python[\d.]*: can't open file /m,
  /^python[\d.]*: No module named /m,
  /^(?:\/\S+\/)?python[\d.]*: Error while finding module specification/m,
  /Error: Cannot find module '[^']*'\n(?:Require stack:\n- (?!\/)|    at )/,
  /code: 'MODULE_NOT_FOUND',\n\s*requireStack: \[\]/,
  /^ruby: No such file or directory -- /m,
  /^Can't open perl script /m,
  /^Could not open input file: /m,
  /^Error: (?:Could not find or load main class|Unable to access jarfile) /m,
  /^make(?:\[\d+\])?: \*\*\* No rule to make target /m,
  /^make(?:\[\d+\])?: \*\*\* No targets specified/m,
  /^error: Justfile does not contain recipe /m,
  /^(?:npm (?:error|ERR!) Missing script:|error Command "[^"]*" not found\.|\s*ERR_PNPM_NO_SCRIPT)/m,
  /^npm (?:error|ERR!) (?:npx canceled|code E404|could not determine executable)/m,
  /^(?:go: (?:cannot find main module|go\.mod file not found)|no required module provides package|stat \S+: (?:directory not found|no such file))/m,
  /^jq: error: (?:Could not open|.*compile error)/m,
  /^(?:promtool|amtool): error: path '[^']*' does not exist/m,
  /^ERROR: (?:file or directory not found|usage): /m,
  /^(?:awk|gawk|mawk|sed): .*(?:cannot open|can't (?:open|read)|No such file)/m,
  /^open \S+\.ya?ml: no such file or directory$/m,
  /^npm (?:error|ERR!) enoent Could not read package\.json/m,
  /^error: (?:no such (?:sub)?command|no bin target named|could not find `Cargo\.toml`)/m,
  /^(?:IndentationError|TabError|SyntaxError): /m,
  /^SyntaxError: /m,
  /^(?:ModuleNotFoundError|ImportError|NameError): .*(?![\s\S]*^\w*Error: )/m,
  /^ReferenceError: .* is not defined$/m,
  /^(?:TypeError|Error) \[ERR_(?:MODULE_NOT_FOUND|UNKNOWN_FILE_EXTENSION)\]: .*$/m,
];

/** What programs say of words that they do not know: the check itself was not begun. */
const notUnderstood =
  /^.{0,60}\b(?:unrecogni[sz]ed|unknown|illegal|no such|unexpected|unsupported) (?:long |short |shorthand )?(?:options?|flags?|arguments?|(?:sub)?command)\b.*$|^.{0,60}\b(?:invalid option|option \S+ (?:is unknown|not recogni[sz]ed)|flag provided but not defined|is not a \S+ command|expected command but got|the following arguments are required|missing required argument)\b.*$/im;

/**
 * A line of a shell that speaks of itself: `bash: line 1: gone: command not found`, `./x.sh: 3: Syntax error: …`,
 * `sh: 1: cd: can't cd to …`, an unbound variable, a redirect that leads nowhere.
 */
const shellItself =
  /^(?:(?:ba|da|z|k)?sh|\S+\.(?:ba)?sh|\/\S+): (?:(?:line )?\d+: |-c: )?.*(?:not found|No such file or directory|Permission denied|unbound variable|parameter not set|[Ss]yntax error|unexpected |can't cd to|cannot open|Is a directory|bad substitution|ambiguous redirect|Bad substitution|cannot execute)/;

/**
 * Why a program's failure says nothing of what it was to check: it did not run at all (not there, not executable, a shell's own
 * error), or it was killed. Undefined where it ended by itself with an exit code of its own.
 */
function neverRan(ended: Ended): string | undefined {
  const { code, signal, notStarted, stderr } = ended;
  if (notStarted !== undefined) return `it could not be started (${notStarted})`;
  if (ended.timedOut) return 'it did not finish in time';
  if (code === null) return `it was killed by ${signal ?? 'a signal'}`;
  if (code === 127) return 'it was not found (exit 127)';
  if (code === 126) return 'it could not be executed (exit 126)';
  if (code > 128 && code <= 128 + 64) return `it was killed by signal ${code - 128} (exit ${code})`;
  if (code === 0) return undefined;
  if (code === 124 && ended.argv.some((word) => /(?:^|\/)timeout$|\btimeout /.test(word)))
    return 'it did not finish in time';
  // git's own trouble is 128, a wrong call 129; docker's is 125.
  const program = (ended.argv[0] ?? '').split('/').at(-1) ?? '';
  if (program === 'git' && (code === 128 || code === 129)) return `git could not do it (exit ${code})`;
  if (/^(?:docker|podman)$/.test(program) && code === 125) return `${program} could not do it (exit 125)`;
  if (code === 64) return 'it does not take its arguments (exit 64, usage)';
  // Their manuals: 1 is a difference, or no match; above it is trouble.
  const compared = /(?:^|\/)(?:[ef]?grep|rg|diff|cmp)$/.exec(ended.argv[0] ?? '')?.[0];
  if (compared !== undefined && code > 1) return `${ended.argv[0]} could not compare (exit ${code})`;
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  if (shellItself.test(last)) return `the shell could not run it: ${last.slice(0, 200)}`;
  const tool = missingTool(ended);
  if (tool !== undefined) return `${tool} is not on this machine`;
  if (/^\s*usage:? /i.test(stderr))
    return `it does not take its arguments: ${stderr.trim().split('\n')[0]?.slice(0, 200)}`;
  const words = notUnderstood.exec(`${stderr}\n${ended.stdout}`.slice(-4000))?.[0];
  if (words !== undefined) return `it does not take its arguments: ${words.trim().slice(0, 200)}`;
  const said = notFound.flatMap((pattern) => pattern.exec(stderr)?.[0] ?? [])[0];
  return said === undefined ? undefined : `it could not run: ${said.split('\n')[0]?.slice(0, 200)}`;
}
