export { type BatchEvents, type BatchOptions, type BatchResult, runBatch } from './batch.ts';
export { DEFAULT_ENVIRONMENT_OPTIONS, Environment, type EnvironmentOptions } from './env/index.ts';
export { EpisodeRunner } from './episode.ts';
export { type MainJobResult, runMainJob } from './main_job.ts';
export * from './options.ts';
export * from './outcome.ts';
export { type OnnxPolicy, openOnnxPolicy } from './policies/onnx_policy.ts';
export { type ReplayBatch, readWorldRecords, replayOf } from './read_worlds.ts';
export { parseWorldRecord, type WorldRecord, worldRecord } from './world_record.ts';
