import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { promDuration } from '../promql/literals.ts';
import type { LocatedYaml } from '../data/yaml.ts';
import { holds, matchersOf, type AlertmanagerMatcher, type Place } from './matchers.ts';

/** A route with what it inherits from those above it. */
export interface Route {
  matchers: AlertmanagerMatcher[];
  receiver: string;
  /** Of its first matcher; of its receiver where it has none. */
  line: number;
  /** Its own `group_by`; empty where it inherits. */
  groupBy: { label: string; line: number }[];
  goesOn: boolean;
  /** Milliseconds. */
  groupWait: number;
  groupInterval: number;
  /** Its own `repeat_interval`, where it is shorter than the `group_interval` that holds for it. */
  shortRepeat?: { text: string; line: number };
  /** Names of the time intervals in which it is muted, and of those in which alone it is active. Not inherited. */
  muted: string[];
  active: string[];
  /** Of the first of them. */
  timesLine: number;
  children: Route[];
}

/** The tree of routes; defaults as in dispatch/route.go. */
export function routeTree(config: JsonObject, yaml: Pick<LocatedYaml, 'lineOf'>): Route {
  const read = (
    route: JsonObject,
    at: Place,
    above: Pick<Route, 'receiver' | 'groupWait' | 'groupInterval'>,
  ): Route => {
    const own = {
      receiver: textOf(route['receiver']) || above.receiver,
      groupWait: promDuration(textOf(route['group_wait'])) ?? above.groupWait,
      groupInterval: promDuration(textOf(route['group_interval'])) ?? above.groupInterval,
    };
    const matchers = matchersOf(route, '', at, yaml);
    const muted = listOf(route['mute_time_intervals']).map(textOf);
    const repeat = textOf(route['repeat_interval']);
    return {
      ...own,
      ...((promDuration(repeat) ?? Infinity) < own.groupInterval && {
        shortRepeat: { text: repeat, line: yaml.lineOf([...at, 'repeat_interval']) },
      }),
      matchers,
      line: matchers[0]?.line ?? yaml.lineOf([...at, 'receiver']),
      groupBy: listOf(route['group_by']).map((one, n) => ({
        label: textOf(one),
        line: yaml.lineOf([...at, 'group_by', n]),
      })),
      goesOn: route['continue'] === true,
      muted,
      active: listOf(route['active_time_intervals']).map(textOf),
      timesLine: yaml.lineOf([...at, muted.length > 0 ? 'mute_time_intervals' : 'active_time_intervals', 0]),
      children: listOf(route['routes']).map((one, n) => read(objectOf(one), [...at, 'routes', n], own)),
    };
  };
  return read(objectOf(config['route']), ['route'], { receiver: '', groupWait: 30_000, groupInterval: 300_000 });
}

/** The routes that an alert takes: the deepest that match, the first of each level unless it goes on. Source: dispatch/route.go. */
export function routesFor(route: Route, labels: Readonly<Record<string, string>>): Route[] {
  if (!route.matchers.every((one) => holds(one, labels[one.label] ?? ''))) return [];
  const found: Route[] = [];
  for (const child of route.children) {
    const below = routesFor(child, labels);
    found.push(...below);
    if (below.length > 0 && !child.goesOn) break;
  }
  return found.length > 0 ? found : [route];
}

/** Every route of the tree, each after those above it, with the ones that it stands in (outermost first). */
export function* allRoutes(
  route: Route,
  above: readonly Route[] = [],
): Generator<[route: Route, above: readonly Route[]]> {
  yield [route, above];
  for (const child of route.children) yield* allRoutes(child, [...above, route]);
}
