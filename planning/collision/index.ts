export * from './convex.ts';
export * from './gjk.ts';
export * from './world.ts';
