// What src/evidence/charts.ts imports of ECharts, for test/transform.cjs to bundle into one file.
export { LineChart } from "echarts/charts";
export { GridComponent } from "echarts/components";
export { init, use } from "echarts/core";
export { SVGRenderer } from "echarts/renderers";
