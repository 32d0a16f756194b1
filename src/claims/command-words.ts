import type { ShellCommand, Word } from '../formats/programs/shell.ts';
import { holds, unjudged, type Claim, type Verdict } from './reading.ts';

/** Programs whose commands are read where they stand in back-ticks. */
export const known = new Set(
  `cargo docker docker-compose npm pnpm yarn make just task pip uvicorn pytest bash sh zsh
  python python3 node promtool kubectl`.split(/\s+/),
);
export const interpreters = new Set('bash sh zsh source . python python3 node tsx ts-node ruby perl'.split(' '));
export const readers = new Set(['cat', 'less', 'head', 'tail', 'wc', 'bat', 'cp', 'diff']);
const prefixes = new Set(['sudo', 'env', 'nohup', 'exec', 'command', 'doas']);
/** Programs after which files may be there that are not in the repository. */
export const fetchers = new Set(
  `git curl wget tar unzip mkdir touch scp rsync gh virtualenv cmake meson go gcc clang
  terraform helm ssh ssh-keygen openssl`.split(/\s+/),
);
/** Words alone that begin with a program’s name may be a phrase. */
export const isPhrase = (words: readonly string[]): boolean =>
  words.length > 3 && words.every((word) => /^[A-Za-z]+$/.test(word));
export const scriptEnding = /\.(?:sh|bash|py|js|mjs|cjs|ts|rb|pl)$/;

/** `FOO=1 sudo -E program …` without what stands before the program. */
export function withoutPrefix(words: readonly Word[]): Word[] {
  let rest = [...words];
  for (;;) {
    const [first] = rest;
    if (first === undefined) return rest;
    if (/^[A-Za-z_]\w*=/.test(first.text)) rest = rest.slice(1);
    else if (prefixes.has(first.text)) {
      rest = rest.slice(1);
      while (rest[0] && /^-\w*$/.test(rest[0].text))
        rest = rest.slice(first.text === 'sudo' && /^-\w*[ughpCDRrtT]$/.test(rest[0].text) ? 2 : 1);
    } else return rest;
  }
}

/** What a command runs inside of a container or again and again: `docker exec C …`, `kubectl exec P -- …`, `watch -n 5 …`. */
export function wrappedIn(program: string, args: readonly Word[]): readonly Word[] | undefined {
  const words = args.map((word) => word.text);
  const behind = (at: number, valued: RegExp): number => {
    let n = at;
    while (words[n]?.startsWith('-') === true) n += valued.test(words[n] ?? '') ? 2 : 1;
    return n;
  };
  if (program === 'kubectl' || program === 'oc' || program === 'k') {
    const dashes = words.indexOf('--');
    return words.includes('exec') && dashes >= 0 ? args.slice(dashes + 1) : undefined;
  }
  const exec = words.findIndex((word) => word === 'exec' || word === 'run');
  if (/^(?:docker|podman|nerdctl)(?:-compose)?$/.test(program) && exec >= 0 && exec <= 6 && words[exec] === 'exec')
    return args.slice(behind(exec + 1, /^(?:-[uew]|--user|--env|--workdir|--index)$/) + 1);
  if (program === 'watch') return args.slice(behind(0, /^(?:-n|--interval)$/));
  if (program === 'timeout') return args.slice(behind(0, /^(?:-[ks]|--signal|--kill-after)$/) + 1);
  return program === 'time' ? args.slice(behind(0, /^$/)) : undefined;
}

export function toClaims(command: ShellCommand, line: number, verdicts: readonly Verdict[], excused: boolean): Claim[] {
  const base = {
    kind: 'command' as const,
    line: line + command.line - 1,
    text: command.raw.replace(/\s*\\\n\s*/g, ' '),
  };
  const bad = verdicts.filter((verdict) => verdict.state === 'false' || verdict.state === 'doubtful');
  const said = verdicts.filter((verdict) => verdict.state === 'remarked');
  if (bad.length > 0)
    return bad.map((verdict) => ({ ...base, ...verdict, ...(excused && { state: 'unjudged' as const }) }));
  const good = verdicts.filter((verdict) => verdict.state === 'holds');
  if (said.length > 0) return said.map((verdict) => ({ ...base, ...verdict }));
  if (good.length === 0) return [{ ...base, ...unjudged('not known') }];
  return [{ ...base, ...holds(good.map((verdict) => verdict.seen).join('; ')) }];
}
