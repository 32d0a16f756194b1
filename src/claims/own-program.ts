import { suggest } from '../core/suggest.ts';
import { doubt, holds, wrong, type Verdict } from './claim.ts';
import type { Sources } from '../repository/sources.ts';

type Words = readonly { text: string; open: boolean }[];

/** Flags that libraries bring along, so that no source of the project names them. */
const ofLibraries = new Set(['help', 'version', 'verbose', 'quiet', 'color', 'colour', 'no-color', 'completion']);
/** Hands its arguments, or all of them that it does not know, to something else. */
const handsOn =
  /"?\$[@*]|\$\{@|"\$\{args|parse_known_args|REMAINDER|allow_extra_args|ignore_unknown_options|allowUnknown|passThrough|trailing_var_arg|allow_hyphen_values|external_subcommand|process\.argv\.slice\(2\)\s*[,)]|\.strict\(false\)|^\s*(?:source|\.)\s+\S/m;
/** What reads arguments by names that are written out. */
const parsers =
  /\bclap\b|derive\([^)]*\bParser\b|structopt|\bargh\b|pico_args|bpaf|argparse|import click|from click|\btyper\b|spf13\/(?:cobra|pflag)|urfave\/cli|alecthomas\/kingpin|"flag"|\bcommander\b|\byargs\b|minimist|parseArgs|getopts?\b|optparse|env::args|\bsys\.argv\b|\bos\.Args\b/;
/** Flags may come from a library that the program takes them over from. */
const takenOver = /\((?:\s*)flatten\s*\)\]|parents\s*=|spf13|AddGoFlagSet|klog|glog|controller-runtime|BindFlags/;
const subcommands = /\bSubcommand\b|\bsubcommand\b|add_subparsers|add_parser|AddCommand|\.command\(|env::args/;
const code = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs)$/;

const escape = (text: string): string => text.replace(/[-/\\^$*+?.()|[\]{}]/g, String.raw`\$&`);

/** Does a source define the flag: by its literal, a quoted name, or a field or parameter that a library makes a flag of? */
function defines(text: string, flag: string): boolean {
  for (const name of new Set([flag, flag.replace(/^no-/, '')])) {
    const kebab = escape(name);
    const snake = escape(name.replaceAll('-', '_'));
    const camel = escape(name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
    if (new RegExp(`--${kebab}(?![\\w-])|["'\`](?:${kebab}|${snake}|${camel})["'\`]`).test(text)) return true;
    const fields = new RegExp(`(?<![\\w.])(?:${snake}|${camel})\\s*[:=?]`, 'gi');
    for (const { index } of text.matchAll(fields)) {
      const before = text.slice(Math.max(0, index - 1500), index);
      if (/#\[(?:arg|clap|structopt|command|argh|bpaf)\b/.test(before) && /\blong\b|argh|bpaf/.test(before))
        return true;
      if (/\btyper\b|\bclick\b|parseArgs|\byargs\b|minimist|\bkong\b|commander/.test(text)) return true;
    }
  }
  return false;
}

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
  if (text === undefined || handsOn.test(text)) return [];
  const shell = /\.(?:sh|bash)$/.test(path) || /^#!.*\b(?:ba|z|k|da)?sh\b/.test(text);
  if (!shell && !parsers.test(text)) return [];
  return flagsOf(args).flatMap((flag): Verdict[] => {
    if (defines(text, flag)) return [holds(`${path} knows --${flag}`)];
    if (!shell && (ofLibraries.has(flag) || takenOver.test(text))) return [];
    // A shell script may leave unknown arguments unread: then the flag does nothing.
    return [wrong(`${path} knows no flag --${flag}`, meantBy(flag, [text]) ?? 'see what the script reads')];
  });
}

/**
 * The subcommand and the flags that a document gives to a program which the repository builds: is there a source that defines
 * them? Nothing is said where its sources do not name what they read, or hand arguments on.
 */
export async function programArguments(sources: Sources, name: string, args: Words): Promise<Verdict[]> {
  const texts = [...(await sources.matching(code)).values()];
  if (!sources.whole || !texts.some((text) => parsers.test(text)) || texts.some((text) => handsOn.test(text)))
    return [];
  // A library's flags, or those of several languages, leave a doubt.
  const sure =
    !texts.some((text) => takenOver.test(text)) && texts.some((text) => /\bclap\b|env::args|argparse/.test(text));
  const say = sure ? wrong : doubt;
  const verdicts = flagsOf(args).flatMap((flag): Verdict[] => {
    if (texts.some((text) => defines(text, flag))) return [holds(`the sources know --${flag}`)];
    if (ofLibraries.has(flag)) return [];
    return [say(`no source of ${name} defines --${flag}`, meantBy(flag, texts) ?? `see its --help`)];
  });
  const [first] = args;
  const isWord = first && !first.open && /^[a-z][a-z]+(?:-[a-z]+)*$/.test(first.text) && first.text !== 'help';
  if (!isWord || !texts.some((text) => subcommands.test(text))) return verdicts;
  const pascal = first.text.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const named = new RegExp(
    `["'\`]${escape(first.text)}(?:["'\`\\s<[]|$)|\\b${pascal}\\b\\s*(?:[({,]|$)|\\bdef ${escape(first.text.replaceAll('-', '_'))}\\(`,
    'm',
  );
  if (!texts.some((text) => named.test(text)))
    verdicts.push(say(`no source of ${name} knows the subcommand ${first.text}`, `see its --help`));
  return verdicts;
}
