export * from './containers.ts';
export * from './record.ts';
export * from './stage.ts';
