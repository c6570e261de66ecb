export { type ChartData, type ChartSeries, chart, chartScript } from './chart.ts';
export { escapeHtml, Html, html, scriptJson } from './escape.ts';
export { type PageParts, reportAsset, selfContainedPage } from './page.ts';
export { renderReport } from './render_report.ts';
export { renderSafetyReport, type SafetyEvent, type SafetyReport, type SafetySeries } from './safety_report.ts';
