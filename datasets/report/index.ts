export { renderReport } from './render_report.ts';
