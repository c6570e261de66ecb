export * from './data.ts';
export * from './model.ts';
