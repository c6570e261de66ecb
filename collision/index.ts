export * from './convex.ts';
export * from './gjk.ts';
export { HELD } from './link_shapes.ts';
export { createProximity, type Proximity, ProximityTable } from './proximity.ts';
export { SignedDistance } from './signed_distance.ts';
export * from './world.ts';
