import { RouteBook, routesOf, type RoutesSeen } from '../formats/http/routes.ts';
import type { Sources } from './sources.ts';

const ofTests =
  /(?:^|\/)(?:tests?|testdata|fixtures?|__tests__|e2e|benches|examples?|docs?|scripts?)\/|[._-](?:test|spec)\.|_test\.go$|(?:^|\/)test_/;
const books = new WeakMap<Sources, Promise<RouteBook>>();

/** The routes that the repository's servers are told of; tests, examples and scripts tell nothing. */
export function routeBook(sources: Sources): Promise<RouteBook> {
  const known = books.get(sources) ?? read(sources);
  books.set(sources, known);
  return known;
}

async function read(sources: Sources): Promise<RouteBook> {
  const seen: RoutesSeen[] = [];
  const texts = await sources.texts();
  const constants = constantsOf(texts);
  for (const [file, text] of texts)
    if (!ofTests.test(file) || /\.(?:ya?ml|json|proto)$/.test(file))
      seen.push(routesOf(file, withConstants(file, text, constants)));
  return new RouteBook(seen);
}

const jvm = /\.(?:java|kt|groovy|scala)$/;
/** Constants of the JVM's languages that are texts beginning as a path does, put together of others where they are. */
function constantsOf(texts: ReadonlyMap<string, string>): Map<string, string> {
  const found = new Map<string, string>();
  const written = [...texts].flatMap(([file, text]) =>
    jvm.test(file)
      ? [...text.matchAll(/\b(?:String|val)\s+([A-Z][A-Z0-9_]*)(?:\s*:\s*String)?\s*=\s*([^;\n]*["\w])/g)]
      : [],
  );
  // Of what one is put together may stand behind it.
  for (let n = 0; n < 3; n++)
    for (const [, name = '', expr = ''] of written) {
      const parts = expr
        .split('+')
        .map((part) => /^\s*"([^"]*)"\s*$/.exec(part)?.[1] ?? found.get(/(\w+)\s*$/.exec(part)?.[1] ?? ''));
      if (parts.every((part) => part !== undefined) && parts[0]?.startsWith('/') === true)
        found.set(name, parts.join(''));
    }
  return found;
}

/** A source with the paths of its annotations written out. */
const withConstants = (file: string, text: string, constants: ReadonlyMap<string, string>): string =>
  constants.size === 0 || !jvm.test(file)
    ? text
    : text.replace(
        /(@(?:\w*Mapping|Path|Controller)\(\s*(?:(?:value|path)\s*=\s*)?\{?\s*)(?:\w+\.)*([A-Z][A-Z0-9_]*)\b(?:\s*\+\s*"([^"]*)")?/g,
        (all, before: string, name: string, more = '') => {
          const path = constants.get(name);
          return path === undefined ? all : `${before}"${path}${more}"`;
        },
      );
