export { FREE_YAW, type PoseRegion, samplePoseRegion } from './pose_region.ts';
export * from './solver.ts';
