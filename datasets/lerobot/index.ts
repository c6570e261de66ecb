export * from './export_lerobot.ts';
export type { ExportReport } from './export_report.ts';
export * from './import_lerobot.ts';
export { type NumberEpisode, type NumberSet, readNumberSet } from './number_rows.ts';
export { findVideoEncoder, hasFfmpeg, measureEncoder, type VideoEncoder } from './video_encoder.ts';
export * from './video_source.ts';
