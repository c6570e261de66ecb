export * from './file.ts';
export * from './manifest.ts';
export * from './run_history.ts';
export * from './run_record.ts';
