export * from './episode_recorder.ts';
export * from './manifest.ts';
export * from './mcap_file.ts';
export * from './read_recording.ts';
export * from './report/index.ts';
export * from './run_record.ts';
export * from './safety_record.ts';
