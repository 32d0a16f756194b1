import type { Panel } from './board-model.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';

/** Kinds of panels that leave out series which `hideFrom.viz` names. */
const hiding = new Set(
  `timeseries trend barchart piechart histogram candlestick heatmap xychart state-timeline
  status-history`.split(/\s+/),
);

const hides = (value: unknown): boolean | undefined => {
  const { viz } = objectOf(value);
  return typeof viz === 'boolean' ? viz : undefined;
};

const set = (override: JsonObject): boolean | undefined => {
  for (const property of listOf(override['properties']).map(objectOf))
    if (property['id'] === 'custom.hideFrom') return hides(property['value']);
    else if (property['id'] === 'custom.hideFrom.viz' && typeof property['value'] === 'boolean')
      return property['value'];
  return undefined;
};

/**
 * Does a panel hide every series that it has? `names` are theirs, as Grafana shows them; where one is renamed by the panel, or an
 * override's matcher is of another kind than the known ones, the answer is no.
 */
export function hidesEverySeries(panel: Panel, names: readonly string[]): boolean {
  if (!hiding.has(panel.type)) return false;
  let hidden = names.map(() => hides(panel.custom['hideFrom']) === true);
  if (names.length === 0) return false;
  for (const override of panel.overrides) {
    const value = set(override);
    if (value === undefined) continue;
    const { id, options } = objectOf(override['matcher']);
    const matched = names.map((name) => matches(textOf(id), options, name, panel));
    if (matched.some((one) => one === undefined)) return false;
    hidden = hidden.map((one, n) => (matched[n] === true ? value : one));
  }
  return hidden.every(Boolean);
}

/** Does it hide every series, whatever its names are, from the picture and from the legend? */
export function hidesWhateverComes(panel: Panel): boolean {
  const named = panel.overrides.flatMap(({ matcher }) => {
    const { options } = objectOf(matcher);
    return [textOf(options), ...listOf(objectOf(options)['names']).map(textOf)];
  });
  const inLegend = JSON.stringify([panel.custom['hideFrom'], panel.overrides]).includes('"legend":false');
  return !inLegend && hidesEverySeries(panel, ['of any name', ...named]);
}

/** Source of the matchers: grafana-data, fieldMatchers. undefined: not known here. */
function matches(id: string, options: unknown, name: string, panel: Panel): boolean | undefined {
  // What renames a series makes its name another than the one at hand.
  const renamed =
    panel.transformations.length > 0 ||
    panel.overrides.some((one) => listOf(one['properties']).some((own) => objectOf(own)['id'] === 'displayName'));
  if (id === 'byType') return options === 'number';
  if (renamed) return undefined;
  if (id === 'byName') return name === options;
  if (id === 'byNames') {
    const { mode, names } = objectOf(options);
    const listed = listOf(names).includes(name);
    return mode === 'exclude' ? !listed : listed;
  }
  if (id !== 'byRegexp') return undefined;
  const text = textOf(options);
  const [, inner, flags] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  try {
    return new RegExp(inner ?? text, flags ?? '').test(name);
  } catch {
    return undefined;
  }
}
