import { InputError } from '../../contracts/index.ts';
import type { ObservedFeature } from '../../control/index.ts';
import { type NumberEpisode, type NumberSet, readNumberSet } from '../../datasets/index.ts';
import type { Demonstration } from '../../learning/index.ts';
import { actionNames } from '../env/actions.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS } from '../env/index.ts';
import { trainedRobot } from './told.ts';

const ACTION = 'action';
const ACTION_WIDTH = 5;
/** Where a set tells it, an episode succeeded if its last row does. */
const SUCCESS = 'next.success';

/**
 * Demonstrations of a LeRobot set whose features are a policy's: `observation.NAME` for every feature that it is told, and
 * `action` with the names of `ee_delta`, at the policy's rate. Units are the feature's own: such sets do not tell them.
 *
 * @throws InputError naming robot, rate, feature, size, order of the action or row that does not fit
 */
export async function readLerobotDemonstrations(
  folder: string,
  features: readonly ObservedFeature[],
): Promise<readonly Demonstration[]> {
  const set = await readNumberSet(folder);
  checkSet(set, features, folder);
  return set.episodes.map((episode) =>
    demonstrationOf(episode, features, `${folder}: episode ${episode.episode_index}`),
  );
}

function checkSet(set: NumberSet, features: readonly ObservedFeature[], folder: string): void {
  const robot = trainedRobot();
  const { policy_hz } = DEFAULT_ENVIRONMENT_OPTIONS;
  if (set.episodes.length === 0) throw new InputError(`${folder}: no episode`, 'at least one');
  if (set.robot !== '' && set.robot !== robot.name)
    throw new InputError(`${folder}: robot_type ${set.robot}`, robot.name);
  if (set.fps !== policy_hz) throw new InputError(`${folder}: fps ${set.fps}`, `${policy_hz}, the rate of the policy`);
  for (const { name, size, unit } of features) {
    const found = set.features.get(keyOf(name));
    const wanted = `${size} numbers${unit === '' ? '' : ` in ${unit}`}`;
    if (found === undefined) throw new InputError(`${folder}: no feature ${keyOf(name)}`, wanted);
    if (found.width !== size) throw new InputError(`${folder}: ${keyOf(name)} of ${found.width} numbers`, wanted);
  }
  const names = actionNames('ee_delta', robot).join(', ');
  const found = set.features.get(ACTION);
  if (found?.names?.join(', ') !== names)
    throw new InputError(`${folder}: ${ACTION} ${found?.names?.join(', ') ?? 'without names'}`, names);
}

const keyOf = (feature: string): string => `observation.${feature}`;

function demonstrationOf(
  { rows, numbers }: NumberEpisode,
  features: readonly ObservedFeature[],
  where: string,
): Demonstration {
  const size = features.reduce((sum, feature) => sum + feature.size, 0);
  const observations = new Float32Array(rows * size);
  let at = 0;
  for (const feature of features) {
    const values = column(numbers, keyOf(feature.name), rows * feature.size, where);
    for (let row = 0; row < rows; row++)
      observations.set(values.subarray(row * feature.size, (row + 1) * feature.size), row * size + at);
    at += feature.size;
  }
  const actions = column(numbers, ACTION, rows * ACTION_WIDTH, where);
  const beyond = actions.findIndex((value) => Math.abs(value) > 1);
  if (beyond >= 0)
    throw new InputError(
      `${where}: ${ACTION} ${actions[beyond]} in row ${Math.floor(beyond / ACTION_WIDTH)}`,
      '-1 to 1',
    );
  return {
    ...{ length: rows, observations, actions: Float32Array.from(actions), followed: new Uint8Array(rows).fill(1) },
    success: (numbers.get(SUCCESS)?.at(-1) ?? 1) !== 0,
  };
}

function column(numbers: NumberEpisode['numbers'], key: string, count: number, where: string): Float64Array {
  const values = numbers.get(key);
  if (values?.length !== count) throw new InputError(`${where}: ${key}`, 'in every row');
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new InputError(`${where}: ${key} ${values[wrong]}`, 'finite numbers');
  return values;
}
