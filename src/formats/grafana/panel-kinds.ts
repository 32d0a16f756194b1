/** Kinds that Grafana itself turns into another one when it opens a dashboard. Source: its DashboardMigrator and autoMigrateAngular. */
const migrated = new Set([
  'row',
  'graph',
  'singlestat',
  'table-old',
  'text2',
  'piechart-v2',
  'heatmap-new',
  'graph2',
  'bargauge2',
  'grafana-singlestat-panel',
  'grafana-piechart-panel',
  'grafana-worldmap-panel',
]);

/** Can a Grafana that has these kinds show a panel of that one? A panel without a type comes from elsewhere. */
export const hasKind = (kinds: ReadonlySet<string>, kind: string): boolean =>
  kind === '' || kinds.has(kind) || migrated.has(kind);

/** Types of panel that show nothing without a query; others (text, lists, plugins) may. */
export const showsData = new Set(
  `timeseries graph stat gauge bargauge table table-old singlestat heatmap histogram piechart barchart state-timeline
  status-history xychart trend candlestick logs traces flamegraph nodeGraph geomap grafana-piechart-panel`.split(/\s+/),
);
