import { allPanels, type DoubleBoard, type DoublePanel } from './options.ts';

/** The same dashboard as a resource of schema v2. */
export function resourceOf(board: DoubleBoard, from: string): unknown {
  return {
    apiVersion: 'dashboard.grafana.app/v2beta1',
    kind: 'Dashboard',
    metadata: {
      name: board.uid,
      annotations:
        from === '' ? {} : { 'grafana.app/managedBy': 'classic-file-provisioning', 'grafana.app/sourcePath': from },
    },
    spec: {
      title: board.title,
      elements: Object.fromEntries(
        allPanels(board).map((panel) => [
          `panel-${panel.id}`,
          {
            kind: 'Panel',
            spec: {
              id: panel.id,
              title: panel.title,
              vizConfig: { kind: 'VizConfig', group: panel.type, spec: { fieldConfig: { defaults: {} }, options: {} } },
              data: {
                kind: 'QueryGroup',
                spec: {
                  queries: (panel.targets ?? []).map(({ refId, ...spec }) => ({
                    kind: 'PanelQuery',
                    spec: {
                      refId,
                      hidden: false,
                      query: { kind: 'DataQuery', group: 'prometheus', datasource: { name: 'prometheus' }, spec },
                    },
                  })),
                },
              },
            },
          },
        ]),
      ),
      layout: layoutOf(allPanels(board)),
      variables: [],
      timeSettings: { from: 'now-15m', to: 'now' },
    },
  };
}

const gridOf = (panels: readonly DoublePanel[]): object => ({
  kind: 'GridLayout',
  spec: {
    items: panels.map((panel) => ({
      kind: 'GridLayoutItem',
      spec: {
        x: panel.gridPos?.x ?? 0,
        y: panel.gridPos?.y ?? 0,
        width: panel.gridPos?.w ?? 12,
        height: panel.gridPos?.h ?? 8,
        element: { kind: 'ElementReference', name: `panel-${panel.id}` },
      },
    })),
  },
});

/** A grid, or tabs of them where panels name tabs. Source: Grafana's TabsLayoutManager: one tab is shown at a time, the first at first. */
function layoutOf(panels: readonly DoublePanel[]): object {
  const tabs = [...new Set(panels.flatMap(({ tab }) => tab ?? []))];
  if (tabs.length === 0) return gridOf(panels);
  return {
    kind: 'TabsLayout',
    spec: {
      tabs: tabs.map((title) => ({
        kind: 'TabsLayoutTab',
        spec: { title, layout: gridOf(panels.filter(({ tab }) => tab === title)) },
      })),
    },
  };
}
