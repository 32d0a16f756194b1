/** Programs that say or do something and end with 0. */
const ordinary =
  /^(?:true|echo|printf|cat|head|tail|sleep|continue|break|rm|mv|cp|touch|mkdir|cd|date|ls|tee|grep|export|unset|shift|set|read|test|then|do|else|fi|done)$/;

/**
 * Does what this part of a shell script does tell of a failure: by an exit code of its own, by a variable that is looked at later,
 * by a function that does so? A function of a script that is read in is taken to do it.
 * @param bodyOf the text of a function of the script
 */
export function tellsOfFailure(
  text: string,
  script: string,
  bodyOf: (name: string) => string | undefined,
  deep = 0,
): boolean {
  if (/\b(?:exit|return)\s+(?:[1-9]|["']?\$)|\bfalse\b|\bkill\b/.test(text)) return true;
  const set = [...text.matchAll(/(?:^|[\s;{(&|]|\(\()([A-Za-z_]\w*)(?:\[[^\]]*\])?(?:\+?=|\+\+)/g)];
  if (set.some((one) => isLookedAt(one[1] ?? '', script))) return true;
  const sources = /^\s*(?:\.|source)\s/m.test(script);
  return [...text.matchAll(/(?:^|[;{(&|\n])\s*([A-Za-z_][\w-]*)/g)].some(([, name = '']) => {
    const body = bodyOf(name);
    if (body === undefined) return sources && !ordinary.test(name);
    return deep < 3 && tellsOfFailure(body, script, bodyOf, deep + 1);
  });
}

/** Is the variable asked for where it can end the script? */
const isLookedAt = (name: string, script: string): boolean =>
  new RegExp(
    `(?:(?:^|[\\s;&|({!])(?:exit|return|test|if|while)\\s|\\[|\\(\\()[^\\n;]*(?:\\$\\{?#?${name}\\b|\\b${name}\\b)`,
    'm',
  ).test(script);
