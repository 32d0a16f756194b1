import type { ExecResult } from '../../core/step.ts';
import { missingTool } from './missing-tool.ts';

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
  /^.{0,60}\b(?:unrecogni[sz]ed|unknown|illegal|no such|unexpected|unsupported) (?:long |short )?(?:options?|flags?|arguments?|(?:sub)?command)\b.*$|^.{0,60}\b(?:invalid option|option \S+ (?:is unknown|not recogni[sz]ed)|flag provided but not defined|is not a \S+ command|expected command but got|the following arguments are required|missing required argument)\b.*$/im;

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
export function neverRan(ended: Ended): string | undefined {
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
  if (code === 64) return 'it was called as it cannot be (exit 64, usage)';
  // Their manuals: 1 is a difference, or no match; above it is trouble.
  const compared = /(?:^|\/)(?:[ef]?grep|rg|diff|cmp)$/.exec(ended.argv[0] ?? '')?.[0];
  if (compared !== undefined && code > 1) return `${ended.argv[0]} could not compare (exit ${code})`;
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  if (shellItself.test(last)) return `the shell could not run it: ${last.slice(0, 200)}`;
  const tool = missingTool(ended);
  if (tool !== undefined) return `${tool} is not on this machine`;
  const words = notUnderstood.exec(`${stderr}\n${ended.stdout}`.slice(-4000))?.[0];
  if (words !== undefined) return `it was called as it cannot be: ${words.trim().slice(0, 200)}`;
  const said = notFound.flatMap((pattern) => pattern.exec(stderr)?.[0] ?? [])[0];
  return said === undefined ? undefined : `it could not run: ${said.split('\n')[0]?.slice(0, 200)}`;
}
