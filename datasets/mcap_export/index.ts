export { exportMcap, type McapExport, type McapExported } from './export_mcap.ts';
