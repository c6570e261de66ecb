export { rosBase } from './base.ts';
export { baseFinding, examineRos, type RosExamination, type RosFinding } from './examine.ts';
export { findRos, type RosInstallation, rosEnvironment, withoutSharedMemory } from './installation.ts';
export { isHeld, tryTake, withFileLock } from './lock.ts';
export { FASTDDS_PROFILE, rosHome, type Variables } from './places.ts';
export { type SetupOptions, setupRos, wheelsQuestion } from './setup.ts';
export { removeDeadSegments, sharedMemory } from './shared_memory.ts';
export type { SetupProgress } from './steps.ts';
