// Prometheus decodes rule files strictly: an unknown key refuses the file (model/rulefmt).
export const topKeys = new Set(['groups', 'namespace']);
export const groupKeys = new Set(
  'name interval query_offset limit rules labels partial_response_strategy source_tenants'.split(' '),
);
// Source: Prometheus's CHANGELOG.
export const since: Record<string, readonly [number, number]> = {
  keep_firing_for: [2, 42],
  query_offset: [2, 53],
  limit: [2, 31],
};
export const ruleKeys = new Set(['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations']);
