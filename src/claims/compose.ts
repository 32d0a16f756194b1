import { isPlaceholder } from '../formats/programs/placeholder.ts';
import { didYouMean } from '../core/suggest.ts';
import { flagsOfHelp, readArguments, type FlagValue } from '../formats/programs/cli-help.ts';
import { namesFile, readPath } from '../formats/documents/path-text.ts';
import { composeFile, isWhole } from '../formats/compose/written.ts';
import { listOf, textOf } from '../formats/data/json-parts.ts';
import { derivedOf } from '../repository/derived.ts';
import type { Doors } from '../toolchains/contract.ts';
import { doubt, holds, remark, wrong, type Verdict } from '../formats/documents/verdict.ts';
import type { Sources } from '../repository/sources.ts';
import { Repository } from '../repository/repository.ts';
import { foldersAbove } from '../formats/data/paths.ts';

const defaults = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrides = [
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];
/** Subcommands whose positionals are all services. */
const ofServices = new Set(
  `up logs restart stop start build pull push ps rm kill top images events create pause
  unpause wait watch`.split(/\s+/),
);
/** What stands for a name. */
/** Subcommands whose first positional is a service, and the rest a command. */
const ofOne = new Set(['exec', 'run', 'port']);

/** Does a source name a Compose file, so that it may write one? */
export async function namesComposeFile(sources: Sources): Promise<boolean> {
  const code = await sources.matching(/\.(?:py|sh|bash|ps1|[cm]?[jt]s|go|rs|rb)$/);
  return [...code.values()].some((text) => /compose\.ya?ml/.test(text));
}
/** What is said where no Compose file can be meant. */
export const noneIsThere = 'no Compose file is where it would be run, and -f names none';

/** Checks what a `docker compose` command names against the Compose files, and its flags against `docker compose --help`. */
export class Compose {
  readonly #doors: Doors;
  readonly #help = new Map<string, Promise<Map<string, FlagValue> | undefined>>();
  #scratch: string | undefined;

  constructor(doors: Doors) {
    this.#doors = doors;
  }

  async judge(args: readonly { text: string; open: boolean }[], cwds: readonly string[]): Promise<Verdict[]> {
    const global = await this.#flagsOf('');
    if (!global || args.some((word) => /\.\.\.|…|^\[/.test(word.text))) return [];
    const open = new Set(args.filter((word) => word.open).map((word) => word.text));
    const before = readArguments(
      args.map((word) => word.text),
      global,
      true,
    );
    if (before.unknown[0]) return [doubt(`docker compose has no flag ${before.unknown[0].flag}`)];
    const verdicts: Verdict[] = [];
    const [sub] = before.positionals;
    if (sub === undefined) return [];
    const own = open.has(sub) ? undefined : await this.#flagsOf(sub);
    const read = own && readArguments(before.rest, own, ofOne.has(sub));
    const unknown = read?.unknown[0];
    if (unknown && !before.rest.some((word) => open.has(word) && word.startsWith('$'))) {
      const where = global.has(unknown.flag) ? `; it belongs before \`${sub}\`` : '';
      verdicts.push(
        wrong(`docker compose ${sub} has no flag ${unknown.flag}${where}`, `see docker compose ${sub} --help`),
      );
      return verdicts;
    }
    const get = (...names: string[]): string[] => names.flatMap((name) => before.values.get(name) ?? []);
    if (cwds.length === 0 || get('--project-directory').length > 0) return verdicts;
    const named = get('-f', '--file');
    if (named.some((file) => open.has(file) || file === '-')) return verdicts;
    const files = await this.#files(named, cwds, verdicts);
    for (const envFile of get('--env-file'))
      if (!open.has(envFile) && (await this.#first(envFile, cwds)) === undefined && !/\.env/.test(envFile))
        verdicts.push(doubt(`${envFile} is not there`));
    if (files.length === 0) return verdicts;
    const seen = await Promise.all(files.map((file) => derivedOf(this.#doors, file, composeFile)));
    if (!seen.every(isWhole)) return verdicts;
    const services = seen.flatMap((one) => Object.keys(one.services));
    const profiles = seen.flatMap((one) =>
      Object.values(one.services).flatMap((service) => listOf(service['profiles']).map(textOf)),
    );
    const check = (what: string, name: string, names: readonly string[]): void => {
      if (open.has(name) || name === '*' || isPlaceholder(name)) return;
      const hint = didYouMean(name, names, `there are ${names.join(', ') || 'none'}`);
      verdicts.push(
        names.includes(name)
          ? holds(`the ${what} ${name} is in ${files.join(', ')}`)
          : wrong(`${files.join(', ')} has no ${what} ${name}`, hint),
      );
    };
    for (const profile of get('--profile').flatMap((list) => list.split(','))) check('profile', profile, profiles);
    if (read && ofServices.has(sub)) {
      const absent = read.positionals.filter(
        (name) => !services.includes(name) && !open.has(name) && !isPlaceholder(name),
      );
      // One command, one cause.
      if (absent.length > 1)
        verdicts.push(
          wrong(
            `${files.join(', ')} has no services ${absent.join(', ')}`,
            `there are ${services.join(', ') || 'none'}`,
          ),
        );
      for (const name of read.positionals)
        if (absent.length < 2 || !absent.includes(name)) check('service', name, services);
    }
    if (read && ofOne.has(sub) && read.positionals[0] !== undefined) check('service', read.positionals[0], services);
    return verdicts;
  }

  async #files(named: readonly string[], cwds: readonly string[], verdicts: Verdict[]): Promise<string[]> {
    const files: string[] = [];
    for (const file of named) {
      const found = await this.#first(file, cwds);
      if (found === undefined) {
        if (namesFile(file) && readPath(file)) verdicts.push(wrong(`${file} is not there`));
      } else {
        files.push(found);
        verdicts.push(holds(`${found} is there`));
      }
    }
    if (named.length > 0) return files.length === named.length ? files : [];
    for (const cwd of cwds) {
      for (const folder of foldersAbove(cwd === '' ? 'x' : `${cwd}/x`)) {
        const all = await this.#doors.files.list(folder === '' ? '.' : folder);
        const main = defaults.find((name) => all.includes(name));
        if (main === undefined) continue;
        verdicts.push(holds(`${folder === '' ? main : `${folder}/${main}`} is there`));
        const named = await this.#namedByEnv(folder, all);
        const names = named.length > 0 ? named : [main, ...overrides.filter((name) => all.includes(name))];
        return names.map((name) => (folder === '' ? name : `${folder}/${name}`));
      }
    }
    // Where one lies in another folder, the reader is likely to have gone there.
    const elsewhere = (await this.#doors.files.glob([`**/{${defaults.join(',')}}`])).length > 0;
    const hint = 'name the file with -f, or the folder with cd';
    verdicts.push(elsewhere ? remark(noneIsThere, hint) : { ...doubt(noneIsThere, hint), cause: noneIsThere });
    return [];
  }

  /** The files that `COMPOSE_FILE` of an env file, or of an example of one, names beside it. */
  async #namedByEnv(folder: string, all: readonly string[]): Promise<string[]> {
    const names = new Set<string>();
    for (const file of all.filter((name) => /^(?:\.env\b|.*\.env$)/.test(name))) {
      const text = (await this.#doors.files.readIfThere(folder === '' ? file : `${folder}/${file}`)) ?? '';
      for (const [, list = ''] of text.matchAll(/^[#\s]*(?:export\s+)?COMPOSE_FILE=["']?([^\s"']+)/gm))
        for (const name of list.split(/[:;,]/)) if (all.includes(name)) names.add(name);
    }
    return [...names];
  }

  async #first(path: string, cwds: readonly string[]): Promise<string | undefined> {
    for (const cwd of cwds) {
      const joined = Repository.join(cwd, path);
      if (joined !== undefined && (await this.#doors.files.kind(joined)) === 'file') return joined;
    }
    return undefined;
  }

  #flagsOf(sub: string): Promise<Map<string, FlagValue> | undefined> {
    const known = this.#help.get(sub);
    if (known) return known;
    const asked = (async () => {
      const result = await this.#doors.exec(['docker', 'compose', ...(sub === '' ? [] : [sub]), '--help'], {
        cwd: (this.#scratch ??= this.#doors.evidence.scratch()),
        name: 'docker-compose-help',
        timeout: 20_000,
      });
      if (
        result.code !== 0 ||
        !new RegExp(`Usage:\\s+docker compose${sub === '' ? '' : ` ${sub}`}\\b`).test(result.stdout)
      )
        return undefined;
      const flags = flagsOfHelp(result.stdout);
      for (const flag of ['-h', '--help', '--verbose', '-v', '--version', '-D', '--debug'])
        if (!flags.has(flag)) flags.set(flag, 'none');
      return flags;
    })();
    this.#help.set(sub, asked);
    return asked;
  }
}
