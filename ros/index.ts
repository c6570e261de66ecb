export * from './bus/index.ts';
export * from './channels.ts';
export * from './codec.ts';
export * from './definitions.ts';
export * from './lifecycle/index.ts';
export * from './mapping.ts';
export * from './mappings.ts';
export {
  auditCheckpointFromRos,
  escalationAnswerFromRos,
  escalationFromRos,
  fromRosDuration,
  fromRosTime,
  gateJournalFromRos,
  type RosTime,
  safetyStateFromRos,
  toRosDuration,
  toRosTime,
} from './messages/index.ts';
export * from './parameters/index.ts';
export { JPEG_QUALITY } from './picture_encoding.ts';
export {
  baseFinding,
  examineRos,
  findRos,
  type RosExamination,
  type RosFinding,
  type RosInstallation,
  removeDeadSegments,
  rosBase,
  rosEnvironment,
  type SetupProgress,
  setupRos,
  withoutSharedMemory,
} from './setup/index.ts';
