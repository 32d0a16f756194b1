import { z } from 'zod';
import { saysNothing } from '../formats/grafana/shown-words.ts';

/** What stands in the page's place of one panel, before it is judged. Coordinates in CSS pixels of the whole page. */
export const PanelFacts = z.object({
  key: z.string(),
  id: z.number(),
  title: z.string(),
  /** There is a panel's frame, whatever is in it. */
  section: z.boolean(),
  /** Its content holds something. */
  content: z.boolean(),
  /** Text of the content. */
  text: z.string(),
  /** What it says where it marks that there is nothing. */
  words: z.string(),
  /** Such a mark is there. */
  empty: z.boolean(),
  /** Length of the text of a table's header. */
  headed: z.number().optional(),
  error: z.string().optional(),
  alert: z.string().optional(),
  loading: z.boolean(),
  /** It lies in the window: what does not is not loaded yet. */
  seen: z.boolean(),
  /** Canvases, drawings and pictures. */
  drawn: z.number(),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
});
export type PanelFacts = z.infer<typeof PanelFacts>;

/** A panel as the page shows it. */
export const ShownPanel = z.object({
  id: z.number(),
  /** The page’s own name of it, which each copy of a repeated panel has for itself. */
  key: z.string().optional(),
  title: z.string(),
  /** `blank`: it is there, and shows nothing at all. */
  state: z.enum(['data', 'no-data', 'error', 'loading', 'blank', 'plugin-missing']),
  message: z.string(),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
});
export type ShownPanel = z.infer<typeof ShownPanel>;

/** What is known of a panel before its page is looked at. */
export interface PanelWanted {
  /** Its number in the dashboard: ids may be there twice. */
  index: number;
  id: number;
  /** The id of the panel of which it is a copy. */
  copyOf?: number;
  title: string;
  type: string;
  /** It asks for data. */
  asks: boolean;
  /** Words like "No data" are its own, or its data's. */
  ownWords: boolean;
  /** It has a colour of its own choice, which may be a grey. */
  coloured: boolean;
  /** The tab that hides it when the dashboard is opened. */
  tab?: string;
}

/** Kinds of panels that show nothing but a drawing: without one, and without a word, they are blank. */
const drawing = new Set(
  `timeseries graph trend barchart heatmap histogram state-timeline status-history candlestick
  xychart piechart geomap nodeGraph`.split(/\s+/),
);
/** Of these, the ones whose series are drawn in colours on a canvas. */
const inked = new Set('timeseries trend barchart histogram state-timeline status-history candlestick'.split(' '));

/** Does a table show a header and under it the words that there is nothing? */
const emptyTable = ({ headed, text }: PanelFacts): boolean =>
  headed !== undefined && headed < text.length && saysNothing(text.slice(headed));

/**
 * What a panel's place on the page means. Met in Grafana 9.3.2, by its own marks and words; later versions by their test ids.
 * @param ink what is on its canvases: '' where it has none or they were not looked at
 */
export function stateOf(
  facts: PanelFacts,
  wanted: PanelWanted | undefined,
  ink = '',
): Pick<ShownPanel, 'state' | 'message'> {
  const { alert, error, words, text } = facts;
  const asks = wanted?.asks !== false;
  if (facts.loading) return { state: 'loading', message: '' };
  if (alert !== undefined && /plugin not found|unable to load library panel/i.test(alert))
    return { state: 'plugin-missing', message: alert };
  if (asks && error !== undefined) return { state: 'error', message: error };
  if (asks && alert !== undefined) return { state: 'error', message: alert };
  if (!facts.content) return { state: 'loading', message: '' };
  if (!asks) return { state: 'data', message: '' };
  const own = wanted?.ownWords === true;
  if (!own && facts.empty) return { state: 'no-data', message: words };
  if (!own && words !== '') return { state: 'no-data', message: words };
  if (!own && saysNothing(text)) return { state: 'no-data', message: text };
  if (!own && emptyTable(facts)) return { state: 'no-data', message: 'a table without rows' };
  const type = wanted?.type ?? '';
  if (drawing.has(type) && facts.drawn === 0 && text === '') return { state: 'blank', message: 'nothing is drawn' };
  if (inked.has(type) && ink === 'none') return { state: 'blank', message: 'its canvas is empty' };
  if (inked.has(type) && ink === 'grey' && wanted?.coloured === false && text === '')
    return { state: 'blank', message: 'there are axes, and no series' };
  return { state: 'data', message: '' };
}

/** Which panel that was asked for each place of the page shows: by id and title, then by title, then by id. */
export function pairs<W extends PanelWanted, S extends { id: number; title: string }>(
  wanted: readonly W[],
  shown: readonly S[],
): { of: Map<S, W>; missing: W[] } {
  const of = new Map<S, W>();
  const open = new Set(wanted);
  const take = (fits: (panel: W, place: S) => boolean): void => {
    for (const place of shown) {
      if (of.has(place)) continue;
      for (const panel of open)
        if (fits(panel, place)) {
          of.set(place, panel);
          open.delete(panel);
          break;
        }
    }
  };
  const named = (panel: W, place: S): boolean => panel.title.trim() === place.title.trim();
  take((panel, place) => panel.id === place.id && named(panel, place));
  take((panel, place) => panel.title !== '' && named(panel, place));
  take((panel, place) => panel.id === place.id);
  // From 11.3 on all copies bear the id of the panel in the file.
  take((panel, place) => panel.copyOf === place.id);
  take(named);
  return { of, missing: [...open] };
}
