export * from './episode_recorder.ts';
export * from './mcap_file.ts';
export * from './pictures.ts';
export * from './read_recording.ts';
export * from './roles.ts';
export * from './safety_record.ts';
export * from './series.ts';
export * from './summary.ts';
