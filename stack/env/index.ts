export { Environment, type EpisodeStatus } from './environment.ts';
export { DEFAULT_ENVIRONMENT_OPTIONS, type EnvironmentOptions } from './options.ts';
