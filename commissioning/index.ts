export * from './state_stream.ts';
export * from './stop_response.ts';
export * from './wiring.ts';
