export { escapeHtml, Html, html, scriptJson } from './escape.ts';
export { type PageParts, reportAsset, selfContainedPage } from './page.ts';
export { renderReport } from './render_report.ts';
