import { howToInstall } from './how-to-install.ts';

/** A shell, make or Node says that it found no such program. */
const gone =
  /^(?:(?:\S*sh|\S+\.sh): (?:(?:line )?\d+: )?([\w.-]+): (?:command )?not found|(?:g?make(?:\[\d+\])?): ([\w.-]+): (?:No such file or directory|Permission denied)|.*\bspawn(?:Sync)? ([\w.-]+) ENOENT.*)$/;

/** A program of a kind that every machine must have itself, where nothing after it tells of another failure. */
function goneAtEnd(stderr: string): string | undefined {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const at = lines.findLastIndex((line) => gone.test(line));
  const name = gone
    .exec(lines[at] ?? '')
    ?.slice(1)
    .find((one) => one !== undefined);
  if (name === undefined || howToInstall(name) === undefined) return undefined;
  const after = lines.slice(at + 1);
  const isLast = after.every((line) =>
    /^(?:\S*make(?:\[\d+\])?: |npm |error Command failed|info Visit|\s*at )/i.test(line),
  );
  return isLast || after.some((line) => /\bstatus: 127\b|\b(?:exit(?:ed)?|code)\b.* 127\b/.test(line))
    ? name
    : undefined;
}

/**
 * Does a program's failure say that another program, which it was to run, is not on this machine? A shell and npm end with 127,
 * cargo says `no such command`, `python -m` `No module named`. Undefined where it says something else.
 */
export function missingTool(ended: {
  argv: readonly string[];
  code: number | null;
  stdout: string;
  stderr: string;
}): string | undefined {
  const { argv, code } = ended;
  const output = `${ended.stderr}\n${ended.stdout}`;
  if (code === 127) {
    const name = /(?:^|[\s:])([\w./-]+): (?:command )?not found\b/m.exec(output)?.[1];
    // A path of the project that is not there is the project's defect.
    return name === undefined || name.includes('/') ? undefined : name;
  }
  if (argv[0] === 'cargo') {
    const name = /no such (?:sub)?command: `([\w-]+)`/.exec(output)?.[1];
    return name === undefined ? undefined : `cargo ${name}`;
  }
  const inner = goneAtEnd(ended.stderr);
  if (inner !== undefined) return inner;
  const module = argv[argv.indexOf('-m') + 1]?.split('.')[0];
  return /^python[\d.]*$/.test(argv[0] ?? '') && argv.includes('-m') && output.includes(`No module named ${module}`)
    ? module
    : undefined;
}
