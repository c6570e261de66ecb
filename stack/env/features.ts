import { InputError, type TaskGoal } from '../../contracts/index.ts';
import type { ObservedFeature } from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import { createTask } from '../../sim/index.ts';
import { type ActionKind, actionNames } from './actions.ts';
import { type ObservationLayout, proprioceptionLayout, stateLayout } from './layout.ts';

/** Something that a policy can be told, by name. */
export interface Feature extends ObservedFeature {
  readonly describe: string;
  /** `robot`: the robot's own sensors and its task say it; `state`: only who knows the state of the world can. */
  readonly told: 'robot' | 'state';
}

/** What is worked out beside the observation vector; see FeatureObserver. Names of the wanted object's own fields follow. */
export const DERIVED_FEATURES = {
  tool_yaw: robot(2, '1', "sine and cosine of the direction of the tool's y axis, along which the fingers close"),
  commanded_offset: robot(3, 'm', 'where the tool is sent less where it is, axes of the world'),
  commanded_turn: robot(1, 'rad', 'yaw that the tool is sent to less the one it has'),
  wanted_gap: state(1, 'm', "the wanted object's lowest point over the table"),
  grasp_offset: state(3, 'm', 'where the tool takes the wanted object less where it is, axes of the world'),
  grasp_turn: state(1, 'rad', 'yaw at which it is taken less the yaw of the tool'),
  grasp_width: state(1, 'm', 'distance between the fingers that hold it'),
  travel_offset: state(1, 'm', 'height at which the empty tool passes over everything less its height'),
  carry_offset: state(1, 'm', 'height at which the held object passes over everything less its height'),
  neighbour_offset: state(3, 'm', "nearest other object's centre less the wanted one's, axes of the world; 0 if alone"),
  neighbour_size: state(3, 'm', 'its full sizes along its own axes; 0 if there is none'),
} as const satisfies Readonly<Record<string, Omit<Feature, 'name'>>>;
export type DerivedFeature = keyof typeof DERIVED_FEATURES;

export interface FeatureOptions {
  readonly task: TaskGoal['task'];
  readonly action: ActionKind;
}

/** Every feature that a policy for a task can be told, by name. */
export function featureCatalogue(arm: Robot, { task, action }: FeatureOptions): ReadonlyMap<string, Feature> {
  const all: Feature[] = [];
  const { fields } = proprioceptionLayout(arm, task);
  for (const { name, size, describe } of fields) all.push({ name, size, unit: unitOf(name), describe, told: 'robot' });
  for (const { name, size, describe } of featureLayout(arm, task).fields) {
    if (!all.some((one) => one.name === name)) all.push({ name, size, unit: unitOf(name), describe, told: 'state' });
    if (task !== 'pick-place' || !name.startsWith(FIRST)) continue;
    const wanted = `wanted_${name.slice(FIRST.length)}`;
    if (wanted === 'wanted_class' || wanted === 'wanted_present' || wanted === 'wanted_wanted') continue;
    all.push({ name: wanted, size, unit: unitOf(name), describe: `of the wanted object: ${describe}`, told: 'state' });
  }
  for (const [name, feature] of Object.entries(DERIVED_FEATURES)) {
    if (feature.told === 'robot' || task === 'pick-place') all.push({ name, ...feature });
  }
  const size = actionNames(action, arm).length;
  all.push({
    name: 'previous_action',
    size,
    unit: '1',
    describe: 'as it was asked for, 0 before the first',
    told: 'robot',
  });
  return new Map(all.map((feature) => [feature.name, feature]));
}

/** The observation vector that features are taken from. */
export function featureLayout(arm: Robot, task: TaskGoal['task']): ObservationLayout {
  return stateLayout(arm, task, createTask(task).spec.objects[1]);
}

/** Holds features that a policy expects to those that there are; InputError names the first that differs. */
export function checkFeatures(
  wanted: readonly ObservedFeature[],
  catalogue: ReadonlyMap<string, Feature>,
  where: string,
): readonly Feature[] {
  return wanted.map(({ name, size, unit }, i) => {
    const known = catalogue.get(name);
    const place = `${where}: observation[${i}] ${name}`;
    if (known === undefined) throw new InputError(place, `is none of ${[...catalogue.keys()].join(', ')}`);
    if (known.size !== size) throw new InputError(`${place} of size ${size}`, `has ${known.size}`);
    if (known.unit !== unit) throw new InputError(`${place} in '${unit}'`, `is in '${known.unit}'`);
    return known;
  });
}

const FIRST = 'object0_';
const UNITS: Readonly<Record<string, string>> = {
  joint_position: 'rad',
  joint_velocity: 'rad/s',
  joint_target_offset: 'rad',
  gripper_width: 'm',
  gripper_speed: 'm/s',
  tool_position: 'm',
  tool_velocity: 'm/s, rad/s',
  tool_wrench: 'N, Nm',
  size: 'm',
  offset: 'm',
  velocity: 'm/s',
  rate: 'rad/s',
  to_goal: 'm',
};

/** The unit of a field of the observation vector; 1 where it has none. */
function unitOf(name: string): string {
  if (name.startsWith('goal_')) return 'm';
  return UNITS[name.replace(/^object\d+_/, '')] ?? '1';
}

function robot(size: number, unit: string, describe: string) {
  return { size, unit, describe, told: 'robot' } as const;
}

function state(size: number, unit: string, describe: string) {
  return { size, unit, describe, told: 'state' } as const;
}
