import type { Followed } from './followed.ts';

/** What a shell says of a program that it did not find. */
const program = /^\S+: (?:(?:line )?\d+: )?(\S+): (?:(?:command )?not found|No such file or directory)$/;
/** What programs say of a file that they were to read. */
const file =
  /^\S+: (?:error: )?(?:can(?:not|'t) \w+ (?:file )?|Could not open (?:file )?)?['‘]?([^'’:]+)['’]?(?:: .*[Nn]o such file.*)$/;

interface Said {
  message: string;
  options: { subject: string; where?: { file: string; line: number }; level?: 'warning' };
}

/**
 * The commands of a script that passed although they did not find their program or their file: those whose failure is what the
 * script asks for (`! grep …`), and those whose exit code is lost.
 */
export function notFoundFindings(commands: readonly Followed[], stderr: string): Said[] {
  const found = new Map<string, Said>();
  for (const line of stderr.split('\n')) {
    const gone = program.exec(line.trimEnd())?.[1];
    const what = gone ?? file.exec(line.trimEnd())?.[1];
    if (what === undefined || found.has(what)) continue;
    // Who writes `|| …` has thought of it.
    const by = commands.find(
      ({ text, asked, lost, hidden }) =>
        hidden !== true &&
        (asked || (lost !== undefined && !lost.includes('||') && text.split(/\s+/)[0] === gone)) &&
        text.split(/\s+/).some((word) => isSame(word, what)),
    );
    if (!by) continue;
    const message = `\`${by.text}\` did not find ${what}, and the command passes: ${line.trim().slice(0, 200)}`;
    const where = by.file === undefined ? {} : { where: { file: by.file, line: by.line } };
    found.set(what, { message, options: { subject: what, ...where, ...(!by.asked && { level: 'warning' as const }) } });
  }
  return [...found.values()];
}

/** Is the word of a command the program or the file that was not found, or a folder above it? */
const isSame = (word: string, what: string): boolean => {
  const own = word.replace(/^['"]|['"]$/g, '').replace(/\/$/, '');
  return own !== '' && (own === what || what.startsWith(`${own}/`) || what.replace(/\/$/, '') === own);
};
