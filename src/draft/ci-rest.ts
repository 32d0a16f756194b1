import { listOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import type { ProjectTree as Tree } from '../toolchains/drafted.ts';
import { resolveFrom } from '../formats/data/paths.ts';
import { programOf } from '../toolchains/programs.ts';
import { innerWords, provesOf } from './check-words.ts';

/** What CI runs and a draft lacks: one line for each file and reason, with every command named. */
export class LeftOut {
  readonly #found = new Map<string, { file: string; why: string; commands: Map<string, number> }>();

  /** @param again it may be one of several that stand on this line, made of a matrix: one is named */
  command(raw: string, file: string, line: number, why: string, again = false): void {
    const key = JSON.stringify([file, why]);
    const one = this.#found.get(key) ?? { file, why, commands: new Map<string, number>() };
    if (!one.commands.has(raw) && !(again && [...one.commands.values()].includes(line))) one.commands.set(raw, line);
    this.#found.set(key, one);
  }

  /** A file of which nothing at all was drafted; nothing new where its commands are named already. */
  file(file: string, why: string): void {
    if ([...this.#found.values()].some((one) => one.file === file)) return;
    this.#found.set(JSON.stringify([file, why]), { file, why, commands: new Map() });
  }

  lines(): string[] {
    return [...this.#found.values()].map(({ file, why, commands }) =>
      commands.size === 0
        ? `${file}: ${why}`
        : commands.size === 1
          ? `${[...commands].map(([raw, line]) => `\`${raw}\` of ${file}:${line}`).join('')}: ${why}`
          : `${[...commands].map(([raw, line]) => `\`${raw}\` (line ${line})`).join(', ')} of ${file}: ${why}`,
    );
  }
}

interface StepOfJob {
  step: JsonObject;
  /** The action of the repository that it is part of, with what it was given, and the file of that action. */
  by?: string;
  file?: string;
}

/** The steps of a job's step: those of a composite action of the repository itself, with its inputs filled in; else the step. */
export function stepsOfAction(step: JsonObject, tree: Tree, depth = 0): StepOfJob[] {
  const uses = textOf(step['uses']);
  if (!uses.startsWith('./') || depth > 3) return [{ step }];
  const folder = resolveFrom('', uses) ?? '';
  const file = [`${folder}/action.yml`, `${folder}/action.yaml`].find((path) => tree.paths.includes(path)) ?? '';
  const action = objectOf(yamlOf(tree.text(file) ?? ''));
  const runs = objectOf(action['runs']);
  // An action of JavaScript or a container, or one that is not here: named as a whole.
  if (runs['using'] !== 'composite') return [{ step }];
  const given = objectOf(step['with']);
  const inputs = Object.fromEntries(
    Object.entries(objectOf(action['inputs'])).map(([name, one]) => [
      name,
      textOf(given[name]) || textOf(objectOf(one)['default']),
    ]),
  );
  const said = Object.values(given)
    .map(textOf)
    // What only CI knows, and scripts, tell a reader nothing.
    .filter((one) => one !== '' && one.length <= 40 && !one.includes('${{'))
    .slice(0, 4);
  const by = `${uses}${said.length === 0 ? '' : ` with ${said.join(', ')}`}`;
  const filled = (value: unknown): unknown =>
    typeof value === 'string'
      ? value.replace(/\$\{\{\s*inputs\.([\w-]+)\s*\}\}/g, (all, name: string) => inputs[name] ?? all)
      : value;
  return listOf(runs['steps']).flatMap((one) => {
    const inner = Object.fromEntries(Object.entries(objectOf(one)).map(([key, value]) => [key, filled(value)]));
    return stepsOfAction({ ...inner, if: step['if'] }, tree, depth + 1).map((each) => ({
      step: each.step,
      by,
      file: each.file ?? file,
    }));
  });
}

const plumbing = new Set(
  'echo printf break continue 7z udevadm cd mkdir cp mv rm ls cat set source . pwd sleep true false : exit test [ [[ chmod chown ln touch tee env which type command date head tail export unset read return local shift trap wait kill sed awk cut tr sort uniq grep egrep jq yq xargs find wc basename dirname realpath mktemp eval exec declare base64 seq apt apt-get apk brew choco dnf yum snap add-apt-repository curl wget tar unzip gunzip zip gzip xz bzip2 zstd gpg pip pip3 conda mamba corepack nvm volta rustup gem gh aws gcloud az codecov coveralls ssh scp rsync ssh-keygen ssh-keyscan ssh-add systemctl modprobe sysctl ulimit free df du ps lsof locale-gen update-alternatives git-lfs hash id whoami uname nproc tput time twine circleci mount umount exportfs createuser createdb psql mysql mysqladmin mariadb pg_isready redis-cli mongosh'.split(
    ' ',
  ),
);
const subcommands: Readonly<Record<string, RegExp>> = {
  changeset: /^(?:|add|pre|version|publish|tag|status)$/,
  bundle: /^(?:install|config|update)$/,
  composer: /^(?:install|update|config|require)$/,
  git: /^(?:config|fetch|checkout|clone|submodule|add|commit|push|pull|tag|log|rev-parse|rev-list|init|remote|describe|lfs|merge|reset|switch|stash|show|branch|status|ls-files|restore|apply|worktree|for-each-ref|symbolic-ref)$/,
};

/** Only prepares, tells, moves or publishes something: its absence from a draft loses no proof. */
export function isPreparation(given: readonly string[]): boolean {
  const words =
    given[0] === 'sudo'
      ? given.slice(
          given.findIndex((word, n) => n > 0 && !word.startsWith('-') && !/^-[ugh]$/.test(given[n - 1] ?? '')),
        )
      : given;
  const [program = '', ...args] = words;
  // `cargo +nightly install`: the toolchain is no subcommand.
  const [first = '', ...rest] = args[0]?.startsWith('+') === true ? args.slice(1) : args;
  if (program === '' || /^[$({})]|^\w+\+?=/.test(program) || plumbing.has(program)) return true;
  if (words.length > 1 && words.slice(1).every((word) => /^(?:--version|-v|-V|version|--help|-h)$/.test(word)))
    return true;
  if (/^(?:tox|nox)$/.test(innerWords(words)[0] ?? '')) return provesOf(words) === undefined;
  if (/^python[\d.]*$/.test(program))
    return /^-\w*m$/.test(first) && /^(?:pip|venv|ensurepip|virtualenv|twine)$/.test(rest[0] ?? '');
  if ((program === 'uv' && first === 'run') || (program === 'npx' && first === 'changeset')) {
    const inner = innerWords(words);
    return inner !== words && isPreparation(inner);
  }
  return (
    (programOf(program)?.prepares ?? subcommands[program])?.test(
      first.startsWith('-') ? (words.find((word, n) => n > 0 && !word.startsWith('-')) ?? '') : first,
    ) ?? false
  );
}
