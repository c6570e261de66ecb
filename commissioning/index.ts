export * from './state_stream.ts';
export * from './wiring.ts';
