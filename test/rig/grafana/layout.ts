/** Where panels lie on the double's page: repeated ones in copies with ids of their own, as Grafana 9.3.2 makes them. */
import { interpolated, type Variables } from './data.ts';
import type { DoubleBoard, DoublePanel } from './options.ts';

export interface Place {
  id: number;
  /** The panel of the file, and which copy of it this is. */
  panel: DoublePanel;
  copy: number;
  title: string;
  x: number;
  y: number;
  w: number;
  h: number;
  row: boolean;
  /** Id of the collapsed row that it shows once that is opened. */
  closedIn?: number;
  /** Variables as this copy has them. */
  variables: Variables;
}

type Repeating = DoublePanel & { repeat?: string; repeatDirection?: string; maxPerRow?: number };

export function placesOf(board: DoubleBoard, variables: Variables): Place[] {
  const top = (board.panels ?? []) as Repeating[];
  const old = ((board['rows'] ?? []) as { panels?: Repeating[] }[]).flatMap((row) => row.panels ?? []);
  const everything = [...top, ...old, ...top.flatMap((one) => one.panels ?? [])];
  let next = Math.max(0, ...everything.map((one) => one.id ?? 0)) + 1;
  const given = new Map(everything.map((one) => [one, one.id ?? next++]));
  const used = new Set<string>();
  const places: Place[] = [];
  let shift = 0;
  const put = (panel: Repeating, own: Variables, dy: number, closedIn?: number): number => {
    const { x, y, w, h } = panel.gridPos ?? { x: 0, y: 0, w: 12, h: 8 };
    const values =
      panel.repeat === undefined || panel.type === 'row' ? [undefined] : (own.get(panel.repeat)?.values ?? []);
    const list = values.length === 0 ? [undefined] : values;
    const width = list[0] === undefined ? w : Math.max(24 / list.length, 24 / (panel.maxPerRow ?? 4));
    const perRow = Math.max(1, Math.floor(24 / width));
    list.forEach((value, n) => {
      const down = panel.repeatDirection === 'v';
      const place =
        value === undefined || down
          ? { x, y: y + (down ? n * h : 0), w }
          : { x: (n % perRow) * width, y: y + Math.floor(n / perRow) * h, w: width };
      const scope =
        value === undefined || panel.repeat === undefined
          ? own
          : new Map([...own, [panel.repeat, { values: [value], many: true }]]);
      const id = given.get(panel) ?? panel.id ?? next++;
      // The first copy keeps the id; two panels of a file with one id keep it both.
      const again = used.has(`${id} ${everything.indexOf(panel)}`);
      used.add(`${id} ${everything.indexOf(panel)}`);
      places.push({
        ...place,
        id: again ? next++ : id,
        panel,
        copy: n,
        title: interpolated(panel.title ?? '', scope),
        y: place.y + dy,
        h,
        row: panel.type === 'row',
        variables: scope,
        ...(closedIn !== undefined && { closedIn }),
      });
    });
    const lines = panel.repeatDirection === 'v' ? list.length - 1 : Math.ceil(list.length / perRow) - 1;
    return list[0] === undefined ? 0 : lines * h;
  };
  for (let at = 0; at < top.length; at++) {
    const panel = top[at];
    if (!panel) continue;
    if (panel.type !== 'row') {
      shift += put(panel, variables, shift);
      continue;
    }
    const inside = panel.collapsed === true ? (panel.panels ?? []) : [];
    while (panel.collapsed !== true && top[at + 1] && top[at + 1]?.type !== 'row') inside.push(top[++at] as Repeating);
    const height =
      1 +
      Math.max(0, ...inside.map((one) => (one.gridPos?.y ?? 0) + (one.gridPos?.h ?? 8) - (panel.gridPos?.y ?? 0) - 1));
    const values = panel.repeat === undefined ? [undefined] : (variables.get(panel.repeat)?.values ?? [undefined]);
    values.forEach((value, n) => {
      const scope =
        value === undefined || panel.repeat === undefined
          ? variables
          : new Map([...variables, [panel.repeat, { values: [value], many: true }]]);
      put({ ...panel, gridPos: { x: 0, y: panel.gridPos?.y ?? 0, w: 24, h: 1 } }, scope, shift + n * height);
      const closed = panel.collapsed === true ? places.at(-1)?.id : undefined;
      for (const one of inside) put(one, scope, shift + n * height, closed);
    });
    shift += (values.length - 1) * height + (panel.collapsed === true ? height - 1 : 0);
  }
  let x = 0;
  for (const panel of old) {
    put({ ...panel, gridPos: { x, y: 1, w: 12, h: 8 } }, variables, 0);
    x = (x + 12) % 24;
  }
  return places;
}
