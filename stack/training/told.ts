import { InputError } from '../../contracts/index.ts';
import type { ObservedFeature } from '../../control/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, type EnvironmentOptions, featureCatalogue } from '../env/index.ts';
import { ARM_FEATURES, OBJECT_FEATURES, type TrainingRecipe } from './recipe.ts';
import { FOR_THE_EYE } from './vision_training.ts';

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

type Telling = Pick<TrainingRecipe, 'task' | 'eye' | 'senses'>;

/** What the policy of a recipe is told, in order, beside its pictures. Throws InputError naming a sense that cannot be. */
export function featuresOf(recipe: Telling): readonly ObservedFeature[] {
  const { eye, senses = [] } = recipe;
  return eye === null ? taughtFeaturesOf(recipe) : known(recipe, [...FOR_THE_EYE, ...ARM_FEATURES, ...senses]);
}

/** What the network that is trained is told, in order: the state, in whose place what an eye says may come. */
export function taughtFeaturesOf(recipe: Telling): readonly ObservedFeature[] {
  return known(recipe, [...ARM_FEATURES, ...(recipe.senses ?? []), ...OBJECT_FEATURES]);
}

function known({ task, senses = [] }: Telling, names: readonly string[]): readonly ObservedFeature[] {
  const catalogue = featureCatalogue(trainedRobot(), { task, action: 'ee_delta' });
  const others = [...FOR_THE_EYE, ...ARM_FEATURES].map(String);
  const free = [...catalogue.values()].filter(({ name, told }) => told === 'robot' && !others.includes(name));
  senses.forEach((sense, k) => {
    if (free.every(({ name }) => name !== sense) || senses.indexOf(sense) < k)
      throw new InputError(`sense '${sense}'`, `each once, of ${free.map(({ name }) => name).join(', ')}`);
  });
  return names.map((name) => {
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
