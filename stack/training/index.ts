export type { LossPoint, SuccessPoint, TrainingCurves } from './curves.ts';
export { curvesPage } from './curves_page.ts';
export {
  type FineTuningEvents,
  type FineTuningReport,
  type FineTuningSetting,
  fineTunePolicy,
} from './fine_tune.ts';
export { DEFAULT_FINE_TUNING, type FineTuningRecipe } from './fine_tuning_recipe.ts';
export { importedHash } from './imported_demonstrations.ts';
export { type Rebuild, type RebuildSetting, rebuildPolicy } from './rebuild_policy.ts';
export {
  checkRecipe,
  commandOf,
  DEFAULT_RECIPE,
  kindOf,
  POLICY_KINDS,
  TRAINING_METHODS,
  type TrainingMethod,
  type TrainingRecipe,
  VISION_RECIPE,
} from './recipe.ts';
export { type Segment, segmentsOf } from './segments.ts';
export {
  curvesFileOf,
  type TrainingEvents,
  type TrainingReport,
  type TrainingSetting,
  trainingFolderOf,
  trainPolicy,
} from './train_policy.ts';
