import type { StepContext } from '../core/step.ts';
import type { Tree } from '../core/tree.ts';
import type { Container } from './container.ts';
import type { StackJudge } from './checks.ts';
import { isScript } from './filled-in.ts';

/** A request of a script or document that a Prometheus answers only where a flag allows it. */
interface Call {
  host: string;
  port: number;
  path: string;
  flag: string;
  file: string;
  line: number;
}
export type SeenCall = Call & { service: string };

const request = /https?:\/\/([\w.-]+):(\d+)(\/-\/(?:reload|quit)|\/api\/v\d\/admin\/tsdb\/\w+)/g;

/** All of them; none where anything of the repository gives the flag, or speaks of it. */
function callsIn(tree: Tree): Call[] {
  const calls: Call[] = [];
  const given = new Set<string>();
  for (const file of tree.paths) {
    const named = /\.(?:ya?ml|md|env|toml|json|service)$|file$/i.test(file);
    if ((tree.size(file) ?? 0) > 1 << 18 || !(named || isScript(file))) continue;
    const text = tree.text(file) ?? '';
    for (const [flag] of text.matchAll(/web\.enable-(?:lifecycle|admin-api)/g)) given.add(flag);
    if (!isScript(file)) continue;
    for (const match of text.matchAll(request)) {
      const [, host = '', port, path = ''] = match;
      const flag = path.startsWith('/-/') ? 'web.enable-lifecycle' : 'web.enable-admin-api';
      calls.push({ host, port: Number(port), path, flag, file, line: text.slice(0, match.index).split('\n').length });
    }
  }
  return calls.filter(({ flag }) => !given.has(flag));
}

/** The requests that come to this Prometheus, and that it refuses. */
export async function lookAtCalls({ service }: Container, ctx: StepContext): Promise<SeenCall[]> {
  if (service.built || service.scripted || service.command.some((word) => /\$|^@|web\.listen/.test(word))) return [];
  const published = service.published.filter(({ target }) => target === 9090).map(({ port }) => Number(port));
  const calls = (await ctx.tree()).get(callsIn);
  return calls
    .filter(({ flag }) => !service.command.some((word) => word.includes(flag)))
    .filter(({ host, port }) =>
      /^(?:localhost|127\.0\.0\.1)$/.test(host)
        ? published.includes(port)
        : service.aliases.includes(host) && port === 9090,
    )
    .map((one) => ({ ...one, service: service.name }));
}

export function judgeCalls(j: StackJudge, calls: readonly SeenCall[]): void {
  for (const [flag, [first, ...more]] of Map.groupBy(calls, (one) => one.flag))
    if (first)
      j.find(
        'flag-needed',
        `${first.file} asks ${first.path} of ${first.service}, which is started without --${flag}: it answers 403${more.length === 0 ? '' : ` (${more.length} more such requests)`}`,
        { subject: first.service, where: { file: first.file, line: first.line } },
      );
}
