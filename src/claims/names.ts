import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { excuseOf } from '../formats/documents/path-text.ts';
import { toldGone, tableAt } from '../formats/documents/surroundings.ts';
import { commandsOfFence } from '../formats/programs/shell.ts';
import { didYouMean } from '../core/suggest.ts';
import { alertClaims } from './alerts.ts';
import { metricClaims, queryClaims } from './metrics.ts';
import type { Sources } from '../repository/sources.ts';
import { dated, doubt, holds, unjudged, wrong, type Claim, type Reading, type Verdict } from './reading.ts';
import { isItsOwnName, ownPrograms } from './own-programs.ts';
import { composerOf, variablesRead } from './variables.ts';

const environment = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=.*)?$/;
const ofEnvironment = /\benv(?:ironment)?\b|\bvariables?\b|\bconfig|\bsettings?\b|\bexport\b/i;
/** Variables of services that anybody may use. */
const ofOthers =
  /^(?:AWS|AZURE|GOOGLE|GCP|GITHUB|GITLAB|OPENAI|ANTHROPIC|DOCKER|COMPOSE|KUBE|OTEL|NODE|NPM|RUST|CARGO|PYTHON|PG|POSTGRES|MYSQL|MARIADB|MONGO\w*|REDIS|KAFKA|ZOOKEEPER|RABBITMQ|MINIO|ELASTIC\w*|GF|KEYCLOAK|CLICKHOUSE|VAULT|CONSUL|VITE|NEXT)_/;

/** Names that the document gives to variables of the environment, to metrics and to alerts: does anything else know them? */
export async function nameClaims({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const done = new Set<string>();
  for (const { line, name } of variablesSet(parsed)) {
    if (done.has(name)) continue;
    done.add(name);
    const verdict = await variableVerdict(sources, name);
    if (verdict) claims.push({ kind: 'name', line, text: name, ...verdict });
  }
  for (const span of parsed.spans) {
    const table = tableAt(parsed, span.line);
    const said = `${span.heading} ${table?.header.join(' ') ?? ''} ${span.context}`;
    const written = environment.exec(span.text)?.[1];
    // Among the names that the sources read their environment by, one of that beginning is a variable whatever the sentence says.
    const variable =
      written !== undefined && (ofEnvironment.test(said) || (await readBeside(sources, written)) >= 3)
        ? written
        : undefined;
    if (
      variable === undefined ||
      done.has(variable) ||
      tellsOfRenaming(table?.header ?? []) ||
      /\bmakefile\b|\bmake variables?\b/i.test(span.context) ||
      toldGone(parsed).has(variable) ||
      excuseOf(span.context, span.heading) === 'absent'
    )
      continue;
    done.add(variable);
    const verdict = await variableVerdict(sources, variable);
    if (verdict) claims.push({ kind: 'name', line: span.line, text: variable, ...verdict });
  }
  claims.push(...queryClaims(parsed), ...(await metricClaims(repository, sources, parsed)));
  claims.push(...(await alertClaims(repository, sources, document, parsed)));
  return claims;
}

/** `| Old | New |` */
const tellsOfRenaming = (header: readonly string[]): boolean =>
  [/^\W*(?:old|previous|former|before|from)\b/i, /^\W*(?:new|replacement|after|to)\b/i].every((words) =>
    header.some((head) => words.test(head)),
  );

/** Where variables are read: what only configuration names may be another program's. */
const ofCode = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|php|exs?|sh|bash)$/;

/** Variables that blocks of commands, Compose, units and manifests set for programs, and bold names that are said to be some. */
function variablesSet(parsed: MarkdownDocument): { line: number; name: string }[] {
  const found: { line: number; name: string }[] = [];
  for (const fence of parsed.fences) {
    const shell = commandsOfFence(fence.lang, fence.text) !== undefined;
    const pattern = shell
      ? /(?:^\s*(?:\$\s+)?export\s+|\s-e\s+|--env[ =]|^\s*(?:\$\s+)?(?=[A-Z][A-Z0-9_]*=\S*\s+[\w./-]))["']?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)=/gm
      : /^(?:ya?ml|ini|systemd|service|dotenv|env|dockerfile)$/.test(fence.lang)
        ? /^\s*(?:-\s+)?(?:\{\s*)?(?:Environment=|ENV\s+|name:\s*)?["']?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["']?(?:\s*[=:,]|\s*$)/gm
        : undefined;
    // The keys of a Secret are what its reader chose.
    if (pattern === undefined || /^kind:\s*Secret\b/m.test(fence.text)) continue;
    // What the block itself uses is its own.
    for (const match of fence.text.matchAll(pattern)) {
      const [, name = ''] = match;
      if (!new RegExp(`\\$\\{?${name}\\b`).test(fence.text))
        found.push({
          line: fence.line + fence.text.slice(0, match.index + match[0].indexOf(name)).split('\n').length - 1,
          name,
        });
    }
  }
  for (const [n, line] of parsed.prose.entries())
    for (const [, name = ''] of line.matchAll(/\*\*([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\*\*/g))
      if (ofEnvironment.test(line) && excuseOf(line.replace(name, ' '), '') !== 'absent')
        found.push({ line: n + 1, name });
  return found;
}

/** Does it stand in a source, and not only within a longer name? CMake writes -DNAME. */
async function isWritten(sources: Sources, name: string): Promise<boolean> {
  if (!(await sources.containText(name))) return false;
  const whole = new RegExp(`(?:-D|(?<![A-Z0-9_]))${name}(?![A-Z0-9_])`);
  return [...(await sources.texts()).values()].some((text) => whole.test(text));
}

async function variableVerdict(sources: Sources, name: string): Promise<Verdict | undefined> {
  if (await isWritten(sources, name)) return holds('it is read or set');
  // CGI and WSGI give the headers of a request such names.
  if (name.startsWith('HTTP_') && (await sources.containText(name.slice(5))))
    return unjudged('it is the header of a request');
  if (ofOthers.test(name) || /^(?:MY|YOUR|SOME|CUSTOM|EXAMPLE|FOO)_/.test(name))
    return unjudged('it may be of a service');
  const prefix = `${name.split('_')[0]}_`;
  if (await isOfDependency(sources, prefix.slice(0, -1).toLowerCase())) return unjudged('a library may read it');
  // Where the project writes such names out, one that is nowhere is unknown.
  const { joined } = await sources.words(ofCode);
  const others = joined.match(new RegExp(`\\b${prefix}\\w+`, 'g')) ?? [];
  const unbound = await unboundOf(sources, name, prefix);
  if (unbound !== undefined) return doubt(unbound, 'correct the name, or add the option');
  if (others.length === 0 && sources.whole && (await isOfOwnProgram(sources, prefix)))
    return doubt('no source reads any environment variable', 'delete the sentence, or have the program read it');
  if (others.length < 3 || !sources.whole || (await composerOf(sources, prefix)) !== undefined)
    return unjudged('not known');
  const short = name.split('_').slice(1).join('_');
  // It may be put together from such parts, or stand within a longer name.
  const inOther = (
    await Promise.all([name, name.toLowerCase(), short.toLowerCase()].map((one) => sources.containText(one)))
  ).includes(true);
  // Where the sources read their variables by names that are written out, and it is none of them, nothing else can read it.
  const read = await readBeside(sources, name);
  if (inOther)
    return read >= 5
      ? doubt('nothing in the repository reads or sets it', didYouMean(name, others))
      : unjudged('not known');
  return dated((read >= 3 ? wrong : doubt)('nothing in the repository reads or sets it', didYouMean(name, others)));
}

/** Is it called like a program of the repository, whose sources read nothing from the environment? */
const isOfOwnProgram = async (sources: Sources, prefix: string): Promise<boolean> =>
  [...(await ownPrograms(sources)).keys()].some(
    (name) => isItsOwnName(name) && `${name.toUpperCase().replaceAll('-', '_')}_` === prefix,
  ) &&
  [...(await variablesRead(sources))].every((one) => one.startsWith('CARGO_')) &&
  (await composerOf(sources, prefix)) === undefined &&
  [...(await sources.matching(ofCode)).values()].every(
    (text) => !/\benv::vars?(?:_os)?\b|\bgetenv\b|\benviron\b|process\.env\b|LookupEnv|ENV\[|\benv\s*[(=]/i.test(text),
  );

/** Does a manifest ask for a library of that name: `libp2p`, `go-libp2p`, `@scope/libp2p`? Libraries read variables of their own. */
async function isOfDependency(sources: Sources, name: string): Promise<boolean> {
  const manifests = await sources.matching(
    /(?:^|\/)(?:go\.mod|Cargo\.toml|package\.json|pyproject\.toml|requirements[\w-]*\.txt)$/,
  );
  const asked = new RegExp(
    `(?:^|[\\s"'/@])(?:go-?|rust-?|py-?)?${Array.from(name).join('-?')}(?:/v\\d+)?(?:"?\\s*[:=]|\\s+v\\d|[=<>~])`,
    'm',
  );
  return [...manifests.values()].some((text) => asked.test(text));
}

/** viper makes variables of its flags and keys: the one of which there is neither. */
async function unboundOf(sources: Sources, name: string, prefix: string): Promise<string | undefined> {
  const file = await composerOf(sources, prefix);
  const text = file === undefined ? undefined : (await sources.texts()).get(file);
  if (file === undefined || text === undefined || !sources.whole || !/SetEnvPrefix\(/.test(text)) return undefined;
  const words = name.slice(prefix.length).toLowerCase().split('_');
  const isBound = await Promise.all(['-', '.', '_'].map((mark) => sources.containText(`"${words.join(mark)}"`)));
  return isBound.includes(true) || words.length < 2
    ? undefined
    : `${file} makes variables of its flags and keys, and none of them is called ${words.join('-')}`;
}

/** How many variables of that beginning the sources read. */
const readBeside = async (sources: Sources, name: string): Promise<number> =>
  [...(await variablesRead(sources))].filter((one) => one.startsWith(`${name.split('_')[0]}_`)).length;
