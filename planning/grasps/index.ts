export * from './contact_pair.ts';
export * from './grasps_from_pairs.ts';
export * from './hand_poses.ts';
export * from './hold.ts';
export * from './pairs_from_cloud.ts';
export * from './pairs_from_hull.ts';
export * from './pairs_from_shape.ts';
export * from './surface_cloud.ts';
