import { InputError } from '../../contracts/index.ts';
import type { ObservedFeature } from '../../control/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, type EnvironmentOptions, featureCatalogue } from '../env/index.ts';
import { STATE_FEATURES, type TrainingRecipe } from './recipe.ts';
import { VISION_FEATURES } from './vision_training.ts';

const ROBOT = 'panda';

export function trainedRobot(): Robot {
  return loadRobot(ROBOT);
}

/** The worlds of a training, and what is shown of them. */
export function environmentOf({ task, engine, randomize, disturb, around, eye }: TrainingRecipe): EnvironmentOptions {
  const worlds = { task, engine, randomize, disturb: disturb ?? null, around: around ?? null } as const;
  const world = { ...DEFAULT_ENVIRONMENT_OPTIONS, ...worlds, action: 'ee_delta' } as const;
  if (eye === null) return { ...world, observation: 'state' };
  return { ...world, observation: 'rgbd', image_width: eye.width, image_height: eye.height };
}

/** What the policy of a recipe is told, in order, beside its pictures. */
export function featuresOf({ task, eye }: Pick<TrainingRecipe, 'task' | 'eye'>): readonly ObservedFeature[] {
  const catalogue = featureCatalogue(trainedRobot(), { task, action: 'ee_delta' });
  return (eye === null ? STATE_FEATURES : VISION_FEATURES).map((name) => {
    const feature = catalogue.get(name);
    if (feature === undefined)
      throw new InputError(`feature ${name}`, `task ${task} has ${[...catalogue.keys()].join(', ')}`);
    return { name, size: feature.size, unit: feature.unit };
  });
}

/** Numbers that features fill. */
export function sizeOf(features: readonly ObservedFeature[]): number {
  return features.reduce((sum, { size }) => sum + size, 0);
}
