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
  const module = argv[argv.indexOf('-m') + 1]?.split('.')[0];
  return /^python[\d.]*$/.test(argv[0] ?? '') && argv.includes('-m') && output.includes(`No module named ${module}`)
    ? module
    : undefined;
}
