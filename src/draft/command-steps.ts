import type { ProjectTree } from '../toolchains/drafted.ts';
import { toolStep } from './tool-steps.ts';
import { optionValues } from '../formats/programs/option-values.ts';
import { provesOf, whyNotRun } from './check-words.ts';
import { publishedPorts } from '../formats/compose/ports.ts';
import { composeCall, isHarmless, wordsOf, type Pipeline } from './commands.ts';
import type { ComposeSet } from './compose-sets.ts';
import { type DraftStep } from '../toolchains/drafted.ts';
import { resolveFrom, baseOf, folderOf } from '../formats/data/paths.ts';

/** What commands are mapped with. */
export interface Around {
  tree: ProjectTree;
  /** The compose sets of the repository. */
  sets: readonly ComposeSet[];
  /** Those that are brought up: their services have addresses. */
  up: readonly ComposeSet[];
}

export type Mapped = Omit<DraftStep, 'id' | 'from'> & {
  id: string;
  /** The compose set that is brought up. */
  stack?: { files: string[]; profiles?: string[]; envFile?: string };
  /** It asks a service of the stack. */
  asksStack?: boolean;
};

/** The step without what only says how it is drafted. */
export function stepAlone(mapped: Mapped): Omit<DraftStep, 'from'> {
  const { id, uses, note, secrets, standIn, timeout } = mapped;
  return {
    id,
    uses,
    ...(secrets && { secrets }),
    ...(timeout !== undefined && { timeout }),
    ...(mapped.with && { with: mapped.with }),
    ...(standIn && { standIn }),
    ...(note !== undefined && { note }),
  };
}

/** A program that is made for checking, whatever runs it. */
const isCheck = (words: readonly string[]): boolean => provesOf(words) !== undefined && whyNotRun(words) === undefined;

const confirm = (raw: string, why: string): Mapped => ({
  id: `confirm-${raw.split(/\s+/).slice(0, 3).join('-')}`,
  uses: 'manual/confirm',
  with: { question: `Was \`${raw.replace(/\s+/g, ' ')}\` run, and did it end as it should?` },
  note: `${why}: verify does not run it`,
});

/** The step that proves what the command is there to show; a question where verify must not, or cannot, run it. */
export function stepOf(pipeline: Pipeline, around: Around): Mapped {
  const [head] = pipeline.commands;
  if (!head) return confirm(pipeline.raw, 'it is empty');
  const { words, open } = wordsOf(head);
  const all = pipeline.commands.map(wordsOf);
  const [program = ''] = words;
  const curl = program === 'curl' ? curlStep(words, pipeline, around) : undefined;
  if (curl) return curl;
  const up = composeStep(words, pipeline, around);
  if (up && pipeline.commands.length === 1) return up;
  const writes = pipeline.commands.some((one) => one.writes.some((path) => path !== '/dev/null'));
  // An address among the assignments is where the command will go.
  const away = all.some(({ env }) =>
    Object.values(env).some((value) => /^\w+:\/\/(?!localhost|127\.0\.0\.1)/.test(value)),
  );
  if (away) return confirm(pipeline.raw, 'it asks another host');
  if (writes || !all.every((one) => isHarmless(one) || isCheck(one.words)))
    return confirm(pipeline.raw, 'it is not known to be harmless');
  if (open && /\$|<\w|`/.test(pipeline.raw)) return confirm(pipeline.raw, 'it holds a value that is not known here');
  const typed =
    pipeline.commands.length === 1
      ? (ofToolchain(wordsOf(head), pipeline, around.tree) ?? promtoolStep(words, pipeline))
      : undefined;
  return typed ?? plainStep(pipeline, all, open);
}

function plainStep(pipeline: Pipeline, all: readonly ReturnType<typeof wordsOf>[], open: boolean): Mapped {
  const [first] = all;
  if (pipeline.cwd === undefined) return confirm(pipeline.raw, 'where it runs is not known');
  const cwd = pipeline.cwd === '' ? {} : { cwd: pipeline.cwd.replace(/\/$/, '') };
  const env = Object.keys(first?.env ?? {}).length > 0 ? { env: first?.env } : {};
  const literal = all.length === 1 && !open && first !== undefined;
  return {
    id: (first?.words ?? [])
      .filter((word) => !word.startsWith('-'))
      .slice(0, 3)
      .join('-'),
    uses: 'command',
    // What builds or tests begins with empty caches on a new machine.
    ...(first && provesOf(first.words) && { timeout: '20m' }),
    with: { ...(literal ? { run: first.words, ...env } : { shell: pipeline.raw }), ...cwd },
    note: 'its exit code alone proves little: say what it must print under expect',
  };
}

/** `docker compose -f F --profile P …`: `config` and `up`. */
function composeStep(words: readonly string[], pipeline: Pipeline, around: Around): Mapped | undefined {
  const call = composeCall(words);
  if (!call || (call.sub !== 'config' && call.sub !== 'up')) return undefined;
  const { options, sub } = call;
  const cwd = pipeline.cwd;
  const files = optionValues(options, ['-f', '--file']).map((file) => resolveFrom(cwd ?? '', file));
  if (cwd === undefined || files.some((file) => file === undefined)) return undefined;
  const profiles = optionValues(options, ['--profile']);
  const [envFile] = optionValues(options, ['--env-file']);
  const named = files.length > 0 ? files.flatMap((file) => file ?? []) : standardFiles(cwd, profiles, around.sets);
  if (named.length === 0) return undefined;
  const given = { files: named, ...(profiles.length > 0 && { profiles }) };
  if (sub === 'config')
    return {
      id: 'compose-config',
      uses: 'compose/config',
      with: { ...given, ...(envFile !== undefined && { envFile }) },
    };
  return {
    id: 'stack',
    uses: 'stack/up',
    stack: { ...given, ...(envFile !== undefined && { envFile }) },
    note: 'under `stack:`; verify takes it down again',
  };
}

/** The files that Compose would take by itself; where none are there, the one set that has the profiles. */
function standardFiles(cwd: string, profiles: readonly string[], sets: readonly ComposeSet[]): string[] {
  const byItself = /^(?:docker-)?compose(?:\.override)?\.ya?ml$/;
  const standard = sets.filter((set) => set.files.every((file) => byItself.test(baseOf(file))));
  const here = standard.find((set) => folderOf(set.files[0] ?? '') === cwd.replace(/\/$/, ''));
  const fits = sets.filter((set) => profiles.every((profile) => set.profiles.includes(profile)));
  return (here ?? (fits.length === 1 ? fits[0] : undefined))?.files ?? [];
}

function ofToolchain(
  { words, env }: ReturnType<typeof wordsOf>,
  { cwd }: Pipeline,
  tree: ProjectTree,
): Mapped | undefined {
  const step = cwd === undefined ? undefined : toolStep(words, cwd.replace(/\/$/, ''), tree);
  return step && Object.keys(env).length > 0 ? { ...step, with: { ...step.with, env } } : step;
}

/** `promtool check config|rules FILES` */
function promtoolStep(words: readonly string[], pipeline: Pipeline): Mapped | undefined {
  if (words[0] !== 'promtool' || words[1] !== 'check' || pipeline.cwd === undefined) return undefined;
  const files = words
    .slice(3)
    .filter((word) => !word.startsWith('-'))
    .flatMap((file) => resolveFrom(pipeline.cwd ?? '', file) ?? []);
  const [first] = files;
  if (first === undefined) return undefined;
  if (words[2] === 'config') return { id: 'prometheus-config', uses: 'prometheus/config', with: { config: first } };
  return words[2] === 'rules'
    ? { id: 'prometheus-rules', uses: 'prometheus/config', with: { rules: files } }
    : undefined;
}

const withValue =
  '-X --request -H --header -o --output -u --user -m --max-time --connect-timeout --retry -w --write-out -A --retry-delay'.split(
    ' ',
  );
const changes = '-d --data --data-raw --data-binary --data-urlencode -F --form -T --upload-file -O --remote-name'.split(
  ' ',
);

/** `curl URL`: rules of Prometheus by their group, any other local address by http/get. Another host is remote. */
function curlStep(words: readonly string[], pipeline: Pipeline, around: Around): Mapped | undefined {
  const urls = words.slice(1).filter((word, n) => !word.startsWith('-') && !withValue.includes(words[n] ?? ''));
  const method =
    optionValues(words, ['-X', '--request'])[0] ?? (words.includes('-I') || words.includes('--head') ? 'HEAD' : 'GET');
  const written = urls[0] ?? '';
  const after = pipeline.commands.slice(1).map((one) => wordsOf(one).words);
  const reads = after.every((one) => isHarmless({ words: one }));
  if (urls.length !== 1 || !reads || !/^(?:GET|HEAD)$/.test(method) || words.some((word) => changes.includes(word)))
    return confirm(pipeline.raw, 'it sends, or does more than read one address');
  let url: URL;
  try {
    url = new URL(/^\w+:\/\//.test(written) ? written : `http://${written}`);
  } catch {
    return confirm(pipeline.raw, 'its address is not known here');
  }
  if (!/^(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)$/.test(url.hostname))
    return confirm(pipeline.raw, 'it asks another host');
  const base = addressOf(url, around);
  const filter =
    after
      .find((one) => one[0] === 'jq')
      ?.slice(1)
      .find((word) => !word.startsWith('-')) ?? '';
  const group = /\.name\s*==\s*"([^"]+)"/.exec(filter)?.[1];
  if (url.pathname.endsWith('/api/v1/rules') && group !== undefined)
    return {
      id: 'rules',
      uses: 'prometheus/rules',
      asksStack: base.ofStack,
      with: { url: base.url + url.pathname.replace(/\/api\/v1\/rules$/, ''), groups: [{ name: group }] },
      note: 'name the rules that the group is promised to hold',
    };
  const texts = after.flatMap((one) =>
    /^[ef]?grep$/.test(one[0] ?? '') && !one.includes('-v')
      ? one
          .slice(1)
          .filter((word) => !word.startsWith('-'))
          .slice(0, 1)
      : [],
  );
  const plain = texts.filter((text) => !/[\\^$.*+?()[\]{}|]/.test(text));
  return {
    id: `get-${url.port}${url.pathname}`,
    uses: 'http/get',
    asksStack: base.ofStack,
    with: {
      url: base.url + url.pathname + url.search,
      ...(method === 'HEAD' && { method }),
      ...(plain.length > 0 && { contains: plain }),
    },
    ...(plain.length === 0 && { note: 'a status alone proves little: say what the answer must hold' }),
  };
}

/** The service of the stack that publishes the port, as the fact of its address; the address as it stands otherwise. */
function addressOf(url: URL, around: Around): { url: string; ofStack: boolean } {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  for (const set of around.up)
    for (const [name, service] of Object.entries(set.services))
      if ([...publishedPorts(service).values()].includes(port))
        return { url: `\${{ facts.stack.${name}.url }}`, ofStack: true };
  return { url: url.origin, ofStack: false };
}
