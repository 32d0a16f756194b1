import type { Panel } from '../formats/grafana/board-model.ts';
import { numberOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { colorOf, formatValue } from '../formats/grafana/units.ts';
import { thresholdColor } from './look.ts';

/** What the first mapping that fits makes of a number. Source: grafana-data's getValueMappingResult, and the mappings of Grafana 7. */
function mappedTo(mappings: Panel['mappings'], value: number | null): Record<string, unknown> | undefined {
  for (const mapping of mappings) {
    const options = objectOf(mapping['options']);
    switch (mapping['type']) {
      case 'value':
        if (String(value) in options) return objectOf(options[String(value)]);
        break;
      case 'special':
        if (fitsSpecial(textOf(options['match']), value)) return objectOf(options['result']);
        break;
      case 'range':
        if (within(value, options['from'], options['to'])) return objectOf(options['result']);
        break;
      case 1:
        if (String(value) === String(mapping['value'])) return mapping;
        break;
      case 2:
        if (within(value, mapping['from'], mapping['to'])) return mapping;
        break;
      default:
    }
  }
  return undefined;
}

const within = (value: number | null, from: unknown, to: unknown): boolean =>
  value !== null &&
  value >= (numberOf(from) ?? Number(from ?? -Infinity)) &&
  value <= (numberOf(to) ?? Number(to ?? Infinity));

const fitsSpecial = (match: string, value: number | null): boolean =>
  (value === null && /null|empty/.test(match)) || (Number.isNaN(value) && match.includes('nan'));

/** The text and the colour in which a panel shows a value: those of its mappings, else of its unit and thresholds. */
export function shownValue(panel: Panel, value: number | null): { text: string; color: string } {
  const mapped = mappedTo(panel.mappings, value);
  return {
    text: textOf(mapped?.['text']) || formatValue(value, panel.unit, panel.decimals),
    color: textOf(mapped?.['color']) === '' ? thresholdColor(panel, value) : colorOf(textOf(mapped?.['color'])),
  };
}
