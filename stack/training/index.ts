export type { LossPoint, SuccessPoint, TrainingCurves } from './curves.ts';
export { curvesPage } from './curves_page.ts';
export {
  checkRecipe,
  commandOf,
  DEFAULT_RECIPE,
  STATE_FEATURES,
  stepsOf,
  TRAINING_METHODS,
  type TrainingMethod,
  type TrainingRecipe,
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
