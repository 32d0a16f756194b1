import { endingsOf } from '../programs/exit-codes.ts';

/** A simple command that a step's command comes to. */
export interface Followed {
  /** Its words, joined by blanks. */
  text: string;
  /** The script that it stands in; none where the checklist itself has it. */
  file?: string;
  line: number;
  /** The folder that it runs in, where that is not the one of the whole. */
  at?: string;
  /** Why its exit code does not reach the end of the script. */
  lost?: string;
  /** Its failure is what the script asks for: `! cmd`, `if cmd`. */
  asked: boolean;
  /** It runs whenever the whole does. */
  certain?: boolean;
  /** What it prints goes elsewhere than to the output of the whole. */
  hidden?: true;
  /** What it runs nothing of, and why, in words that follow its text. */
  idle?: string;
}

const shells = /^(?:bash|sh|dash|zsh|ksh)$/;

const wrappers =
  /^(?:(?:\w+=\S*|env|time|nice|exec|command|sudo|nohup|stdbuf(?: -\S+)*|timeout(?: -\S+)* \S+|npx(?: -\S+)*|bunx|pnpm exec|pnpm dlx|yarn dlx|uv run(?: (?:-p|--(?:(?:no-|only-)?group|extra|no-extra|with(?:-requirements|-editable)?|python|(?:no-)?package|project|directory|env-file|config-file|(?:default-)?index(?:-url)?)) \S+| -\S+)*|poetry run|pipenv run|pdm run|hatch run|bundle exec|xvfb-run(?: -\S+)*|chronic|unbuffer|busybox|cross-env(?:-shell)?|dotenv(?: -\S+ \S+)*(?: --)?|(?:c8|nyc)(?: -[\w-]+(?:=\S+)?(?: (?:[a-z]+-)?(?:text|lcov|html|json|cobertura|clover)(?:-\w+)?(?= )| \d+(?= ))?)*|ionice(?: -\S+)*|setsid(?: -\S+)*|flock(?: -\S+)* \S+|mise exec --|direnv exec \S+|devbox run(?: --)?) )+/;

/** The words of an argv without the programs that only start others. */
function unwrapped(words: readonly string[]): string[] {
  let length = wrappers.exec(words.join(' '))?.[0].length ?? 0;
  let n = 0;
  while (length > 0) length -= (words[n++] ?? '').length + 1;
  return words.slice(n);
}

/** One that a script has, with its words. */
export type InScript = Followed & { words: string[] };

/**
 * The simple commands of a script, and which of them can fail unseen.
 * @param strict how it is run: with `-e`, with `pipefail`
 */
export function commandsOf(
  script: string,
  strict: { errexit: boolean; pipefail: boolean; direct?: boolean },
  file?: string,
): InScript[] {
  const shebang = /^#![^\n]*/.exec(script)?.[0] ?? '';
  // `bash x.sh` does not look at the options behind `#!`.
  const errexit = strict.errexit || (strict.direct !== false && / -\w*e/.test(shebang));
  return endingsOf(script, { ...strict, errexit }).flatMap(({ words, ...rest }) =>
    startedBy(words).map((one) => ({
      ...rest,
      ...one,
      text: one.words.join(' '),
      ...(file !== undefined && { file }),
    })),
  );
}

/** A command without what only starts it, and those that it starts by itself. */
export function startedBy(all: readonly string[]): { words: string[]; lost?: string }[] {
  const words = unwrapped(all);
  const [program = ''] = words;
  const own = { words };
  const name = program.split('/').at(-1);
  if (all[0] === 'env' && all[1] === '-S') {
    const [inner] = endingsOf(all[2] ?? '', { errexit: true, pipefail: true });
    return inner ? startedBy(inner.words) : [own];
  }
  if (name === 'find') {
    const at = words.findIndex((word) => /^-(?:exec|execdir|ok)$/.test(word));
    const end = words.findIndex((word, n) => n > at && (word === ';' || word === '+'));
    if (at < 0) return [own];
    const lost = words[end] === '+' ? {} : { lost: 'find does not pass on the exit code of what `-exec … ;` runs' };
    return [own, { words: words.slice(at + 1, end < 0 ? undefined : end), ...lost }];
  }
  if (/^(?:docker|podman|kubectl|oc|nerdctl|docker-compose|nix|nix-shell|ssh)$/.test(name ?? '')) {
    const at = words.findIndex((word, n) => n > 0 && shells.test(word.split('/').at(-1) ?? ''));
    const script = words.at(-1) ?? '';
    if (at > 0) return [own, { words: words.slice(at) }];
    return name === 'ssh' && script.includes(' ') ? [own, { words: ['sh', '-c', script] }] : [own];
  }
  if (name === 'xargs') {
    const at = words.findIndex((word, n) => n > 0 && !word.startsWith('-') && !/^-[InPLsdE]$/.test(words[n - 1] ?? ''));
    return at < 0 ? [own] : [own, ...startedBy(words.slice(at))];
  }
  if (name === 'script') {
    const at = words.findIndex((word) => /^-\w*c$/.test(word) || word === '--command');
    const passes = words.some((word) => /^-\w*e/.test(word) || word === '--return');
    const inner = words[at + 1];
    return at < 0 || inner === undefined
      ? [own]
      : [own, { words: ['sh', '-c', inner], ...(!passes && { lost: 'script passes no exit code on without `-e`' }) }];
  }
  return [own];
}

/** The script file that an argv runs, with how the shell is told to run it; undefined where it runs none. */
export function scriptOf(
  argv: readonly string[],
): { path: string; errexit: boolean; pipefail: boolean; direct: boolean } | undefined {
  const [program = '', ...rest] = argv;
  if (shells.test(program.split('/').at(-1) ?? '')) {
    const flags = rest.filter((one, n) => one.startsWith('-') || rest[n - 1] === '-o');
    const path = rest.find((one, n) => !one.startsWith('-') && rest[n - 1] !== '-o');
    if (path === undefined || flags.some((flag) => /^-\w*c/.test(flag))) return undefined;
    return {
      path,
      errexit: flags.some((flag) => /^-\w*e/.test(flag)),
      pipefail: flags.includes('pipefail'),
      direct: false,
    };
  }
  // What is read in runs in the shell that reads it.
  if ((program === '.' || program === 'source') && rest[0] !== undefined)
    return { path: rest[0], errexit: true, pipefail: true, direct: false };
  return program.includes('/') ? { path: program, errexit: false, pipefail: false, direct: true } : undefined;
}

/** The script in a shell's `-c`. */
export function inlineScript(
  argv: readonly string[],
): { text: string; errexit: boolean; pipefail: boolean } | undefined {
  const [program = '', ...rest] = argv;
  if (!shells.test(program.split('/').at(-1) ?? '')) return undefined;
  const at = rest.findIndex((flag) => /^-\w*c$/.test(flag));
  if (at < 0) return undefined;
  const flags = rest.slice(0, at + 1);
  return {
    text: rest.slice(at + 1).find((one) => !one.startsWith('-')) ?? '',
    errexit: flags.some((flag) => /^-\w*e/.test(flag)),
    pipefail: rest.includes('pipefail'),
  };
}

/** Options of package managers that are followed by a value, and those that name the folder. */
const valued = /^(?:--prefix|-C|--cwd|--dir|-w|--workspace|--filter|-F|--loglevel|--reporter)$/;
const placed = /^(?:--prefix|-C|--cwd|--dir)(?:=(.*))?$/;

/** The package scripts that a command runs (`npm test`, `pnpm run unit`, `run-s lint test`), and the folder of their package. */
export function packageScripts(
  words: readonly string[],
): { names: string[]; folder?: string; ifPresent: boolean } | undefined {
  const [program = '', ...rest] = words;
  const bare = rest.filter((word, n) => !word.startsWith('-') && !valued.test(rest[n - 1] ?? ''));
  if (/^(?:run-s|run-p|npm-run-all)$/.test(program)) return { names: bare, ifPresent: false };
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(program)) return undefined;
  const run = bare[0] === 'run' || bare[0] === 'run-script';
  const name = run ? bare[1] : bare[0];
  if (name === undefined) return undefined;
  const own =
    run || program === 'yarn' || program === 'pnpm'
      ? name
      : program === 'npm' && /^(?:t|tst|test)$/.test(name)
        ? 'test'
        : undefined;
  if (own === undefined) return undefined;
  const at = rest.findIndex((word) => placed.test(word));
  const folder = at < 0 ? undefined : (placed.exec(rest[at] ?? '')?.[1] ?? rest[at + 1]);
  return { names: [own], ifPresent: rest.includes('--if-present'), ...(folder !== undefined && { folder }) };
}

/** Programs that show, move and compare whatever they are given: alone, they are no check of anything. */
const utilities =
  /^(?:cat|tac|head|tail|less|more|echo|printf|tee|cp|mv|rm|ln|mkdir|rmdir|touch|chmod|chown|cd|pushd|popd|ls|pwd|tar|gzip|gunzip|unzip|zip|xz|zstd|curl|wget|sed|awk|gawk|jq|yq|cut|sort|uniq|tr|wc|grep|egrep|fgrep|rg|diff|cmp|test|\[|\[\[|find|xargs|sleep|set|export|source|\.|eval|read|local|trap|exit|return|true|false|:|sha\d*sum|md5sum|base64|od|xxd|hexdump|strings|file|stat|date|env)$/;
/** Programs that do one thing or another, by the words behind them. */
const manifold =
  /^(?:npm|npx|pnpm|yarn|bun|bunx|make|gmake|just|task|cargo|go|docker|podman|git|kubectl|helm|deno|node|nodejs|tsx|ts-node|python[\d.]*|pypy3?|ruby|perl|php|java|dotnet|mvn|gradle|uv|poetry|bash|sh|dash|zsh|ksh)$/;

/** The simple commands of a script, those in `bash -c` among them, each as program and words. */
function callsOf(script: string): { program: string; words: string[] }[] {
  return commandsOf(script, { errexit: true, pipefail: true }).flatMap(({ words: all }) => {
    const words = all.filter((word) => !/^\w+=/.test(word));
    const inline = inlineScript(words);
    if (inline && inline.text !== script) return callsOf(inline.text);
    const [program = '', ...rest] = words.map((word) => word.replace(/^(?:\.{1,2}\/)+/, ''));
    return [
      {
        program: program.replace(/^\/(?:usr\/)?(?:local\/)?s?bin\//, ''),
        words: rest.flatMap((word) => word.split(/\s+/)),
      },
    ];
  });
}

/**
 * Does the other script run the same check: a program of the first, in the same way? What only shows or copies files is no check
 * beside one that is more, and needs its own words again (`grep -q TEXT` of another file) where nothing else is there.
 */
function sameProgram(script: string, other: string): boolean {
  const all = callsOf(script);
  const checks = all.filter(({ program }) => !utilities.test(program));
  const own = checks.length > 0 ? checks : all;
  return callsOf(other).some((one) =>
    own.some(({ program, words }) => {
      if (program !== one.program) return false;
      const plain = checks.length > 0 && !manifold.test(program);
      return plain || words.some((word) => word.length > 1 && !/^-[ce]$/.test(word) && one.words.includes(word));
    }),
  );
}

/** Does a script end with `exit 1` or `false` wherever its commands lead? One with another `exit` may end before that. */
const endsItself = (script: string): boolean =>
  /(?:^|[;\n])\s*(?:exit\s+[1-9]\d*|false)\s*;?\s*$/.test(script) &&
  (script.match(/\b(?:exit|return)\b/g) ?? []).length <= 1;

/** Why a control's failure would not show that the script can fail; undefined where it does. */
export function weakControl(script: string, control: string): string | undefined {
  if (!sameProgram(script, control))
    return 'the control runs nothing of what the command runs, so that it does not show that the command can fail';
  return endsItself(control) ? 'the control ends with a failure of its own, whatever the check in it says' : undefined;
}
