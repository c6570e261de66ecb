export * from './engine.ts';
export * from './render/index.ts';
export * from './scene.ts';
