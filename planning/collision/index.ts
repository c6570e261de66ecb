export * from './convex.ts';
export * from './gjk.ts';
export { HELD } from './link_shapes.ts';
export * from './world.ts';
