export { type BatchEvents, type BatchOptions, type BatchResult, runBatch } from './batch.ts';
export * from './calibration/index.ts';
export { type CellAdditions, SimCell } from './cell.ts';
export { checkRun } from './check_run.ts';
export { DEFAULT_ENVIRONMENT_OPTIONS, Environment, type EnvironmentOptions } from './env/index.ts';
export { EpisodeRunner } from './episode.ts';
export { ExampleWriter } from './escalation/example_writer.ts';
export {
  type FiledQuestion,
  fileAnswer,
  filedQuestions,
  QUESTIONS_FOLDER,
  refusalIn,
} from './escalation/question_files.ts';
export { QuestionFolder } from './escalation/question_folder.ts';
export * from './improve/index.ts';
export * from './learned/index.ts';
export {
  CameraThread,
  type CameraThreadEvents,
  type LiveCellOptions,
  LockStepHost,
  liveCellOptions,
  SimNode,
  type SimNodeOptions,
} from './live/index.ts';
export { createLog, LOG_LEVELS, type LogLevel } from './log.ts';
export { type MainJobResult, runMainJob } from './main_job.ts';
export * from './models/index.ts';
export { BusPlace, CellPlace, type OpenPolicy, openOffered, openOnRobot, PolicyNode } from './offered/index.ts';
export * from './options.ts';
export * from './outcome.ts';
export { Pacer } from './pace.ts';
export { checkMaskRules, createPictureMask, type PeopleManifest, peopleManifest } from './people_detector.ts';
export { createPolicyFactory, type Policy, type PolicyFactory } from './policies/index.ts';
export { type OnnxPolicy, openOnnxPolicy } from './policies/onnx_policy.ts';
export {
  envelopeSha256,
  type FittingPolicy,
  fitTaskPolicy,
  manifestFileOf,
  readTaskPolicy,
  type TaskPolicyModel,
} from './policies/task_policy_file.ts';
export { CONTROL_HZ } from './rates.ts';
export { type ReplayBatch, readWorldRecords, replayOf } from './read_worlds.ts';
export { armAttachments, jsonAttachment } from './recording_attachments.ts';
export * from './replay/index.ts';
export { replayRecording } from './replay_recording.ts';
export { RobotStatePublisher } from './robot_state_publisher.ts';
export * from './robustness/index.ts';
export { safetyReportOf } from './safety_report.ts';
export * from './training/index.ts';
export * from './transfer/index.ts';
export { type RunVerdict, type VerifiedLog, verifyLogFile, verifyRun } from './verify_run.ts';
export { packageVersions } from './versions.ts';
export { drawUnrecordedWorld, parseWorldRecord, type WorldRecord, worldRecord } from './world_record.ts';
