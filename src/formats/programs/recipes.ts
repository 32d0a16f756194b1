/** What `make` or `just` runs for a target. */
export interface Recipe {
  /** Scripts, each for a shell of its own. */
  scripts: { text: string; ignored: boolean }[];
  /** Targets that are made before it. */
  needs: string[];
  /** How the shell is told to run them. */
  errexit: boolean;
  pipefail: boolean;
}

/** How a Makefile or a justfile begins its lines. */
const prefixes = /^[@+-]+/;

/**
 * The recipe of a target in a Makefile, read as text: variables are put in, functions are not called. Undefined where it has none.
 * @param target default the first one
 */
export function makeRecipe(text: string, target: string | undefined): Recipe | undefined {
  const joined = text.replaceAll(/[ \t]*\\\r?\n[ \t]*/g, ' ');
  const values = new Map(
    [...joined.matchAll(/^([\w.]+)[ \t]*(?:::?|\?|\+)?=[ \t]*(.*)$/gm)].map((one) => [one[1] ?? '', one[2] ?? '']),
  );
  const expand = (line: string, deep = 0): string =>
    line.replaceAll(/\$(?:\$|\((\w+)\)|\{(\w+)\})/g, (whole, round: string | undefined, curly: string | undefined) => {
      const name = round ?? curly;
      if (name === undefined) return '$';
      if (name === 'MAKE') return 'make';
      const value = values.get(name);
      return value === undefined || deep > 4 ? whole : expand(value, deep + 1);
    });
  const lines = joined.split('\n');
  const rules = lines.flatMap((line, n) => {
    const rule = /^([^\s#:=][^:=#]*?)[ \t]*::?(?!=)([^=]*)$/.exec(line);
    return rule ? [{ n, targets: (rule[1] ?? '').split(/\s+/), rest: rule[2] ?? '' }] : [];
  });
  const wanted = target ?? rules.flatMap(({ targets }) => targets).find((name) => !name.startsWith('.'));
  const mine = rules.filter(({ targets }) => wanted !== undefined && targets.includes(wanted));
  if (mine.length === 0) return undefined;
  const ignored = rules.some(
    ({ targets, rest }) =>
      targets.includes('.IGNORE') && (rest.trim() === '' || rest.split(/\s+/).includes(wanted ?? '')),
  );
  const body = mine.flatMap(({ n, rest }) => {
    const end = lines.findIndex((line, at) => at > n && line.trim() !== '' && !/^\s|^#/.test(line));
    const own = lines.slice(n + 1, end < 0 ? undefined : end).filter((line) => /^\s+\S/.test(line));
    return [...(rest.includes(';') ? [rest.slice(rest.indexOf(';') + 1)] : []), ...own].map((line) => line.trim());
  });
  const flags = values.get('.SHELLFLAGS') ?? '';
  const scripts = body.map((line) => ({
    text: expand(line.replace(prefixes, '')),
    ignored: ignored || prefixes.exec(line)?.[0].includes('-') === true,
  }));
  return {
    scripts: /^\.ONESHELL\s*:/m.test(joined)
      ? [{ text: scripts.map((one) => one.text).join('\n'), ignored: scripts.some((one) => one.ignored) }]
      : scripts,
    needs: mine.flatMap(({ rest }) => expand(rest.split(/[;|]/)[0] ?? '').split(/\s+/)).filter((name) => name !== ''),
    errexit: /(?:^|\s)-\w*e/.test(flags),
    pipefail: flags.includes('pipefail'),
  };
}

/** The same of a justfile, where a recipe that begins with `#!` is one script. */
export function justRecipe(text: string, target: string | undefined): Recipe | undefined {
  const lines = text.split('\n');
  const head = /^@?([A-Za-z_][\w-]*)((?:[ \t]+[^:\n]*)?):(?!=)(.*)$/;
  const at = lines.findIndex((line) => {
    const name = head.exec(line)?.[1];
    return name !== undefined && (target === undefined || name === target);
  });
  if (at < 0) return undefined;
  const end = lines.findIndex((line, n) => n > at && line.trim() !== '' && !/^\s/.test(line));
  const body = lines.slice(at + 1, end < 0 ? undefined : end).filter((line) => line.trim() !== '');
  const whole = body[0]?.trim().startsWith('#!') === true;
  const scripts = body.map((line) => ({
    text: line.trim().replace(prefixes, ''),
    ignored: prefixes.exec(line.trim())?.[0].includes('-') === true,
  }));
  return {
    scripts: whole ? [{ text: body.map((line) => line.trim()).join('\n'), ignored: false }] : scripts,
    needs: (head.exec(lines[at] ?? '')?.[3] ?? '')
      .replaceAll(/\(([\w-]+)[^)]*\)|&&/g, '$1')
      .split(/\s+/)
      .filter((name) => name !== ''),
    errexit: false,
    pipefail: /^set\s+shell\s*:=.*pipefail/m.test(text),
  };
}
