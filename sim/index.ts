export * from './arm.ts';
export * from './cannon/index.ts';
export * from './engine.ts';
export * from './render/index.ts';
export * from './scene.ts';
export * from './sensors/index.ts';
export * from './tasks/index.ts';
