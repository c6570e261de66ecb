export { type IkAnswer, IkCases, type IkTarget, ikFile, targetOf } from './ik_cases.ts';
export * from './ik_options.ts';
export { FREE_YAW, type PoseRegion, samplePoseRegion } from './pose_region.ts';
export * from './solver.ts';
