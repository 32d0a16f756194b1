import { error, type Judge, type StepContext } from '../core/step.ts';
import { buildFaults, type BuildFault } from '../formats/docker/build-faults.ts';
import { baseImages, instructionsOf } from '../formats/docker/dockerfile.ts';
import { isOlder, leastVersions, versionOf } from '../formats/release/least-version.ts';

export const imageProblems = {
  'dockerfile-fault': error(
    'A Dockerfile cannot do what it says',
    'correct the instruction: the build ends there, or the image does not start as it is written',
  ),
} as const;

/** Images of languages whose tag is their version, what holds the least version, and which commands refuse an older one. */
const languages = {
  golang: { manifest: 'go.mod', refusing: /\bgo (?:build|install|test|mod)\b/ },
  node: { manifest: 'package.json', refusing: /\byarn (?:install|--frozen-lockfile)|^yarn\s*$/m },
  python: { manifest: 'pyproject.toml', refusing: /\bpip3? install (?:-\S+ )*\.|\b(?:poetry|pdm) install|\buv sync/ },
} as const;

/** What the text of a Dockerfile shows, and images that are older than the manifest of the build context asks for. */
export async function imageFaults(text: string, context: string, ctx: StepContext): Promise<BuildFault[]> {
  const found: BuildFault[] = [];
  for (const fault of buildFaults(text)) {
    const kinds = await Promise.all((fault.unless ?? []).map((file) => ctx.files.kind(`${context}/${file}`)));
    if (kinds.every((kind) => kind === 'missing')) found.push(fault);
  }
  const runs = instructionsOf(text)
    .filter(({ keyword }) => keyword === 'RUN')
    .map((one) => one.text)
    .join('\n');
  for (const [stage, { image, line }] of baseImages(text).entries()) {
    const [, name = '', tag = ''] =
      /^(?:docker\.io\/)?(?:library\/)?(golang|node|python):(\d+(?:\.\d+){0,2})(?=-|$)/.exec(image) ?? [];
    if (tag === '' || /GOTOOLCHAIN/.test(text)) continue;
    const { manifest, refusing } = languages[name as keyof typeof languages];
    const least = leastVersions[manifest]((await ctx.files.readIfThere(`${context}/${manifest}`)) ?? '');
    if (!least || !isOlder(versionOf(tag), least.version)) continue;
    // Before 1.21 the go command tries all the same.
    const sure = refusing.test(runs) && !(name === 'golang' && isOlder(versionOf(tag), [1, 21]));
    found.push({
      line,
      stage,
      seen: `${image} is older than ${manifest} allows: ${least.words}`,
      hint: `take ${name}:${least.version.join('.')} or a newer one`,
      sure,
    });
  }
  return found;
}

/** A build's own faults, in the stages that it runs. */
export function judgeImageFaults(
  j: Judge<typeof imageProblems>,
  build: { service: string; context: string; dockerfile?: string; built: number[]; faults?: BuildFault[] },
  at: { file: string; line?: number },
): void {
  for (const { line, stage, seen, hint, sure } of build.faults ?? [])
    if (build.built.includes(stage))
      j.find('dockerfile-fault', seen, {
        subject: build.service,
        where: build.dockerfile === undefined ? at : { file: build.dockerfile, line },
        hint,
        level: sure ? 'error' : 'warning',
        cause: `${build.context} ${build.dockerfile} ${line}`,
      });
}
