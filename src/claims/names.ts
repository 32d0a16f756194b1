import type { CodeSpan, MarkdownDocument } from '../formats/documents/markdown.ts';
import { excuseOf, readPath } from '../formats/documents/path-text.ts';
import { ruleFile } from '../formats/prometheus/rule-files.ts';
import { suggest } from '../core/suggest.ts';
import type { Claim } from './claim.ts';
import { doubt, holds, unjudged, wrong, type Verdict } from '../formats/documents/verdict.ts';
import type { Repository } from '../repository/repository.ts';
import type { Sources } from '../repository/sources.ts';
import type { Reading } from './reading.ts';
import { foldersAbove } from '../formats/data/paths.ts';

const environment = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=.*)?$/;
const ofEnvironment = /\benv(?:ironment)?\b|\bvariables?\b|\bconfig|\bsettings?\b|\bexport\b/i;
const metric = /^([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?:\{.*\})?$/;
const ofMetrics = /\bmetrics?\b|\bprometheus\b|\bcounters?\b|\bgauges?\b|\bhistograms?\b|\balerts?\b|\bdashboards?\b/i;
const metricEnding = /_(?:total|seconds|milliseconds|bytes|ratio|count|bucket|sum|info|celsius|percent)$/;
/** What makes names of variables out of parts, so that the whole stands nowhere. */
/** Variables of services that anybody may use. */
const ofOthers =
  /^(?:AWS|AZURE|GOOGLE|GCP|GITHUB|GITLAB|OPENAI|ANTHROPIC|DOCKER|COMPOSE|KUBE|OTEL|NODE|NPM|RUST|CARGO|PYTHON|PG|MYSQL|REDIS|VITE|NEXT)_/;
const composed =
  /with_prefix|prefixed\(|SetEnvPrefix|env_?prefix|AutomaticEnv|envconfig|env_nested|@ConfigurationProperties|spring-boot|process\.env\[\s*[`a-z]|environ\[f["']|getenv\(f["']|dynaconf|envparse/i;

/** Names that the document gives to variables of the environment, to metrics and to alerts: does anything else know them? */
export async function nameClaims({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const done = new Set<string>();
  for (const span of parsed.spans) {
    const said = `${span.heading} ${span.context}`;
    const variable = ofEnvironment.test(said) ? environment.exec(span.text)?.[1] : undefined;
    const name = variable ?? (ofMetrics.test(said) ? metric.exec(span.text)?.[1] : undefined);
    if (name === undefined || done.has(name) || excuseOf(span.context, span.heading) === 'absent') continue;
    if (variable === undefined && !metricEnding.test(name)) continue;
    done.add(name);
    const verdict = await (variable === undefined ? metricVerdict(sources, name) : variableVerdict(sources, name));
    if (verdict) claims.push({ kind: 'name', line: span.line, text: name, ...verdict });
  }
  claims.push(...(await alertClaims(repository, sources, document, parsed)));
  return claims;
}

/** Where variables are read: what only configuration names may be another program's. */
const ofCode = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|php|exs?|sh|bash)$/;

/** Literals of the sources that begin like the name: where the project writes such names out, one that is nowhere is unknown. */
async function siblings(sources: Sources, prefix: string, files = /./): Promise<string[]> {
  const found = new Set<string>();
  const pattern = new RegExp(`\\b${prefix}[A-Za-z0-9_]+`, 'g');
  for (const text of (await sources.matching(files)).values())
    for (const [one] of text.matchAll(pattern)) found.add(one);
  return [...found];
}

async function variableVerdict(sources: Sources, name: string): Promise<Verdict | undefined> {
  if (await sources.has(name)) return holds('it is read or set');
  if (ofOthers.test(name) || /^(?:MY|YOUR|SOME|CUSTOM|EXAMPLE|FOO)_/.test(name))
    return unjudged('it may be of a service');
  const others = await siblings(sources, `${name.split('_')[0]}_`, ofCode);
  const texts = [...(await sources.texts()).values()];
  if (others.length < 3 || !sources.whole || texts.some((text) => composed.test(text))) return unjudged('not known');
  const short = name.split('_').slice(1).join('_');
  if ((await sources.has(name.toLowerCase())) || (await sources.has(short.toLowerCase()))) return unjudged('not known');
  return doubt('nothing in the repository reads or sets it', hintOf(name, others));
}

async function metricVerdict(sources: Sources, name: string): Promise<Verdict | undefined> {
  if (
    /^(?:prometheus|alertmanager|node|container|kube|go|process|machine|etcd|grafana|loki|redis|pg|mysql)_/.test(
      name,
    ) &&
    !(await sources.has(name))
  )
    return unjudged('it may be of a well-known exporter');
  const base = name.replace(/_(?:bucket|sum|count|total)$/, '');
  if ((await sources.has(name)) || (await sources.has(base))) return holds('the repository knows it');
  const parts = base.split('_');
  // A namespace or subsystem may be put before it.
  for (let n = 1; n < parts.length; n++)
    if (parts.length - n > 1 && (await sources.has(parts.slice(n).join('_')))) return unjudged('not known');
  const others = await siblings(sources, `${parts[0]}_`, ofCode);
  const alike = others.filter((one) => metricEnding.test(one));
  if (alike.length < 3 || !sources.whole) return unjudged('not known');
  return doubt('nothing in the repository exports or reads it', hintOf(name, alike));
}

const hintOf = (name: string, others: readonly string[]): string | undefined => {
  const meant = suggest(name, others);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
};

const alertName = /^[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+$/;

/** The names that stand alone between the commas of a line; before the first comma the last word. */
function listedIn(line: string): string[] {
  const parts = line.replace(/[*`]/g, '').split(/,\s*(?:and\s+)?|;|\s+(?:and|&|\+)\s+|\.(?:\s|$)/);
  return parts
    .map((part, n) => (n === 0 ? (part.trim().split(/\s+/).at(-1) ?? '') : part.trim()))
    .filter((part) => alertName.test(part));
}

/** Alerts that a line lists of the rule file that it names. */
async function alertClaims(
  repository: Repository,
  sources: Sources,
  document: string,
  parsed: MarkdownDocument,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  const above = foldersAbove(document);
  const files = parsed.spans.filter((span) => /\.(?:ya?ml|rules)$/.test(span.text));
  for (const span of files) {
    const line = parsed.prose[span.line - 1] ?? '';
    const [path] = readPath(span.text)?.paths ?? [];
    const at = path === undefined ? undefined : await repository.find(path, above);
    const text = at === undefined ? undefined : (await sources.texts()).get(at);
    if (at === undefined || text === undefined || !/^\s*-?\s*alert\s*:/m.test(text)) continue;
    const names = new Set(
      ruleFile(text)
        .groups.flatMap((group) => group.rules)
        .filter((rule) => rule.kind === 'alert')
        .map((rule) => rule.name),
    );
    const listed = [...new Set(listedIn(line))];
    // Only a list that begins to agree is a list of its alerts: other words look like names too.
    if (!listed.some((name) => names.has(name)) || isAbsent(span)) continue;
    for (const name of listed) {
      if (names.has(name)) claims.push({ kind: 'name', line: span.line, text: name, ...holds(`${at} has it`) });
      else if (!(await sources.has(name)))
        claims.push({
          kind: 'name',
          line: span.line,
          text: name,
          ...wrong(`${at} has no alert ${name}, and nothing else knows it`, hintOf(name, [...names])),
        });
    }
  }
  return claims;
}

const isAbsent = (span: CodeSpan): boolean => excuseOf(span.context, span.heading) === 'absent';
