import type { Fence } from '../formats/documents/markdown.ts';
import type { Word } from '../formats/programs/shell.ts';
import type { Sources } from '../repository/sources.ts';
import { doubt, type Claim, type Verdict } from './reading.ts';
import { toClaims } from './command-words.ts';
import { aside, callsInBlock, isDockerfile, nameOfImage, ofDockerfile } from './callers.ts';
import { programArguments } from './own-program.ts';
import { isItsOwnName, ownPrograms } from './own-programs.ts';

/** Options of `docker run` that take no value. */
const alone =
  /^(?:-[ditP]+|--(?:detach|init|interactive|no-healthcheck|privileged|publish-all|quiet|read-only|rm|tty))$/;

/** What `docker run` hands to the program of an image that is named like it and that a Dockerfile of the repository makes; undefined where it is another image or command. */
export async function imageArguments(
  sources: Sources,
  engine: string,
  [verb, ...args]: readonly Word[],
): Promise<Verdict[] | undefined> {
  if (!/^(?:docker|podman|nerdctl)$/.test(engine) || verb?.text !== 'run') return undefined;
  const at = args.findIndex((one, n) => {
    const before = args[n - 1]?.text ?? '';
    return !one.text.startsWith('-') && (!before.startsWith('-') || before.includes('=') || alone.test(before));
  });
  const image = nameOfImage(args[at]?.text ?? '');
  const programs = await ownPrograms(sources);
  if (!programs.has(image) || !isItsOwnName(image) || args.some((one) => one.text.startsWith('--entrypoint')))
    return undefined;
  const made = [...(await sources.texts())].flatMap(([file, text]) => {
    const calls = isDockerfile(file) && !aside.test(file) ? ofDockerfile(file, text, programs) : [];
    return calls.filter((call) => call.program === image && /^(?:ENTRYPOINT|CMD)/.test(call.by));
  });
  const [one] = made;
  const enters = made.filter((call) => call.by !== 'CMD').length;
  if (!one || (enters > 0 && enters < made.length)) return undefined;
  const [first, ...rest] = args.slice(at + 1);
  if (enters > 0) return programArguments(sources, image, args.slice(at + 1));
  if (first?.text.startsWith('-') === true)
    return [
      doubt(`${one.file} gives ${image} no ENTRYPOINT: ${first.text} would be the program`, `write ${image} before it`),
    ];
  return first?.text === image ? programArguments(sources, image, rest) : [];
}

/** Calls of the repository's programs in a block of a Compose file, a manifest, a unit or a Dockerfile. */
export async function blockCalls(sources: Sources, { lang, text, line }: Fence): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const call of await callsInBlock(sources, lang, text)) {
    const raw = [call.program, ...call.args.map((word) => word.text)].join(' ');
    const verdicts = await programArguments(sources, call.program, call.args);
    claims.push(
      ...toClaims({ argv: [], line: call.line, raw, reads: [], writes: [], piped: false }, line, verdicts, false),
    );
  }
  return claims;
}
