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
  for (const [file, text] of await sources.texts())
    if (!ofTests.test(file) || /\.(?:ya?ml|json|proto)$/.test(file)) seen.push(routesOf(file, text));
  return new RouteBook(seen);
}
