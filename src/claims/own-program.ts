import { posix } from 'node:path';
import { suggest } from '../core/suggest.ts';
import { doubt, holds, wrong, type Verdict } from './claim.ts';
import type { Sources } from './sources.ts';

type Words = readonly { text: string; open: boolean }[];

/** Flags that libraries bring along, so that no source of the project names them. */
const ofLibraries = new Set(
  'help version verbose quiet color no-color colour config log-level log-format debug completion manual nocapture host port reload workers bind input output file force yes dry-run'.split(
    ' ',
  ),
);
/** Hands its arguments, or all of them that it does not know, to something else. */
const handsOn =
  /"?\$[@*]|\$\{@|"\$\{args|parse_known_args|REMAINDER|allow_extra_args|ignore_unknown_options|allowUnknown|passThrough|trailing_var_arg|allow_hyphen_values|process\.argv\.slice\(2\)\s*[,)]|\.strict\(false\)|^\s*(?:source|\.)\s+\S/m;
/** Libraries that read arguments by names which are written out. */
const parsers =
  /\bclap\b|derive\([^)]*\bParser\b|structopt|argh::|pico_args|argparse|import click|from click|typer|spf13\/(?:cobra|pflag)|urfave\/cli|alecthomas\/kingpin|"flag"|\bcommander\b|\byargs\b|minimist|parseArgs|getopts?\b|optparse/;

/** `--http-port` as sources name it: kebab, snake, camel and Pascal case. */
function spellings(flag: string): string[] {
  const bare = flag.replace(/^no-/, '');
  return [flag, bare].flatMap((name) => {
    const camel = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    return [name, name.replaceAll('-', '_'), camel, camel.charAt(0).toUpperCase() + camel.slice(1)];
  });
}
const flagsOf = (args: Words): string[] => {
  const end = args.findIndex((word) => word.text === '--');
  return (end < 0 ? args : args.slice(0, end)).flatMap(
    (word) => /^--([a-z][a-z0-9-]+)(?:=|$)/.exec(word.text)?.[1] ?? [],
  );
};
/** Long flags that a text writes out, for what may have been meant. */
const flagsIn = (texts: Iterable<string>): string[] => [
  ...new Set([...texts].flatMap((text) => [...text.matchAll(/--([a-z][a-z0-9-]+)/g)].map(([, name = '']) => name))),
];

/** Flags that a document gives to a script of the repository: a script that takes its arguments itself names them. */
export async function scriptFlags(sources: Sources, path: string, args: Words): Promise<Verdict[]> {
  const text = (await sources.texts()).get(path);
  if (text === undefined || handsOn.test(text)) return [];
  const shell = /\.(?:sh|bash)$/.test(path) || /^#!.*\b(?:ba|z|k|da)?sh\b/.test(text);
  if (!shell && !parsers.test(text)) return [];
  return flagsOf(args).flatMap((flag): Verdict[] => {
    if (spellings(flag).some((one) => text.includes(one))) return [holds(`${path} knows --${flag}`)];
    if (!shell && ofLibraries.has(flag)) return [];
    const meant = suggest(flag, flagsIn([text]));
    // A shell script may leave unknown arguments unread: then the flag does nothing.
    return [
      wrong(
        `${path} knows no flag --${flag}`,
        meant === undefined ? 'see what the script reads' : `did you mean --${meant}?`,
      ),
    ];
  });
}

/**
 * Flags that a document gives to a program which the repository builds: is there a source that names them, in any spelling?
 * @param folder of the program; only where its sources read arguments by a library that names them
 */
export async function programFlags(sources: Sources, name: string, args: Words): Promise<Verdict[]> {
  const flags = flagsOf(args);
  if (flags.length === 0) return [];
  const texts = [...(await sources.matching(/\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs)$/)).values()];
  if (!sources.whole || !texts.some((text) => parsers.test(text))) return [];
  return flags.flatMap((flag): Verdict[] => {
    if (texts.some((text) => spellings(flag).some((one) => text.includes(one))))
      return [holds(`the sources know --${flag}`)];
    if (ofLibraries.has(flag)) return [];
    const meant = suggest(flag, flagsIn(texts));
    return [
      doubt(
        `no source of ${posix.basename(name)} names --${flag}`,
        meant === undefined ? `see ${posix.basename(name)} --help` : `did you mean --${meant}?`,
      ),
    ];
  });
}
