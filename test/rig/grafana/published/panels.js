/** A dashboard of scenes with a panel in each state: what Grafana's own components draw is kept by scripts/grafana-panels.ts. */
import { EventBusSrv, FieldType, LoadingState, PanelPlugin, getDefaultTimeRange, toDataFrame } from '@grafana/data';
import { setAppEvents, setPluginImportUtils } from '@grafana/runtime';
import {
  EmbeddedScene,
  SceneDataNode,
  SceneGridItem,
  SceneGridLayout,
  SceneGridRow,
  SceneTimeRange,
  VizPanel,
  sceneUtils,
} from '@grafana/scenes';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router-dom';

setAppEvents(new EventBusSrv());
// As Grafana's own loader does: a kind of panel that it does not know is an error.
setPluginImportUtils({
  importPanelPlugin: (id) => Promise.reject(new Error(`Plugin ${id} not found`)),
  getPanelPluginFromCache: () => undefined,
});
const drawn = ({ options }) => {
  if (options.crash) throw new Error('Cannot read properties of undefined');
  return createElement('div', {}, createElement('canvas'));
};
sceneUtils.registerRuntimePanelPlugin({ pluginId: 'drawn', plugin: new PanelPlugin(drawn) });

const series = [
  toDataFrame({
    fields: [
      { name: 'Time', type: FieldType.time, values: [1, 2] },
      { name: 'Value', type: FieldType.number, values: [1, 2] },
    ],
  }),
];
const data = (state, more = {}) =>
  new SceneDataNode({ data: { state, series, timeRange: getDefaultTimeRange(), ...more } });
const panel = (id, title, state = data(LoadingState.Done), more = {}) =>
  new SceneGridItem({
    x: ((id - 1) % 2) * 12,
    y: Math.floor((id - 1) / 2) * 6,
    width: 12,
    height: 6,
    body: new VizPanel({
      key: `panel-${id}`,
      title,
      pluginId: 'drawn',
      options: {},
      fieldConfig: { defaults: {}, overrides: [] },
      $data: state,
      ...more,
    }),
  });
const refused = { series: [], errors: [{ message: 'parse error' }], error: { message: 'parse error' } };
const scene = new EmbeddedScene({
  $timeRange: new SceneTimeRange({}),
  body: new SceneGridLayout({
    children: [
      panel(1, 'Drawn'),
      panel(2, 'Loading', data(LoadingState.Loading)),
      panel(3, 'Refused', data(LoadingState.Error, refused)),
      panel(4, 'Of no plugin', undefined, { pluginId: 'acme-widget-panel' }),
      panel(5, 'Crash', undefined, { options: { crash: true } }),
      panel(6, ''),
      panel(7, 'Header on hover', undefined, { hoverHeader: true }),
      panel(8, 'Streaming', data(LoadingState.Streaming)),
      panel(9, 'Described', undefined, { description: 'Words' }),
      new SceneGridRow({ title: 'Closed', isCollapsed: true, y: 40, children: [panel(20, 'In the row')] }),
    ],
  }),
});
createRoot(document.querySelector('#root')).render(
  createElement(BrowserRouter, {}, createElement(scene.Component, { model: scene })),
);
