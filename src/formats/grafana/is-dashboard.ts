import { type JsonObject, listOf, objectOf, textOf } from '../data/json-parts.ts';

/** Is a JSON document a dashboard, by what it holds? For files that nobody has named as one. */
export const isDashboard = (root: JsonObject): boolean =>
  textOf(root['apiVersion']).startsWith('dashboard.grafana.app/') ||
  ('elements' in root && 'layout' in root) ||
  ('title' in root && (Array.isArray(root['panels']) || Array.isArray(root['rows'])) && 'schemaVersion' in root) ||
  ('title' in root && Array.isArray(root['panels']) && ('templating' in root || 'uid' in root || 'time' in root));

/** Panels of a dashboard, rows left out, those in folded rows included. */
export function countPanels(root: JsonObject): number {
  if ('elements' in root) return Object.keys(objectOf(root['elements'])).length;
  const spec = objectOf(root['spec']);
  if (Object.keys(spec).length > 0) return countPanels(spec);
  const nested = [...listOf(root['panels']), ...listOf(root['rows'])].map(objectOf);
  return nested.reduce(
    (sum, one) => sum + (one['type'] === 'row' || !('type' in one) ? 0 : 1) + ('panels' in one ? countPanels(one) : 0),
    0,
  );
}
