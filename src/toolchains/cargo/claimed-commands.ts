import { profileVerdict } from './profiles.ts';
import { isPlaceholder } from '../../formats/programs/placeholder.ts';
import { cargoMetadata } from './parameters.ts';
import { z } from 'zod';
import { suggest } from '../../core/suggest.ts';
import { flagsOfHelp, readArguments, type FlagValue } from '../../formats/programs/cli-help.ts';
import { library } from '../../formats/data/libraries.ts';
import type { ClaimedCommands, Doors } from '../contract.ts';
import { doubt, holds, unjudged, wrong, type Verdict } from '../../formats/documents/verdict.ts';
import { jsonOf } from '../../core/json-of.ts';
import { foldersAbove, resolveFrom } from '../../formats/data/paths.ts';
import type { Word } from '../../formats/programs/shell.ts';

const Metadata = z.object({
  packages: z.array(
    z.object({
      name: z.string(),
      id: z.string(),
      targets: z.array(z.object({ name: z.string(), kind: z.array(z.string()) })),
      features: z.record(z.string(), z.array(z.string())),
      dependencies: z.array(z.object({ name: z.string(), rename: z.string().nullish(), optional: z.boolean() })),
    }),
  ),
});
type Packages = z.infer<typeof Metadata>['packages'];

/** Subcommands that cargo itself parses, so that its help has all their flags. */
const builtin = new Set(
  `build check test bench run doc clippy fmt rustc rustdoc fix clean fetch tree update package
  publish install metadata vendor`.split(/\s+/),
);
const short: Record<string, string> = { b: 'build', c: 'check', t: 'test', r: 'run', d: 'doc' };
/** Flags of clippy beside those of `cargo check`, to which it hands the others on (cargo-clippy's own help). */
const ofClippy: [string, FlagValue][] = [
  ['--no-deps', 'none'],
  ['--fix', 'none'],
  ['--allow-dirty', 'none'],
  ['--allow-staged', 'none'],
  ['--allow-no-vcs', 'none'],
  ['--broken-code', 'none'],
  ['--explain', 'needed'],
];
/** Flags of `cargo update` that its help leaves out: cargo's own source, src/bin/cargo/commands/update.rs. */
const ofUpdate: [string, FlagValue][] = [
  ['-p', 'needed'],
  ['--package', 'needed'],
  ['--aggressive', 'none'],
];
/** What stands for a name that the reader knows. */
const stands =
  /^(?:name[-_]of[-_]|your[-_]|my[-_]|some[-_]|foo$|bar$|[A-Z_]+$|x{3,}$)|_here$|\.\.\.|(?:^|\/)path\/to\//;
const lintFlags = /^(?:-[DWA]|--(?:deny|warn|allow|forbid))$/;
const ofHarness = new Set(
  `--nocapture --no-capture --test-threads --ignored --include-ignored --show-output --exact
  --skip --save-baseline --baseline`.split(/\s+/),
);
const targetKinds: Record<string, (kind: string) => boolean> = {
  '--bin': (kind) => kind === 'bin',
  '--example': (kind) => kind === 'example',
  '--test': (kind) => kind === 'test',
  '--bench': (kind) => kind === 'bench',
};

const naming = ['-p', '--package', '-F', '--features', ...Object.keys(targetKinds)];

/** Asks cargo what a cargo command names: `--help` of the subcommand, `cargo metadata --no-deps --offline`; it builds nothing. */
export class CargoCommands implements ClaimedCommands {
  readonly program = 'cargo';
  readonly #doors: Doors;
  /** A folder of which no rust-toolchain file asks for a toolchain that is not installed. */
  readonly #outside: string;
  readonly #help = new Map<string, Promise<Map<string, FlagValue> | undefined>>();
  readonly #packages = new Map<string, Promise<Packages | undefined>>();

  constructor(doors: Doors) {
    this.#doors = doors;
    this.#outside = doors.evidence.scratch();
  }

  /** @param cwds folders in which the command may be meant to be run; none where that is not known */
  async judge(args: readonly Word[], cwds: readonly string[]): Promise<Verdict[]> {
    let words = [...args];
    const toolchain = words[0]?.text.startsWith('+') === true ? words.shift()?.text : undefined;
    while (words[0] && /^--(?:offline|locked|frozen|quiet|verbose)$|^-[qv]+$/.test(words[0].text))
      words = words.slice(1);
    const named = words.shift();
    const sub = short[named?.text ?? ''] ?? named?.text ?? '';
    if (named?.open !== false || !builtin.has(sub)) return [];
    if (words.some((word) => /\.\.\.|…|^\[/.test(word.text))) return [];
    const flags = await this.#flagsOf(sub);
    if (!flags) return [];
    const texts = words.map((word) => word.text);
    const read = readArguments(texts, flags, sub === 'run');
    const unstable =
      toolchain !== undefined || read.values.has('-Z') || words.some((word) => word.open && word.text.startsWith('$'));
    const first = unstable ? undefined : read.unknown[0];
    if (first) return [unknownFlag(sub, first, texts)];
    const open = new Set(words.filter((word) => word.open).map((word) => word.text));
    const selected = await this.#select(sub, read.values, open, cwds);
    // That cargo knows the flag says nothing of what it names.
    return selected ? [holds(`cargo ${sub} knows its flags`), ...selected] : [unjudged('cargo tells of no package')];
  }

  handsOn(args: readonly Word[]): { program: string | undefined; args: readonly Word[] } | undefined {
    const dashes = args.findIndex((word) => word.text === '--');
    if (!/^r(?:un)?$/.test(args[0]?.text ?? '') || dashes < 0) return undefined;
    const at = args.findIndex((word) => /^(?:--bin|-p|--package)$/.test(word.text));
    return { program: at >= 0 ? args[at + 1]?.text : undefined, args: args.slice(dashes + 1) };
  }

  built(program: string): string | undefined {
    return /^(?:\.\/)?target\/(?:release|debug)\/([\w-]+)$/.exec(program)?.[1];
  }

  /** Does a build in one of these folders make a program of this name? undefined where that is not known. */
  async makes(name: string, cwds: readonly string[]): Promise<boolean | undefined> {
    const packages = await this.#packagesFor(cwds);
    if (!packages) return undefined;
    const targets = packages.flatMap((one) => one.targets);
    return targets.some((target) => target.name === name && target.kind.some((k) => k === 'bin' || k === 'example'));
  }

  async #select(
    sub: string,
    values: ReadonlyMap<string, string[]>,
    open: ReadonlySet<string>,
    cwds: readonly string[],
  ): Promise<Verdict[] | undefined> {
    if (sub === 'install' || sub === 'update' || sub === 'fmt') return [];
    const get = (...names: string[]): string[] =>
      names
        .flatMap((name) => values.get(name) ?? [])
        .filter((value) => value !== '' && !open.has(value) && !stands.test(value));
    const [manifest] = get('--manifest-path');
    const bases = manifest === undefined ? cwds : cwds.flatMap((cwd) => resolveFrom(cwd, manifest) ?? []);
    if (manifest !== undefined && cwds.length > 0) {
      const there = await Promise.all(bases.map((base) => this.#doors.files.kind(base)));
      if (!there.includes('file')) return [wrong(`${manifest} is not there`)];
    }
    const packages = await this.#packagesFor(bases.map((base) => base.replace(/(?:^|\/)Cargo\.toml$/, '')));
    if (!packages) return naming.some((flag) => get(flag).length > 0) ? undefined : [];
    const verdicts: Verdict[] = [];
    const wanted = [...get('-p', '--package')];
    const chosen: Packages = [];
    for (const spec of [...wanted, ...get('--exclude')]) {
      if (/[/:#@]/.test(spec) || isPlaceholder(spec)) return verdicts;
      const matches = library('picomatch')(spec);
      const found = packages.filter((one) => one.name === spec || matches(one.name));
      if (wanted.includes(spec)) chosen.push(...found);
      if (found.length > 0) verdicts.push(holds(`the package ${spec} is in the workspace`));
      else {
        if (await this.#isMember(spec)) return verdicts;
        const dependency = await this.#isDependency(spec, packages);
        if (dependency === true) return verdicts;
        const names = packages.map((one) => one.name);
        const say = dependency === false ? wrong : doubt;
        verdicts.push(say(`the workspace has no package ${spec}`, meant(spec, names)));
      }
    }
    if (verdicts.some((verdict) => verdict.state !== 'holds')) return verdicts;
    for (const profile of get('--profile').filter((one) => !/^(?:dev|release|test|bench|debug|doc)$/.test(one)))
      verdicts.push(await profileVerdict(this.#doors.files, profile));
    const pool = chosen.length > 0 ? chosen : packages;
    for (const [flag, isKind] of Object.entries(targetKinds)) {
      for (const name of get(flag)) {
        const names = pool
          .flatMap((one) => one.targets)
          .filter((t) => t.kind.some(isKind))
          .map((t) => t.name);
        const matches = library('picomatch')(name);
        if (names.some((one) => one === name || matches(one))) verdicts.push(holds(`${flag} ${name} is a target`));
        else if (!isPlaceholder(name))
          verdicts.push(
            wrong(
              `${pool === packages ? 'the workspace' : pool.map((one) => one.name).join(', ')} has no ${flag.slice(2)} target ${name}`,
              meant(name, names),
            ),
          );
      }
    }
    for (const feature of get('-F', '--features')
      .flatMap((list) => list.split(/[\s,]+/))
      // `feature1,feature2` stand for the reader’s.
      .filter((one) => one !== '' && !/^(?:feat(?:ure)?[-_]?[a-z\d]?|foo|bar|(?:my|some|your)[-_].*)$/.test(one))) {
      const [owner, own] = feature.includes('/') ? feature.split('/') : [undefined, feature];
      const within = owner === undefined ? pool : packages.filter((one) => one.name === owner);
      if (within.length === 0) continue;
      const names = within.flatMap((one) => [
        'default',
        ...Object.keys(one.features),
        ...one.dependencies.filter((d) => d.optional).map((d) => d.rename ?? d.name),
      ]);
      if (names.includes(own ?? '')) verdicts.push(holds(`the feature ${feature} is there`));
      else verdicts.push(wrong(`no package that is meant has the feature ${feature}`, meant(own ?? '', names)));
    }
    return verdicts;
  }

  /** Does a manifest of another workspace have or expect the package? */
  async #isMember(name: string): Promise<boolean> {
    for (const manifest of await this.#doors.files.glob(['**/Cargo.toml']))
      if ((await this.#doors.files.read(manifest)).includes(`"${name}"`)) return true;
    return false;
  }

  /** May the name be that of a dependency, direct or not? undefined where there is no lock file to say so. */
  async #isDependency(name: string, packages: Packages): Promise<boolean | undefined> {
    const own = new Set(packages.map((one) => one.name));
    const direct = packages.flatMap((one) => one.dependencies.map((dependency) => dependency.name));
    if (direct.includes(name)) return true;
    if (direct.every((dependency) => own.has(dependency))) return false;
    const locks = await this.#doors.files.glob(['**/Cargo.lock']);
    for (const lock of locks) if ((await this.#doors.files.read(lock)).includes(`name = "${name}"`)) return true;
    return locks.length === 0 ? undefined : false;
  }

  #flagsOf(sub: string): Promise<Map<string, FlagValue> | undefined> {
    const known = this.#help.get(sub);
    if (known) return known;
    const asked = (async () => {
      const of = sub === 'clippy' ? 'check' : sub;
      const result = await this.#ask(['cargo', of, '--help'], this.#outside);
      if (result === undefined) return undefined;
      const flags = flagsOfHelp(result);
      if (flags.size < 5) return undefined;
      if (sub === 'update') for (const [flag, value] of ofUpdate) flags.set(flag, value);
      if (sub === 'clippy') for (const [flag, value] of ofClippy) flags.set(flag, value);
      for (const flag of ['--verbose', '-v', '--quiet', '-q', '--help', '-h', '--version', '-V'])
        if (!flags.has(flag)) flags.set(flag, 'none');
      return flags;
    })();
    this.#help.set(sub, asked);
    return asked;
  }

  /** The packages of the first of these folders that lies below a manifest. */
  async #packagesFor(cwds: readonly string[]): Promise<Packages | undefined> {
    const all: Packages = [];
    const manifests = new Set<string>();
    for (const cwd of cwds) {
      for (const folder of foldersAbove(cwd === '' ? 'x' : `${cwd}/x`)) {
        const manifest = folder === '' ? 'Cargo.toml' : `${folder}/Cargo.toml`;
        if ((await this.#doors.files.kind(manifest)) !== 'file') continue;
        manifests.add(manifest);
        break;
      }
    }
    // Where the root has none, the one workspace below it is meant.
    if (manifests.size === 0 && (await this.#doors.files.kind('Cargo.toml')) !== 'file') {
      const below = await this.#doors.files.glob(['*/Cargo.toml']);
      const roots = [];
      for (const one of below) if (/^\[workspace\]/m.test(await this.#doors.files.read(one))) roots.push(one);
      if (roots.length === 1) manifests.add(roots[0] ?? '');
    }
    for (const manifest of manifests) {
      const packages = await this.#metadata(manifest);
      if (!packages) return undefined;
      all.push(...packages.filter((one) => all.every((other) => other.id !== one.id)));
    }
    return manifests.size === 0 ? undefined : all;
  }

  #metadata(manifest: string): Promise<Packages | undefined> {
    const known = this.#packages.get(manifest);
    if (known) return known;
    const asked = (async () => {
      const outside = cargoMetadata(this.#doors.files.absolute(manifest));
      const text = (await this.#ask(cargoMetadata(manifest), '.')) ?? (await this.#ask(outside, this.#outside));
      return Metadata.safeParse(jsonOf(text)).data?.packages;
    })();
    this.#packages.set(manifest, asked);
    return asked;
  }

  async #ask(argv: string[], cwd: string): Promise<string | undefined> {
    const result = await this.#doors.exec(argv, {
      cwd,
      // To ask must install no toolchain that a rust-toolchain file names.
      env: { RUSTUP_AUTO_INSTALL: '0', CARGO_TERM_COLOR: 'never' },
      name: argv.slice(0, 2).join('-'),
      maxText: 64_000_000,
      timeout: 20_000,
    });
    return result.code === 0 ? result.stdout : undefined;
  }
}

const meant = (name: string, names: readonly string[]): string | undefined => {
  const near = suggest(name, names);
  if (near !== undefined) return `did you mean ${near}?`;
  return names.length === 0 ? undefined : `there are ${[...new Set(names)].slice(0, 8).join(', ')}`;
};

function unknownFlag(sub: string, unknown: { flag: string; at: number }, args: readonly string[]): Verdict {
  const { flag, at } = unknown;
  const takesValue = !(args[at] ?? '').includes('=') && args[at] === flag && !(args[at + 1] ?? '-').startsWith('-');
  const moved = args.slice(at, at + (takesValue ? 2 : 1));
  const belongs =
    (sub === 'clippy' && lintFlags.test(flag)) || ((sub === 'test' || sub === 'bench') && ofHarness.has(flag));
  const seen = `cargo ${sub} has no flag ${flag}`;
  if (!belongs)
    return /^-[A-Z]$/.test(flag) || flag.startsWith('--') ? wrong(seen, `see cargo ${sub} --help`) : doubt(seen);
  const kept = [...args.slice(0, at), ...args.slice(at + moved.length)];
  const dashes = kept.indexOf('--');
  const corrected = dashes < 0 ? [...kept, '--', ...moved] : [...kept, ...moved];
  return wrong(`${seen}; it belongs after \`--\``, `write: cargo ${sub} ${corrected.join(' ')}`);
}
