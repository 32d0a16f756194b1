import { escapeRegex } from '../core/patterns.ts';
import { posix } from 'node:path';
import { isBuilt } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome } from '../formats/documents/surroundings.ts';
import { once, type Claim, type Reading as DocumentReading } from './reading.ts';
import { didYouMean, suggest } from '../core/suggest.ts';
import { doubt, holds, remark, wrong, type Verdict } from '../formats/documents/verdict.ts';
import { clapCommand } from './command-trees/clap.ts';
import { goCommand } from './command-trees/go.ts';
import { javascriptCommand } from './command-trees/javascript.ts';
import type { CommandNode } from './command-trees/node.ts';
import { pythonCommand } from './command-trees/python.ts';
import { defines, isDefined } from './own-flags.ts';
import { codeOf, ownPrograms, type Language, type OwnProgram } from './own-programs.ts';
import type { Sources } from '../repository/sources.ts';

type Words = readonly { text: string; open: boolean }[];

/** Flags that libraries bring along, so that no source of the project names them. */
export const ofLibraries = new Set(
  'help version verbose quiet color colour no-color completion help-long help-man completion-script-bash completion-script-zsh completion-bash generate-completion install-completion show-completion'.split(
    ' ',
  ),
);
/** Hands its arguments, or all of them that it does not know, to something else: a shell script, and a program. */
const shellHandsOn = /"?\$[@*]|\$\{@|"\$\{args|^\s*(?:source|\.)\s+\S/m;
const handsOn =
  /parse_known_args|REMAINDER|allow_extra_args|ignore_unknown_options|allowUnknown|passThrough|trailing_var_arg|allow_hyphen_values|external_subcommand|DisableFlagParsing|FParseErrWhitelist|(?<!(?:yargs|minimist|mri|getopts|meow|parse|parseArgs|parseAsync)\()process\.argv\.slice\(2\)\s*[,)]|\.strict\(false\)|\bexecute_from_command_line\b|(?<!\b(?:parse_args|parse_intermixed_args|getopt|docopt|len|print|repr|str|list|join|enumerate|iter)\()\bsys\.argv(?:\[\d*:\])?\s*[,)]/;
/** What reads arguments by names that are written out. */
const parsers =
  /\bclap\b|derive\([^)]*\bParser\b|structopt|\bargh\b|pico_args|bpaf|argparse|import click|from click|\btyper\b|spf13\/(?:cobra|pflag)|urfave\/cli|alecthomas\/kingpin|"flag"|\bcommander\b|\byargs\b|minimist|parseArgs|getopts?\b|optparse|env::args|\bsys\.argv\b|\bos\.Args\b/;
/** Flags may come from a library that the program takes them over from. */
const takenOver = /\((?:\s*)flatten\s*\)\]|parents\s*=|spf13|AddGoFlagSet|klog|glog|controller-runtime|BindFlags/;
const bringsFlags =
  /^\s*(?:[\w.]+ )?"(?:k8s\.io\/(?:component-base|apiserver|klog|controller-manager)|sigs\.k8s\.io\/controller-runtime\/pkg\/log|github\.com\/(?:golang\/glog|prometheus\/common\/promlog|prometheus\/exporter-toolkit))/m;
const subcommands = /\bSubcommand\b|\bsubcommand\b|add_subparsers|add_parser|AddCommand|\.command\(|env::args/;
const code = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs)$/;
const ofTests = /(?:^|\/)(?:tests?|testdata|fixtures?|examples?|benches)\/|_test\.|\.(?:test|spec)\./;

const flagsOf = (args: Words): string[] => {
  const end = args.findIndex((word) => word.text === '--');
  return (end < 0 ? args : args.slice(0, end)).flatMap(
    (word) => /^--([a-z][a-z0-9-]+)(?:=|$)/.exec(word.text)?.[1] ?? [],
  );
};

/** Long flags that texts write out, for what may have been meant. */
const meantBy = (flag: string, texts: readonly string[]): string | undefined => {
  const known = texts.flatMap((text) => [...text.matchAll(/--([a-z][a-z0-9-]+)/g)].map(([, name = '']) => name));
  const near = known.find((one) => one.endsWith(`-${flag}`) || one.startsWith(`${flag}-`)) ?? suggest(flag, known);
  return near === undefined ? undefined : `did you mean --${near}?`;
};

/** Flags that a document gives to a script of the repository: a script that takes its arguments itself names them. */
export async function scriptFlags(sources: Sources, path: string, args: Words): Promise<Verdict[]> {
  const text = (await sources.texts()).get(path);
  if (text === undefined) return [];
  const shell = /\.(?:sh|bash)$/.test(path) || /^#!.*\b(?:ba|z|k|da)?sh\b/.test(text);
  if (shell ? shellHandsOn.test(text) || handsOn.test(text) : handsOn.test(text) || !parsers.test(text)) return [];
  return flagsOf(args).flatMap((flag): Verdict[] => {
    if (defines(text, flag)) return [holds(`${path} knows --${flag}`)];
    if (!shell && (ofLibraries.has(flag) || takenOver.test(text))) return [];
    // A shell script may leave unknown arguments unread: then the flag does nothing.
    return [wrong(`${path} knows no flag --${flag}`, meantBy(flag, [text]) ?? 'see what the script reads')];
  });
}

/** Of a script that is called by its file: a parser that other code adds to leaves a doubt. */
async function ofScript(sources: Sources, path: string, args: Words): Promise<Verdict[]> {
  const text = (await sources.texts()).get(path) ?? '';
  const alone = /\bArgumentParser\(/.test(text) && !/\(\s*(?:parser|ap|p)\s*[,)]/.test(text);
  const found = await scriptFlags(sources, path, args);
  return alone ? found : found.map((one) => (one.state === 'false' ? doubt(one.seen, one.hint) : one));
}

/** Does a source that reads arguments know the word as a subcommand? Then even a name that says little is the program's. */
export async function hasSubcommand(sources: Sources, word: string | undefined): Promise<boolean> {
  if (word === undefined || !/^[a-z][a-z-]+$/.test(word)) return false;
  const texts = [...(await parsingIn(sources)).values()];
  return texts.some((text) => subcommands.test(text) && knowsWord(text, word));
}

/** The sources that read arguments by names. */
const parsingIn = once(
  async (sources) => new Map([...(await sources.matching(code))].filter(([, text]) => parsers.test(text))),
);

const readings = new WeakMap<Sources, Map<string, Promise<Reading>>>();

/** What is known of how a program reads its arguments. */
interface Reading {
  texts: readonly string[];
  /** Nothing but what the sources write out is a flag. */
  sure: boolean;
  /** Why nothing can be said. */
  because?: string;
  /** Its commands, where all of them are written out. */
  command?: CommandNode;
}

/** The sources that define the arguments of the repository's program `name`, or of any where it is not known. */
function readingOf(sources: Sources, name: string): Promise<Reading> {
  const ofSources = readings.get(sources) ?? new Map<string, Promise<Reading>>();
  readings.set(sources, ofSources);
  const known = ofSources.get(name) ?? read(sources, name);
  ofSources.set(name, known);
  return known;
}

async function read(sources: Sources, name: string): Promise<Reading> {
  const program = (await ownPrograms(sources)).get(name);
  const language: Language | undefined = program?.language;
  const all = [...(await sources.matching(language === undefined ? code : codeOf[language]))];
  const reads = await parsingIn(sources);
  const parsing = all.filter(([path]) => reads.has(path) && !ofTests.test(path));
  const texts = all.map(([, text]) => text);
  if (parsing.length === 0) return { texts, sure: false, because: 'no source shows how it reads its arguments' };
  // Only the program's own files say that it hands on what it does not know.
  const entry = parsing.filter(([path]) => program?.entries?.includes(path) === true);
  const others = new Set(
    [...(await ownPrograms(sources)).values()].flatMap((one) => (one === program ? [] : (one.entries ?? []))),
  );
  // The modules of a Rust program lie beside its entry.
  const own =
    entry.length > 0 && language !== 'rust'
      ? entry
      : parsing.filter(
          ([path]) =>
            !others.has(path) &&
            (program === undefined || program.folder === '' || path.startsWith(`${program.folder}/`)),
        );
  const hander = (own.length > 0 ? own : parsing).find(([, text]) => handsOn.test(text));
  if (hander) return { texts, sure: false, because: `${hander[0]} hands on arguments that it does not know` };
  const maker = (own.length > 0 ? own : parsing).find(([, text]) =>
    [...text.matchAll(/\bmacro_rules!\s*\w+\s*\{[\s\S]*?\n\}/g)].some(([body]) => /#\[(?:arg|clap)\b/.test(body)),
  );
  if (maker) return { texts, sure: false, because: `${maker[0]} makes arguments by a macro` };
  // A library's flags leave a doubt.
  const sure =
    sources.whole &&
    !parsing.some(([, text]) => takenOver.test(text)) &&
    parsing.some(([, text]) => /\bclap\b|env::args|argparse/.test(text));
  const alone = others.size === 0 && entry.length === 0 && (program?.entries?.length ?? 0) > 0;
  const command = program && treeOf(program, own, all, alone);
  // Types that are not here leave a tree of commands open where they are used.
  if (!sources.whole && !command) return { texts, sure: false, because: 'the repository is too large to read in full' };
  return { texts, sure, ...(command && { command }) };
}

/** The commands of a program, where one place shows all of them. */
function treeOf(
  program: OwnProgram,
  own: readonly (readonly [string, string])[],
  all: readonly (readonly [string, string])[],
  alone: boolean,
): CommandNode | undefined {
  if (program.language === 'rust') {
    const entry = all.find(([path]) => program.entries?.includes(path) === true)?.[1];
    // Beside a derived parser of the entry, a `Command` is one of the system's.
    const derives = entry !== undefined && /#\[derive\([^)]*\bParser\b/.test(entry);
    return derives || own.every(([, text]) => !/\bCommand::new\(|\bclap_app!|augment_args/.test(text))
      ? clapCommand(
          own.map(([, text]) => text),
          entry,
          alone,
        )
      : undefined;
  }
  if (program.language === 'go') {
    // Commands may lie in packages beside it, of which another program has its own.
    const here = all.filter(([path]) => posix.dirname(path) === (program.folder || '.'));
    return goCommand(here.map(([, text]) => text));
  }
  const text = all.find(([path]) => program.entries?.includes(path) === true)?.[1];
  if (text === undefined) return undefined;
  return program.language === 'python' ? pythonCommand(text) : javascriptCommand(text);
}

/** All commands of the repository's programs, where each program shows all of its own; none where one does not. */
export async function wholeCommands(sources: Sources): Promise<CommandNode[]> {
  const programs = [...(await ownPrograms(sources)).keys()];
  const read = await Promise.all(programs.map((name) => readingOf(sources, name)));
  const below = (node: CommandNode): CommandNode[] => [node, ...[...node.subcommands.values()].flatMap(below)];
  const nodes = read.flatMap(({ because, command }) => (because === undefined && command ? below(command) : []));
  const isWhole = read.every(({ command }) => command) && !nodes.some((one) => one.open);
  return isWhole ? nodes : [];
}

/** What stands at a command that does not take it: a flag of another command, or a word that is none of its subcommands. */
function misplaced(name: string, root: CommandNode, args: Words): Verdict[] {
  const found: Verdict[] = [];
  let node = root;
  let path = name;
  for (const [n, word] of args.entries()) {
    if (node.open || word.text === '--' || word.text === 'help') break;
    const flag = (root.oneDash === true ? /^--?([a-zA-Z][\w.-]+)(?:=|$)/ : /^--([a-z][a-z0-9-]+)(?:=|$)/).exec(
      word.text,
    )?.[1];
    if (flag !== undefined) {
      const value = word.text.includes('=') ? word.text.slice(word.text.indexOf('=') + 1) : args[n + 1]?.text;
      const values = node.values?.get(flag);
      if (values && value !== undefined && /^[a-z][\w-]*$/.test(value) && !values.has(value.toLowerCase()))
        found.push(wrong(`\`${path} --${flag}\` does not take ${value}`, `it takes ${[...values].join(', ')}`));
      if (!node.flags.has(flag) && !(node.free ?? ofLibraries).has(flag)) {
        const near = suggest(flag, node.flags);
        found.push(
          wrong(
            `\`${path}\` has no flag --${flag}${root.flags.has(flag) ? `: it belongs before the subcommand` : ''}`,
            near === undefined
              ? `its flags are ${[...node.flags].map((one) => `--${one}`).join(', ') || 'none'}`
              : `did you mean --${near}?`,
          ),
        );
      }
      continue;
    }
    // What follows a flag may be its value.
    const isValue = n > 0 && (args[n - 1]?.text ?? '').startsWith('-') && !(args[n - 1]?.text ?? '').includes('=');
    if (word.open || !/^[a-z][a-z0-9-]*$/.test(word.text)) {
      if (word.open) break;
      continue;
    }
    const next = node.subcommands.get(word.text);
    if (next) {
      node = next;
      path += ` ${word.text}`;
    } else if (node.subcommands.size > 0 && !isValue) {
      found.push(
        wrong(
          `\`${path}\` has no subcommand ${word.text}`,
          didYouMean(word.text, node.subcommands.keys(), `it has ${[...node.subcommands.keys()].join(', ')}`),
        ),
      );
      break;
    }
  }
  return found;
}

/**
 * The subcommand and the flags that a text gives to a program which the repository builds: is there a source that defines
 * them? Where that cannot be said, a remark says why.
 */
export async function programArguments(sources: Sources, name: string, args: Words): Promise<Verdict[]> {
  const asked = name.endsWith('.py') ? ofScript : argumentsOf;
  return [...(await filesIn(sources, args)), ...(await asked(sources, name, args))];
}

/** Files of configuration that a program is given, in a folder of the repository in which they are not. */
async function filesIn(sources: Sources, args: Words): Promise<Verdict[]> {
  const paths = [...(await sources.texts()).keys()];
  return args.flatMap(({ text, open }): Verdict[] => {
    const path = /^(?:--?[\w-]+=)?(?:\.\/)?((?:[\w.-]+\/){2,}[\w.-]+\.(?:ya?ml|json5?|toml|conf|cfg|ini))$/.exec(
      text,
    )?.[1];
    if (path === undefined || open || isBuilt(path)) return [];
    const folder = `${posix.dirname(path)}/`;
    if (!paths.some((one) => one.startsWith(folder)) || paths.some((one) => one === path || one.endsWith(`/${path}`)))
      return [];
    return [doubt(`${path} is not there`, 'correct the path, or add the file')];
  });
}

async function argumentsOf(sources: Sources, name: string, args: Words): Promise<Verdict[]> {
  const { texts, sure, because, command } = await readingOf(sources, name);
  const [first] = args;
  const isWord = first && !first.open && /^[a-z][a-z]+(?:-[a-z]+)*$/.test(first.text) && first.text !== 'help';
  if (because !== undefined)
    return flagsOf(args).length === 0 && !isWord
      ? []
      : [remark(`the arguments of ${name} are not judged, because ${because}`, 'see its --help')];
  if (command) {
    const found = misplaced(name, command, args);
    if (found.length > 0) return found;
  }
  // Modules of Kubernetes and others bring flags of their own to programs of Go.
  const say = sure ? wrong : texts.some((text) => bringsFlags.test(text)) ? remark : doubt;
  const flags = flagsOf(args);
  const strange = flags.filter((flag) => !ofLibraries.has(flag) && !isDefined(texts, flag));
  // Where most flags of a call stand nowhere, a module that the program takes over defines them.
  if (!sure && strange.length > 1 && strange.length * 2 > flags.length)
    return [
      remark(
        `the sources of ${name} define none of ${strange.map((flag) => `--${flag}`).join(', ')}`,
        `see its --help: a library may bring them`,
      ),
    ];
  const verdicts = flags.flatMap((flag): Verdict[] => {
    if (isDefined(texts, flag)) return [holds(`the sources know --${flag}`)];
    if (ofLibraries.has(flag)) return [];
    return [say(`no source of ${name} defines --${flag}`, meantBy(flag, texts) ?? `see its --help`)];
  });
  // Subcommands stand in front; `server run` is two of them, one below the other.
  if (!isWord || !speakOfSubcommands(texts)) return verdicts;
  if (!texts.some((text) => knowsWord(text, first.text)))
    verdicts.push(say(`no source of ${name} knows the subcommand ${first.text}`, `see its --help`));
  return verdicts;
}

/** Which texts speak of subcommands: asked for every call of a program, of the same texts. */
const speaking = new WeakMap<readonly string[], boolean>();
function speakOfSubcommands(texts: readonly string[]): boolean {
  const known = speaking.get(texts) ?? texts.some((text) => subcommands.test(text));
  speaking.set(texts, known);
  return known;
}

function knowsWord(text: string, word: string): boolean {
  const pascal = word.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  // Looking for a word is a hundred times faster than the pattern.
  if (![word, pascal, word.replaceAll('-', '_')].some((one) => text.includes(one))) return false;
  return new RegExp(
    `["'\`]${escapeRegex(word)}(?:["'\`\\s<[]|$)|\\b${pascal}\\b\\s*(?:[({,]|$)|\\b(?:def|mod|fn|func|class) ${escapeRegex(word.replaceAll('-', '_'))}\\b`,
    'm',
  ).test(text);
}

const flagHead = /^\W*(?:options?|flags?|arguments?|parameters?|switch(?:es)?|cli (?:option|flag)s?)\W*$/i;

/** Tables of options of which one source knows most: the one that no source knows is suspected. */
export async function flagTableClaims({ sources, parsed }: DocumentReading): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const { header, rows } of parsed.tables) {
    const at = header.findIndex((head) => flagHead.test(head));
    if (at < 0 || isYetToCome('', headingsAbove(parsed, rows[0]?.line ?? 1))) continue;
    const flags = rows.flatMap(({ cells, line }) => {
      const flag = /^\W*(?:-\w,\s*)?--([a-z][a-z0-9-]{2,})\b/.exec(cells[at] ?? '')?.[1];
      return flag === undefined || /removed|deprecated|planned|no longer|\benterprise\b/i.test(cells.join(' '))
        ? []
        : [{ flag, line }];
    });
    if (flags.length < 4) continue;
    const texts = [...(await parsingIn(sources))].filter(([path]) => !ofTests.test(path));
    const known = texts.map(([, text]) => flags.filter(({ flag }) => defines(text, flag)));
    const best = known.toSorted((a, b) => b.length - a.length)[0] ?? [];
    if (best.length < 3 || best.length < flags.length * 0.7 || !sources.whole) continue;
    for (const { flag, line } of flags) {
      if (best.some((one) => one.flag === flag) || ofLibraries.has(flag)) continue;
      const snake = flag.replaceAll('-', '_');
      const camel = flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if ((await sources.containText(flag)) || (await sources.containText(snake)) || (await sources.containText(camel)))
        continue;
      claims.push({
        kind: 'name',
        line,
        text: `--${flag}`,
        ...doubt(
          `the sources define ${best.length} of the ${flags.length} options of this table, and not this one`,
          meantBy(
            flag,
            texts.map(([, text]) => text),
          ) ?? 'correct the name',
        ),
      });
    }
  }
  return claims;
}
