export * from './convex.ts';
export * from './gjk.ts';
export { HELD } from './link_shapes.ts';
export type { Proximity } from './proximity.ts';
export * from './world.ts';
