import type { ExportFormat, ImportFormat } from './format.ts';
import { lerobotExport } from './lerobot_export.ts';
import { lerobotImport } from './lerobot_import.ts';
import { mcapExport } from './mcap_export.ts';
import { rosbag2Import } from './rosbag2_import.ts';

/** Formats that datasets go to; one file each. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [lerobotExport, mcapExport];

/** Formats that datasets come from; one file each. */
export const IMPORT_FORMATS: readonly ImportFormat[] = [lerobotImport, rosbag2Import];
