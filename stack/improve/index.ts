export { type CanaryReport, flyCanary } from './canary.ts';
export { improvePolicy } from './improve_policy.ts';
export { DEFAULT_IMPROVE_RECIPE, type ImproveRecipe } from './recipe.ts';
export type { ImproveRecord, TurnOutcome } from './record.ts';
export type { ImproveEvents, ImprovePhase, ImproveSetting } from './turn.ts';
