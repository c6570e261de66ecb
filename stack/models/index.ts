export { modelNote, modelSources, ownModels } from './model_sources.ts';
export { signModel } from './sign_model.ts';
