import { suggest } from '../core/suggest.ts';
import { excuseOf } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import { doubt, isOfAVersion, once, type Claim, type Reading } from './reading.ts';
import { variablesRead } from './variables.ts';

/** Constants that sources define, and members of enums: all of them in capitals. */
const capitals = once(async (sources): Promise<Set<string>> => {
  const found = new Set<string>();
  for (const [path, text] of await sources.matching(/\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|proto)$/))
    for (const [, name = ''] of text.matchAll(
      path.endsWith('.proto')
        ? /^\s*([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\s*=\s*\d+\s*[;[]/gm
        : /(?:\b(?:const|static|final|let|var)\s+(?:\w+\s+)?|^)([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b(?=\s*[:=])/gm,
    ))
      found.add(name);
  return found;
});

/** Standards and services have many such names. */
const ofOthers =
  /^(?:AWS|AZURE|GOOGLE|GCP|GITHUB|GITLAB|OPENAI|ANTHROPIC|DOCKER|COMPOSE|KUBE\w*|OTEL|NODE|NPM|RUST|CARGO|PYTHON|PG|POSTGRES|MYSQL|REDIS|GF|JAVA|HTTP|TLS|SSL|SIG|ERR|E|HAVE|CMAKE|MY|YOUR)_/;

/** A constant or variable that nothing has, where the sources have one that differs from it in one word only. */
export async function nearNameClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const done = new Set<string>();
  if (!sources.whole) return claims;
  for (const { text: raw, line, context, heading } of parsed.spans) {
    const name = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+){2,})(?:=.*)?$/.exec(raw)?.[1];
    if (name === undefined || done.has(name) || ofOthers.test(name)) continue;
    done.add(name);
    const headings = headingsAbove(parsed, line);
    if (
      excuseOf(context.replaceAll(name, ' '), heading) === 'absent' ||
      isYetToCome(labelAbove(parsed, line), headings) ||
      isOfAVersion(headings) ||
      /\b(?:not|never|forbidden|old|new|renamed?|instead|replac\w+|add|prefix\w*|e\.g|camelCase|snake_case|SCREAMING_\w+|naming)\b|→|->/i.test(
        context,
      )
    )
      continue;
    const words = name.split('_');
    const misses = (short: readonly string[], long: readonly string[]): boolean =>
      short.length > 2 &&
      long.length === short.length + 1 &&
      long.some((_, n) => long.toSpliced(n, 1).join('_') === short.join('_'));
    const variables = [...(await variablesRead(sources))];
    const isMissing = (own: readonly string[]): boolean => misses(words, own) || misses(own, words);
    const meant =
      suggest(name, variables) ??
      variables.find((one) => isMissing(one.split('_'))) ??
      [...(await capitals(sources))].find((one) => {
        const own = one.split('_');
        const other = own.findIndex((word, n) => word !== words[n]);
        // Of names that differ at an end there are many: `X_URL`, `X_ENABLED`.
        return (
          isMissing(own) ||
          (own.length === words.length &&
            own.filter((word, n) => word !== words[n]).length === 1 &&
            ((other > 0 && other < own.length - 1) || suggest(name, [one]) !== undefined))
        );
      });
    // A source that writes the beginning out, as a text of its own, puts the rest behind it.
    const beginnings = words.slice(1).map((_, n) => `${words.slice(0, n + 1).join('_')}_`);
    const asked = beginnings.flatMap((one) => [`"${one}"`, `'${one}'`]).map((one) => sources.containText(one));
    const begun = await Promise.all(asked);
    if (
      meant === undefined ||
      begun.includes(true) ||
      (await sources.containText(name)) ||
      parsed.fences.some((fence) => fence.text.includes(name))
    )
      continue;
    claims.push({
      kind: 'name',
      line,
      text: name,
      ...doubt(`nothing in the repository has it, though the sources have ${meant}`, `did you mean ${meant}?`),
    });
  }
  return claims;
}
