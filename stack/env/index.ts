export type { EpisodeStatus } from './driven_cell.ts';
export { Environment } from './environment.ts';
export type { FeatureObserver } from './feature_observer.ts';
export { checkFeatures, type Feature, featureCatalogue, featureLayout } from './features.ts';
export { DEFAULT_ENVIRONMENT_OPTIONS, type EnvironmentOptions, environmentOptions } from './options.ts';
