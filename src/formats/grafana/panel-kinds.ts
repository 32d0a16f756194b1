/** Kinds that Grafana itself turns into another one when it opens a dashboard. Source: its DashboardMigrator and autoMigrateAngular. */
const migrated = new Set(
  `row graph singlestat table-old text2 piechart-v2 heatmap-new graph2 bargauge2
  grafana-singlestat-panel grafana-piechart-panel grafana-worldmap-panel`.split(/\s+/),
);

/**
 * Kinds that Grafana's own images bring. Met in 9.3.2: the list of its pages; others are after the folders of
 * public/app/plugins/panel of its sources, with the version in which they came, as [major, minor].
 */
const brought: Readonly<Record<string, readonly [number, number]>> = {
  ...Object.fromEntries(
    'alertGroups alertlist annolist barchart bargauge candlestick canvas dashlist debug flamegraph gauge geomap gettingstarted heatmap histogram homelinks icon live logs news nodeGraph piechart pluginlist stat state-timeline status-history table text timeseries traces welcome xychart'
      .split(' ')
      .map((kind) => [kind, [0, 0]] as const),
  ),
  trend: [9, 4],
  datagrid: [9, 4],
};

/** Does an image of Grafana bring this kind of panel? @param version undefined: any */
export function bringsKind(kind: string, version: readonly [number, number] | undefined): boolean {
  if (kind === '' || migrated.has(kind)) return true;
  const since = Object.hasOwn(brought, kind) ? brought[kind] : undefined;
  if (!since) return false;
  return version === undefined || version[0] > since[0] || (version[0] === since[0] && version[1] >= since[1]);
}

/** Can a Grafana that has these kinds show a panel of that one? A panel without a type comes from elsewhere. */
export const hasKind = (kinds: ReadonlySet<string>, kind: string): boolean =>
  kind === '' || kinds.has(kind) || migrated.has(kind);

/** Types of panel that show nothing without a query; others (text, lists, plugins) may. */
export const showsData = new Set(
  `timeseries graph stat gauge bargauge table table-old singlestat heatmap histogram piechart barchart state-timeline
  status-history xychart trend candlestick logs traces flamegraph nodeGraph geomap grafana-piechart-panel`.split(/\s+/),
);
