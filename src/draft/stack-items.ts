import { publishedPorts } from '../formats/compose/ports.ts';
import { isPrometheus } from '../formats/compose/model.ts';
import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { stepAlone, type Mapped } from './command-steps.ts';
import type { ComposeSet } from './compose-sets.ts';
import type { Draft, Ids } from './draft.ts';
import type { DraftItem, DraftStep, ProjectTree as Tree } from '../toolchains/drafted.ts';
import type { Monitoring } from './monitoring.ts';
import { Proofs } from './proofs.ts';

type Stack = NonNullable<Draft['stack']>['compose'];

/**
 * What a stack can show that nothing else shows, once it is up: the one that a document brings up or, where it is asked for,
 * the one that has a Prometheus.
 */
export function stackItem(
  tree: Tree,
  seen: Monitoring,
  sets: readonly ComposeSet[],
  told: { stack?: Draft['stack']; items: readonly DraftItem[] },
  { asked, ids, leftOut }: { asked: boolean; ids: Ids; leftOut: string[] },
): { items: DraftItem[]; stack?: Draft['stack'] } {
  const looked = told.stack === undefined ? observable(sets, seen) : {};
  const fits = looked.stack;
  // What a machine makes of a stack is not the repository's word: it comes up where somebody asks for it.
  const own = asked ? fits : undefined;
  if (fits && !asked) leftOut.push(`stack/up of ${fits.files.join(', ')}: nobody asked for it; --stack drafts it`);
  if (asked && !fits) leftOut.push(...(looked.why ?? []).map((why) => `stack/up${why}`));
  const stack = told.stack?.compose ?? own;
  if (!stack) return { items: [] };
  const known = told.items.flatMap((item) => item.steps);
  const up = known.find((step) => step.uses === 'stack/up')?.id ?? ids.take('stack');
  const proofs = new Proofs(tree, seen, broughtUp(sets, stack));
  const shown = [proofs.targets(), proofs.loaded(), ...proofs.health()].filter((one) => one !== undefined);
  const steps = shown
    .filter((one) => !known.some((step) => step.uses === one.uses && sameAddress(step, one)))
    .map((one): DraftStep => ({ ...stepAlone(one), id: ids.take(one.id), needs: [up] }));
  if (own) steps.unshift({ id: up, uses: 'stack/up', note: 'under `stack:`; verify takes it down again' });
  if (steps.length === 0) return { items: [] };
  return {
    items: [
      { id: ids.take('stack-runs'), title: 'The stack runs, answers and is observed', impact: 'critical', steps },
    ],
    ...(own && { stack: { compose: own } }),
  };
}

/** Two steps of a kind that ask the same address; of the rules and targets of one Prometheus one step is enough. */
const sameAddress = (step: DraftStep, other: Mapped): boolean => step.with?.['url'] === other.with?.['url'];

/** The sets with the profiles that the stack has. */
export const broughtUp = (sets: readonly ComposeSet[], stack: Stack): ComposeSet[] =>
  sets
    .filter((set) => stack.files.every((file) => set.files.includes(file)))
    .map((set) => ({ ...set, profiles: stack.profiles ?? [] }));

/**
 * The one set that has a Prometheus whose configuration is here, and that needs nothing of the machine that runs it: no network
 * or volume from outside, no value that is not set, no device.
 */
function observable(sets: readonly ComposeSet[], seen: Monitoring): { stack?: Stack; why?: string[] } {
  const watching = sets.filter((set) =>
    Object.values(set.services).some((one) => isPrometheus({ image: textOf(one['image']) })),
  );
  if (watching.length === 0)
    return {
      why: [sets.length === 0 ? ': there is no Compose file' : ': no service of the Compose files is a Prometheus'],
    };
  const judged = watching.map((set) => ({ set, why: needsOf(set) }));
  const fits = judged.filter((one) => one.why === undefined).map((one) => one.set);
  const of = (set: ComposeSet): string => ` of ${set.files.join(', ')}`;
  const [only] = fits;
  if (!only) return { why: judged.map(({ set, why }) => `${of(set)}: ${why}`) };
  if (fits.length > 1)
    return { why: [`: ${fits.map((set) => set.files.join(' with ')).join('; ')}: which of them is not known`] };
  if (seen.configs.length !== 1)
    return {
      why: [
        `${of(only)}: ${seen.configs.length === 0 ? 'the configuration of its Prometheus was not found' : `which of ${seen.configs.map((one) => one.path).join(', ')} its Prometheus reads is not known`}`,
      ],
    };
  return { stack: { files: only.files, ...(only.profiles.length > 0 && { profiles: only.profiles }) } };
}

/** What a set needs of the machine that runs it; undefined where it needs nothing. */
function needsOf(set: ComposeSet): string | undefined {
  if (set.needs) return 'it needs a value that is not set, or a network or volume from outside';
  for (const [name, one] of Object.entries(set.services)) {
    const [device] = listOf(one['devices']).map(textOf);
    if (device !== undefined) return `${name} needs the device ${device.split(':')[0]}`;
    if ('runtime' in one) return `${name} needs the runtime ${textOf(one['runtime'])}`;
    if ('env_file' in one) return `${name} needs an env_file`;
    if (one['network_mode'] === 'host') return `${name} needs the network of the machine`;
    if (one['privileged'] === true) return `${name} runs privileged`;
    if (objectOf(objectOf(one['deploy'])['resources'])['reservations'] !== undefined)
      return `${name} reserves resources of the machine`;
    const bound = listOf(one['volumes'])
      .map(textOf)
      .find((volume) => /^[/~]/.test(volume));
    if (bound !== undefined) return `${name} mounts ${bound.split(':')[0]} of the machine`;
  }
  const published = Object.values(set.services).some(
    (one) => isPrometheus({ image: textOf(one['image']) }) && publishedPorts(one).size > 0,
  );
  return published ? undefined : 'its Prometheus publishes no port';
}
