export { modelNote, modelSources, ownModels } from './model_sources.ts';
