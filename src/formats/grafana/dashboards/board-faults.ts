import type { Level } from '../../../core/finding.ts';
import { isSlip } from '../../prometheus/nearest-name.ts';
import { neededBy, writtenValues, type Variable } from '../board-model.ts';
import { patternOf } from '../panel-fields.ts';
import { timeOf } from '../time.ts';
import { variablesIn } from '../variable-uses.ts';
import { leastStep, mostPoints, shownInterval, timing } from '../variables.ts';
import type { KnownMetrics } from '../../prometheus/known-metrics.ts';
import type { JudgedBoard } from './judged.ts';
import type { boardProblems } from './problems.ts';
import { variableQuery } from './variable-query.ts';

export interface BoardFault {
  code: keyof typeof boardProblems;
  line: number;
  message: string;
  level?: Level;
}

/** What is wrong with a dashboard as a whole: its range, variables and links. */
export function boardFaults(
  board: JudgedBoard,
  links: { uids: ReadonlySet<string>; tags: ReadonlySet<string> },
  known: KnownMetrics,
): BoardFault[] {
  return [
    ...ofRange(board),
    ...ofVariables(board),
    ...ofMetrics(board, known),
    ...ofChoices(board),
    ...ofLinks(board, links),
    ...ofPanels(board),
    ...ofPlaces(board),
    ...ofPoints(board),
  ];
}

function ofRange({ from, to, refresh, titleLine: line }: JudgedBoard): BoardFault[] {
  const found: BoardFault[] = [];
  // At noon of a day like any other.
  const now = Date.UTC(2024, 0, 3, 12);
  const [begins, ends] = [timeOf(from, now), timeOf(to, now, true)];
  const fixed = variablesIn(from + to).length === 0;
  for (const [text, at] of [
    [from, begins],
    [to, ends],
  ] as const)
    if (at === undefined && fixed) found.push({ code: 'range-unreadable', line, message: `its range has ${text}` });
  if (begins !== undefined && ends !== undefined && begins >= ends)
    found.push({ code: 'range-reversed', line, message: `its range is from ${from} to ${to}` });
  if (
    refresh !== '' &&
    !/^(?:\d+(?:ms|[smhdw])|auto|off|false|true)$/i.test(refresh) &&
    variablesIn(refresh).length === 0
  )
    found.push({ code: 'range-unreadable', line, message: `it refreshes every ${refresh}` });
  return found;
}

function ofVariables({ variables }: JudgedBoard): BoardFault[] {
  const found: BoardFault[] = [];
  const names = new Set<string>();
  const circles = new Set<string>();
  for (const variable of variables) {
    const { name, type, line, query, regex } = variable;
    const say = (what: string, level?: Level): void =>
      void found.push({ code: 'variable-setting', line, message: `$${name} ${what}`, ...(level && { level }) });
    if (names.has(name)) say('is declared twice: the second is not used');
    names.add(name);
    if (regex !== '' && variablesIn(regex).length === 0 && !patternOf(regex))
      say(`has the pattern ${regex}, which is not a regular expression`, 'error');
    if (type === 'custom' && writtenValues(variable).length === 0 && query.trim() === '') say('has no options');
    if (
      type === 'query' &&
      query === '' &&
      ['', 'prometheus'].includes(variable.source?.type ?? '') &&
      variable.asks !== true
    )
      say('asks nothing: its query is empty');
    const circle = circleOf(variable, variables);
    const key = circle?.toSorted().join(' ') ?? '';
    if (!circle || circles.has(key)) continue;
    circles.add(key);
    found.push({
      code: 'variable-circular',
      line,
      message:
        circle.length === 1
          ? `$${name} needs itself`
          : `${circle.map((one) => `$${one}`).join(' needs ')} needs $${name}`,
    });
  }
  return found;
}

/** Variables that offer the values of a label which is none, but a metric: exported, or asked for by a panel. */
function ofMetrics({ variables, panels }: JudgedBoard, known: KnownMetrics): BoardFault[] {
  const asked = panels.flatMap(({ queries }) => queries.map(({ expr = '' }) => expr)).join('\n');
  return variables.flatMap(({ name, type, query, queryLine: line }): BoardFault[] => {
    const { expression, label } = variableQuery(query);
    if (type !== 'query' || expression !== undefined || label === undefined || !/^\w+$/.test(label)) return [];
    const isMetric =
      label === 'up' || known.names.includes(label) || new RegExp(`(?<![\\w:])${label}\\s*[{[]`).test(asked);
    const message = `$${name} asks for the values of a label ${label}, which is a metric: write label_values(${label}, the label)`;
    return isMetric ? [{ code: 'variable-setting', line, message }] : [];
  });
}

/** Queries that compare a label with a variable of several values by `=`. */
function ofChoices({ variables, panels, uses }: JudgedBoard): BoardFault[] {
  const repeats = new Set(uses.filter(({ place }) => place === 'repeat').map(({ name }) => name));
  return variables
    .filter((one) => (one.multi || one.includeAll) && !repeats.has(one.name) && one.type !== 'datasource')
    .flatMap(({ name }): BoardFault[] => {
      const equals = new RegExp(`([\\w.]+)\\s*!?=\\s*["'](?:\\$${name}|\\$\\{${name}\\}|\\[\\[${name}\\]\\])["']`);
      const places = panels.flatMap(({ title, queries }) =>
        queries
          .filter(({ expr = '' }) => equals.test(expr))
          .map(({ expr = '', line }) => ({ title, line, label: equals.exec(expr)?.[1] })),
      );
      const [first] = places;
      return first
        ? [
            {
              code: 'variable-setting',
              line: first.line,
              message: `${first.title} asks for ${first.label} = $${name}, of which several values can be chosen: write =~${places.length > 1 ? `; so do ${places.length - 1} more queries` : ''}`,
            },
          ]
        : [];
    });
}

/** The variables by which one needs itself, itself first; the shortest way. */
function circleOf(variable: Variable, all: readonly Variable[]): string[] | undefined {
  let ways = [[variable.name]];
  const seen = new Set<string>();
  while (ways.length > 0) {
    const longer: string[][] = [];
    for (const way of ways) {
      const last = all.find((one) => one.name === way.at(-1));
      for (const next of last?.type === 'query' ? neededBy(last) : []) {
        if (next === variable.name) return way;
        if (seen.has(next)) continue;
        seen.add(next);
        longer.push([...way, next]);
      }
    }
    ways = longer;
  }
  return undefined;
}

function ofLinks(
  { links }: JudgedBoard,
  known: { uids: ReadonlySet<string>; tags: ReadonlySet<string> },
): BoardFault[] {
  return links.flatMap((one): BoardFault[] => {
    if ('uid' in one)
      return known.uids.has(one.uid) || variablesIn(one.uid).length > 0
        ? []
        : [
            {
              code: 'link-missing',
              line: one.line,
              message: `a link leads to /d/${one.uid}, and no dashboard of the repository has this uid`,
            },
          ];
    return one.tags.some((tag) => known.tags.has(tag) || variablesIn(tag).length > 0)
      ? []
      : [
          {
            code: 'link-missing',
            line: one.line,
            message: `a link lists the dashboards with the tag ${one.tags.join(', ')}, which none has`,
            ...(!one.tags.some((tag) => tag.length > 3 && [...known.tags].some((other) => isSlip(tag, other))) && {
              level: 'note' as const,
            }),
          },
        ];
  });
}

/** Panels that ask for more points than Prometheus gives of a series. Grafana then widens the step, mostly enough. */
function ofPoints({ panels, from, to }: JudgedBoard): BoardFault[] {
  const now = Date.UTC(2024, 0, 3, 12);
  const range = { from: timeOf(from, now) ?? 0, to: timeOf(to, now, true) ?? 0 };
  const span = range.to - range.from;
  return panels.flatMap((panel): BoardFault[] => {
    const { title, line, interval, maxDataPoints = 0, queries } = panel;
    const query = queries.find((one) => one.expr !== undefined && !one.instant);
    const least = leastStep(interval) ?? 0;
    const points = least === 0 ? 0 : Math.min(maxDataPoints, Math.floor(span / least));
    if (points <= mostPoints || query === undefined) return [];
    const { stepMs } = timing(panel, query, range, 15_000);
    const refused = span / stepMs >= mostPoints;
    return [
      {
        code: 'panel-setting',
        line,
        message: `${title} asks for ${points} points of a series, and Prometheus gives at most ${mostPoints}: Grafana asks for one every ${shownInterval(stepMs)}${refused ? ', which Prometheus refuses' : ''}. Raise its interval`,
        ...(refused && { level: 'error' as const }),
      },
    ];
  });
}

/** Panels that cover each other: Grafana pushes the later one down. A few of one place are a slip; many are left to it by a generator. */
function ofPlaces({ panels }: JudgedBoard): BoardFault[] {
  const pairs = panels.flatMap((one, n) =>
    panels.slice(0, n).flatMap((other) => {
      const [a, b] = [one.grid, other.grid];
      const together = one.collapsedIn === other.collapsedIn && one.tab === other.tab;
      const over = a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
      return together && over ? [{ one, other, same: a.x === b.x && a.y === b.y }] : [];
    }),
  );
  const [first] = pairs;
  if (!first) return [];
  const slip = pairs.length <= 3 && pairs.some(({ same }) => same);
  const { one, other } = pairs.find(({ same }) => same) ?? first;
  return [
    {
      code: 'panel-setting',
      line: one.line,
      message: `${one.title} lies over ${other.title}${pairs.length > 1 ? `, and ${pairs.length - 1} more panels over others` : ''}: Grafana moves it down`,
      ...(!slip && { level: 'note' as const }),
    },
  ];
}

function ofPanels({ panels, lost = [], titleLine }: JudgedBoard): BoardFault[] {
  const ids = new Set(panels.map((one) => one.id));
  return [
    ...lost.map((name): BoardFault => ({
      code: 'element-missing',
      line: titleLine,
      message: `the layout names ${name}`,
    })),
    ...panels.flatMap(({ id, title, line }, n): BoardFault[] => {
      const other = panels.slice(0, n).findLast((one) => one.id === id)?.title;
      return other === undefined
        ? []
        : [{ code: 'panel-id', line, message: `${title}: it has the same id, ${id}, as "${other}"` }];
    }),
    ...panels.flatMap(({ id, queries, title, line }) =>
      queries.flatMap(({ ofPanel }): BoardFault[] => {
        if (ofPanel === undefined || (ids.has(ofPanel) && ofPanel !== id)) return [];
        const why = ofPanel === id ? 'itself' : 'not there';
        return [
          { code: 'query-reference', line, message: `${title} shows the data of panel ${ofPanel}, which is ${why}` },
        ];
      }),
    ),
    ...panels
      .filter(({ grid }) => grid.w <= 0 || grid.h <= 0 || grid.x + grid.w > 24)
      .map(({ title, line, grid }): BoardFault => ({
        code: 'panel-setting',
        line,
        message: `${title} has the place x ${grid.x}, width ${grid.w}, height ${grid.h}: a dashboard is 24 wide`,
      })),
  ];
}
