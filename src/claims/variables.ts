import type { Sources } from '../repository/sources.ts';
import { once } from './reading.ts';

const code =
  /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|php|ex|exs|sh|bash)$|(?:^|\/)(?:Dockerfile|Makefile|Procfile)[^/]*$/;
/** How languages read the environment by a name that is written out. */
const read =
  /(?:env::var(?:_os)?\(\s*|env!\(\s*|option_env!\(\s*|Getenv\(\s*|LookupEnv\(\s*|environ(?:\.get)?[[(]\s*|getenv\(\s*|process\.env\.|process\.env\[\s*|ENV(?:\.fetch\(|\[)\s*|\benv\s*=\s*|envvar\s*=\s*|\b[gG]et_?[eE]nv\w*\(\s*(?:\w+,\s*)?|_ENV(?:_VAR)?\s*(?::\s*&(?:'static\s+)?str\s*)?=\s*)["'`]?([A-Z][A-Z0-9_]+)/g;
/** What makes names of variables out of parts, so that the whole stands nowhere. */
const composed =
  /with_prefix|prefixed\(|SetEnvPrefix|env_?prefix|AutomaticEnv|envconfig|env_nested|@ConfigurationProperties|spring-boot|process\.env\[\s*[`a-z]|environ\[f["']|environ\.get\(\s*f["']|getenv\(f["']|dynaconf|envparse|DefaultEnvars|BaseSettings|pydantic_settings|\benv\(\)|Environment::with|FlagsFromEnv|FlagToEnv|Figment|koanf/i;
const prefixes =
  /(?:env_?prefix|SetEnvPrefix|prefixed|with_prefix|envconfig\.Process)\w*["']?\s*[:=(]\s*["']([A-Za-z]\w*)["']/gi;

interface Composer {
  file: string;
  /** The beginnings of the names that it makes; none where they are not written out. */
  prefixes: string[];
}
interface Read {
  names: ReadonlySet<string>;
  composers: readonly Composer[];
}
const readOf = once(async (sources): Promise<Read> => {
  const names = new Set<string>();
  const composers: Composer[] = [];
  for (const [file, text] of await sources.matching(code)) {
    for (const [, name = ''] of text.matchAll(read)) names.add(name);
    if (composed.test(text))
      composers.push({
        file,
        prefixes: [...text.matchAll(prefixes)].map(([, one = '']) => `${one.toUpperCase().replace(/_$/, '')}_`),
      });
  }
  return { names, composers };
});

/** Variables of the environment that the sources read by their whole names. */
export const variablesRead = async (sources: Sources): Promise<ReadonlySet<string>> => (await readOf(sources)).names;

/** The source that puts names of variables together: any names, or such as begin with the prefix. */
export const composerOf = async (sources: Sources, prefix?: string): Promise<string | undefined> =>
  (await readOf(sources)).composers.find(
    (one) => one.prefixes.length === 0 || (prefix !== undefined && one.prefixes.includes(prefix)),
  )?.file;
