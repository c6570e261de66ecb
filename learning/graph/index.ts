export * from './adam.ts';
export * from './graph.ts';
export * from './parameters.ts';
export * from './tape.ts';
