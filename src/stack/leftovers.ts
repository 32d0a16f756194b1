/** Everything that a run creates on an engine bears these; by them alone it is found and removed again. */
export const label = {
  run: 'org.verify.run',
  /** pid, start time and boot id of the run's process. */
  owner: 'org.verify.owner',
  /** `true` where `--keep` asked to leave it up. */
  kept: 'org.verify.kept',
} as const;

export const kinds = ['container', 'network', 'volume', 'image'] as const;
export type Kind = (typeof kinds)[number];

export interface Leftover {
  kind: Kind;
  id: string;
  name: string;
  run: string;
  owner: string;
  kept: boolean;
}

/** Runs the docker client with these arguments. */
export type DockerClient = (
  args: readonly string[],
) => Promise<{ code: number | null; stdout: string; stderr: string }>;

const listing: Record<Kind, { args: string[]; id: string; name: string }> = {
  container: { args: ['ps', '-a', '--no-trunc'], id: '.ID', name: '.Names' },
  network: { args: ['network', 'ls', '--no-trunc'], id: '.ID', name: '.Name' },
  volume: { args: ['volume', 'ls'], id: '.Name', name: '.Name' },
  image: { args: ['image', 'ls', '--no-trunc'], id: '.ID', name: '.Repository' },
};

/**
 * What runs of verify have left on the engine, or what one of them has.
 * @returns a text where the engine does not answer
 */
export async function leftovers(docker: DockerClient, run?: string): Promise<Leftover[] | string> {
  const found: Leftover[] = [];
  for (const kind of kinds) {
    const { args, id, name } = listing[kind];
    const filter = `label=${label.run}${run === undefined ? '' : `=${run}`}`;
    // `image ls` knows no labels in its format; images are asked for theirs one by one.
    const labels =
      kind === 'image' ? '' : [label.run, label.owner, label.kept].map((key) => `\t{{.Label "${key}"}}`).join('');
    const listed = await docker([...args, '--filter', filter, '--format', `{{${id}}}\t{{${name}}}${labels}`]);
    if (listed.code !== 0) return listed.stderr.trim().split('\n').at(-1) ?? 'it does not answer';
    for (const line of listed.stdout.split('\n').filter((text) => text !== '')) {
      const [id = '', name = '', ...own] = line.split('\t');
      const [its = run ?? '', owner = '', kept = ''] = kind === 'image' ? await imageLabels(docker, id) : own;
      found.push({ kind, id, name, run: its, owner, kept: kept === 'true' });
    }
  }
  return found;
}

async function imageLabels(docker: DockerClient, id: string): Promise<string[]> {
  const keys = [label.run, label.owner, label.kept].map((key) => `{{index .Config.Labels "${key}"}}`).join('\t');
  return (await docker(['image', 'inspect', '--format', keys, id])).stdout.trim().split('\t');
}

/**
 * Removes them: containers with their anonymous volumes, then networks, volumes and images. Asked again until nothing is there,
 * since an engine may still be creating what it was told to.
 * @returns what could not be removed, in words
 */
export async function removeLeftovers(
  docker: DockerClient,
  run: string,
  found?: readonly Leftover[],
): Promise<string[]> {
  let left: readonly Leftover[] | string = found ?? (await leftovers(docker, run));
  for (let round = 0; round < 4; round++) {
    if (typeof left === 'string') return [`the engine does not answer: ${left}`];
    if (left.length === 0) return [];
    const ids = (kind: Kind): string[] => [
      ...new Set((left as readonly Leftover[]).filter((one) => one.kind === kind).map((one) => one.id)),
    ];
    const containers = ids('container');
    if (containers.length > 0) {
      await docker(['stop', '-t', '1', ...containers]);
      await docker(['rm', '-f', '-v', ...containers]);
    }
    for (const id of ids('network')) await docker(['network', 'rm', id]);
    for (const id of ids('volume')) await docker(['volume', 'rm', '-f', id]);
    for (const id of ids('image')) await docker(['image', 'rm', '-f', id]);
    left = await leftovers(docker, run);
  }
  if (typeof left === 'string') return [`the engine does not answer: ${left}`];
  return left.map((one) => `${one.kind} ${one.name}`);
}
