export * from './run_record.ts';
