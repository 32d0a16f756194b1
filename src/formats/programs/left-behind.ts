/** Daemons that build tools leave on purpose, to be quicker the next time. */
const daemons =
  /GradleDaemon|KotlinCompileDaemon|org\.jetbrains\.kotlin\.daemon|bazel\(|\bbazel server\b|\bsccache\b|\bccache\b|\bwatchman\b|VBCSCompiler|MSBuild\.dll|\/nodemode:|\bgpg-agent\b|\bssh-agent\b|\bdirmngr\b|\bkeyboxd\b|git (?:gc|maintenance)|\bnx\b.*daemon|\bturbo\b.*daemon|\bbuck2d\b|\bmill\b.*MillServer|sbt.*--server|\badb\b.*fork-server|\besbuild\b.*--service/;

interface Said {
  message: string;
  options: { subject: string; level?: 'note' };
}

/** The findings of processes that a command left. */
export const leftFindings = (command: string, left: Parameters<typeof sayLeft>[0]): Said[] =>
  sayLeft(left).map((one) => ({
    message: `${one.command} still ran when ${command} had ended, and was ended (process ${one.pid})`,
    options: { subject: one.command, ...(one.known && { level: 'note' as const }) },
  }));

/** Processes that a command left, one of a kind, and whether they are the daemon of a tool. */
export function sayLeft(
  left: readonly { pid: number; command: string }[] | undefined,
): { pid: number; command: string; known: boolean }[] {
  const seen = new Set<string>();
  return (left ?? []).flatMap((one) => {
    if (seen.has(one.command)) return [];
    seen.add(one.command);
    return [{ ...one, known: daemons.test(one.command) }];
  });
}
