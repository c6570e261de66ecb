export * from './export_lerobot.ts';
export type { ExportReport } from './export_report.ts';
export * from './video_encoder.ts';
