/**
 * Healthchecks that cannot work as they are written, whatever the image holds. How the engine runs one: `CMD` as an argv without a
 * shell; `CMD-SHELL` as `/bin/sh -c` with the pieces as its arguments, of which only the first is the script
 * (docker/docker: daemon/health.go).
 */
export interface HealthFault {
  text: string;
  hint: string;
}

const operator = /^(?:\|\||&&|\||;|&|\d?>>?(?:&\d)?|\d?>>?\/dev\/null|<)$/;
const shells = /(?:^|\/)(?:ba|da|a|z|k)?sh$|(?:^|\/)busybox$/;
/** Programs to which such a word may be an argument. */
const takesOperators =
  /(?:^|\/)(?:test|\[|expr|find|awk|sed|grep|perl|python[\d.]*|node|php|ruby|jq|psql|mysql|mongosh?|redis-cli)$/;

/** @param test as Compose has it: `[CMD, …]`, `[CMD-SHELL, …]`, `[NONE]` */
export function healthFault(test: readonly string[]): HealthFault | undefined {
  const [kind, ...words] = test;
  const [first = ''] = words;
  if (kind === 'CMD-SHELL' && words.length > 1)
    return {
      text: `CMD-SHELL takes one text, and is given ${words.length}: only ${JSON.stringify(first)} is run`,
      hint: 'write the whole command as one text, or use CMD',
    };
  if (kind !== 'CMD' || first === '') return undefined;
  // A path may hold a space.
  const isPath = first.startsWith('/') && !/\s-|:\/\/|[|&;]/.test(first);
  if (
    /\s/.test(first.trim()) &&
    !isPath &&
    (words.length === 1 || operator.test(first.trim().split(/\s+/).at(-1) ?? ''))
  )
    return {
      text: `CMD runs no shell: ${JSON.stringify(first)} is read as the name of one program`,
      hint: 'write CMD-SHELL, or each word as a text of its own',
    };
  const at = words.findIndex((word) => operator.test(word));
  const another = /^(?:exit|true|false|echo|grep)$/.test(words[at + 1] ?? '');
  if (at > 0 && !shells.test(first) && (another || !takesOperators.test(first)))
    return {
      text: `CMD runs no shell: ${JSON.stringify(words[at])} is an argument of ${first}`,
      hint: 'write CMD-SHELL with the whole command as one text',
    };
  const script = shells.test(first) ? words.findIndex((word) => /^-[a-z]*c$/.test(word)) : -1;
  if (script > 0 && words.slice(script + 2).some((word) => operator.test(word)))
    return {
      text: `${first} -c takes one text: only ${JSON.stringify(words[script + 1])} is run`,
      hint: 'write the whole command as one text',
    };
  return undefined;
}
/** Why a healthcheck can never fail; undefined where it can. */
export function vacuousHealth(test: readonly string[]): string | undefined {
  const [kind, ...rest] = test;
  const text = rest.join(' ').trim();
  if (kind === undefined || kind === 'NONE' || text === '') return undefined;
  if (/^(?:\/bin\/|\/usr\/bin\/)?(?:true|:|echo\b[^&|;]*|exit 0)$/.test(text)) return text;
  // An `exit` with another code ends the shell before the last word of it is reached.
  if (kind === 'CMD' || /\bexit\s+(?:[1-9]|\$)/.test(text)) return undefined;
  return /(?:\|\||;)\s*(?:true|:|exit 0|echo\b[^&|;]*)\s*$/.test(text) ? text : undefined;
}
