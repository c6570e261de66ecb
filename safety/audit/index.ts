export { canonicalJson } from './canonical_json.ts';
export * from './checkpoint.ts';
export * from './entry.ts';
export * from './event.ts';
export * from './log.ts';
export * from './log_file.ts';
export * from './read_log.ts';
export * from './verify.ts';
