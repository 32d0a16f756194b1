import { posix } from 'node:path';
import { objectOf, textOf } from '../formats/data/json-parts.ts';
import type { Sources } from '../repository/sources.ts';

/** A variable that a Compose file sets for a service which the repository builds, and that no source reads. */
export interface Unread {
  file: string;
  line: number;
  service: string;
  name: string;
  /** One that the sources read, and that begins alike. */
  sibling: string;
}

const code =
  /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|php|ex|exs|sh|bash)$|(?:^|\/)(?:Dockerfile|Makefile|Procfile)[^/]*$/;
/** How languages read the environment by a name that is written out. */
const read =
  /(?:env::var(?:_os)?\(\s*|env!\(\s*|option_env!\(\s*|Getenv\(\s*|LookupEnv\(\s*|environ(?:\.get)?[[(]\s*|getenv\(\s*|process\.env\.|process\.env\[\s*|ENV(?:\.fetch\(|\[)\s*|env\s*=\s*)["'`]?([A-Z][A-Z0-9_]+)/g;
/** What makes names of variables out of parts, so that the whole stands nowhere. */
const composed =
  /with_prefix|prefixed\(|SetEnvPrefix|env_?prefix|AutomaticEnv|envconfig|env_nested|@ConfigurationProperties|spring-boot|process\.env\[\s*[`a-z]|environ\[f["']|getenv\(f["']|dynaconf|envparse|BaseSettings|pydantic_settings|\benv\(\)|Environment::with|Figment|koanf/i;

/** @returns what nothing reads, how many were looked up, and why nothing can be said where names are composed */
export async function unreadVariables(
  sources: Sources,
): Promise<{ unread: Unread[]; looked: number; because?: string }> {
  const texts = await sources.texts();
  const ofCode = [...texts].filter(([path]) => code.test(path));
  const names = new Set(ofCode.flatMap(([, text]) => [...text.matchAll(read)].map(([, name = '']) => name)));
  if (names.size === 0) return { unread: [], looked: 0 };
  const composer = ofCode.find(([, text]) => composed.test(text));
  if (composer) return { unread: [], looked: 0, because: `${composer[0]} composes the names of variables` };
  const unread: Unread[] = [];
  let looked = 0;
  for (const [file, { services }] of await sources.composeFiles()) {
    const text = texts.get(file) ?? '';
    for (const [service, one] of Object.entries(services)) {
      if (one['build'] === undefined || one['build'] === null) continue;
      const set = Array.isArray(one['environment'])
        ? one['environment'].map((entry) => textOf(entry).split('=')[0] ?? '')
        : Object.keys(objectOf(one['environment']));
      for (const name of set) {
        // Only beside a name that begins alike and is read is it the project's own.
        const prefix = /^[A-Z][A-Z0-9]{1,}_/.exec(name)?.[0];
        const sibling = prefix === undefined ? undefined : [...names].find((known) => known.startsWith(prefix));
        if (sibling === undefined) continue;
        looked++;
        if (names.has(name)) continue;
        const elsewhere = [...texts].some(
          ([path, other]) =>
            path !== file && !/(?:^|\/)\.env|compose/.test(posix.basename(path)) && other.includes(name),
        );
        // The Compose file itself may use it in a command.
        const uses = text.split(name).length - 1;
        if (elsewhere || uses > set.filter((all) => all.includes(name)).length) continue;
        unread.push({ file, line: text.slice(0, text.indexOf(name)).split('\n').length, service, name, sibling });
      }
    }
  }
  return { unread, looked };
}
