/**
 * What Grafana's panels write in place of a picture where they have nothing to draw, from 8.5 on. Source: PanelDataErrorView,
 * prepareTimelineFields, prepareGraphableFields, barchart, histogram, heatmap and candlestick of its sources; most were met in 9.3.2.
 */
const nothings = [
  'no data',
  'no data in response',
  'no graphable fields',
  'no histogram found in response',
  'no numeric fields found',
  'no string or time field found',
  'no trace found in response',
  'no series found',
  'no heatmap fields found',
  'data is missing a number field',
  'data is missing a time field',
  'data is missing a string field',
  'data does not have a time field',
  'data does not have a number field',
  'cannot visualize data',
  'unable to render data',
  'unable to graph data',
  'missing time field',
  'too many points to visualize properly',
  'bar charts requires a string or time field',
  'bar charts require a string or time field',
  'configured x field not found',
  'no x field found',
  'no y field found',
  'err: no data',
];

const plain = (text: string): string => text.trim().replace(/\s+/g, ' ').replace(/[.!]$/, '').toLowerCase();

/** Does a panel's whole text say that there is nothing to show? A text that merely contains such words is data. */
export function saysNothing(text: string): boolean {
  const said = plain(text);
  return nothings.some(
    (one) =>
      said === one ||
      (one.startsWith('too many points') && said.startsWith(one)) ||
      (one.startsWith('configured x') && said.startsWith(one)),
  );
}
