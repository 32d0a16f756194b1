import { BarChart, GaugeChart, HeatmapChart, LineChart, PieChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, VisualMapComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { LegacyGridContainLabel } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';

use([
  LineChart,
  BarChart,
  GaugeChart,
  HeatmapChart,
  PieChart,
  GridComponent,
  MarkLineComponent,
  VisualMapComponent,
  SVGRenderer,
  LegacyGridContainLabel,
]);

/**
 * Draws an ECharts option as SVG text, by ECharts' server-side rendering: without a browser or a script in the page. Of ECharts the
 * build takes what is named here, so that the package does not depend on its 62 MB.
 * @param size in CSS pixels
 */
export function drawChart(option: EChartsCoreOption, { width, height }: { width: number; height: number }): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, useUTC: true, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
