import type { Rng, Vector3 } from '../../contracts/index.ts';
import { RANGES } from '../randomization/ranges.ts';
import { PATTERNS, type Randomization } from '../randomization/record.ts';
import type { SceneModel } from '../scene.ts';
import type { TaskSpec } from '../tasks/index.ts';
import { drawPush, drawSlip } from './draw_events.ts';
import type { Disturbance, DisturbanceEvent } from './record.ts';
import { DISTURBANCES, type DisturbanceKind, type WantedDisturbance } from './words.ts';

/** What the draw goes by. */
export interface DisturbedWorld {
  /** The randomised scene. */
  readonly scene: SceneModel;
  readonly spec: TaskSpec;
  /** Object that is pushed or slips. */
  readonly object: number;
  /** Period of control. */
  readonly cycle_s: number;
}

const PATCH_COLOURS: readonly Vector3[] = [
  [1, 0, 1],
  [0, 1, 1],
  [1, 1, 0],
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
/** Turn of the light about the vertical and change of each channel at full strength. */
const LIGHT = { azimuth_rad: Math.PI, tint: 0.3 } as const;

/**
 * The record with disturbances added; distractors, which are objects of the scene, are left to `addDistractors`. What
 * changes sensors, actuators or light makes the level at least `train`, so that the record counts; its other entries stay.
 */
export function disturb(
  before: Randomization,
  wanted: readonly WantedDisturbance[],
  world: DisturbedWorld,
  rng: Rng,
): Randomization {
  return wanted.reduce((record, one) => add(record, one, world, rng.stream(one.name)), before);
}

function add(
  before: Randomization,
  { name, strength }: WantedDisturbance,
  world: DisturbedWorld,
  rng: Rng,
): Randomization {
  const { drawn }: DisturbanceKind = DISTURBANCES[name];
  const amount = strength ?? (drawn === undefined ? 0 : rng.range(...drawn));
  const { start_up, reset } = before;
  switch (name) {
    case 'push':
    case 'slip':
    case 'push-or-slip':
      return withEvent(before, drawEvent(name, amount, world, rng));
    case 'dropout':
      return withSensors(before, { drop_probability: Math.max(amount, reset.sensors.drop_probability) });
    case 'camera-delay':
      return withSensors(before, { camera_latency_s: reset.sensors.camera_latency_s + amount });
    case 'command-delay': {
      const latency_cycles = start_up.latency_cycles + Math.round(amount / world.cycle_s);
      return { ...before, level: counted(before), start_up: { ...start_up, latency_cycles } };
    }
    case 'calibration':
      return misplaced(before, amount, rng);
    case 'light':
      return { ...before, level: counted(before), reset: { ...reset, light: changedLight(reset.light, amount, rng) } };
    case 'texture':
      return withDisturbance(before, { table_texture: tablePattern(amount, world, rng) });
    case 'patch':
      return withDisturbance(before, { patch: colouredPatch(amount, world.spec, rng) });
    case 'distractors':
      return before;
  }
}

function drawEvent(
  name: 'push' | 'slip' | 'push-or-slip',
  amount_m: number,
  { scene, object, spec }: DisturbedWorld,
  rng: Rng,
): DisturbanceEvent {
  const slips = name === 'slip' || (name === 'push-or-slip' && rng.uniform() < 0.5);
  return slips ? drawSlip(object, amount_m, rng) : drawPush(scene, object, amount_m, spec, rng);
}

function withEvent(before: Randomization, event: DisturbanceEvent): Randomization {
  return withDisturbance(before, { events: [...(before.disturbance?.events ?? []), event] });
}

function withDisturbance(before: Randomization, change: Partial<Disturbance>): Randomization {
  return { ...before, disturbance: { events: [], ...before.disturbance, ...change } };
}

function withSensors(before: Randomization, change: Partial<Randomization['reset']['sensors']>): Randomization {
  const { reset } = before;
  return { ...before, level: counted(before), reset: { ...reset, sensors: { ...reset.sensors, ...change } } };
}

function counted({ level }: Randomization): Randomization['level'] {
  return level === 'none' ? 'train' : level;
}

function misplaced(before: Randomization, error_m: number, rng: Rng): Randomization {
  const { start_up } = before;
  const off = (camera: 'overview' | 'wrist') => {
    const { camera_position_m: p, camera_rotation_rad: r, ...rest } = start_up.cameras[camera];
    const stream = rng.stream(camera);
    const position_m = added(p, drawDirection(stream), error_m);
    return { ...rest, camera_position_m: position_m, camera_rotation_rad: added(r, drawDirection(stream), error_m) };
  };
  const cameras = { overview: off('overview'), wrist: off('wrist') };
  const { camera_position_m: position_m, camera_rotation_rad: rotation_rad } = cameras.overview;
  const changed = { ...before, level: counted(before), start_up: { ...start_up, cameras } };
  return withDisturbance(changed, { told_by: { position_m, rotation_rad } });
}

function changedLight(
  light: Randomization['reset']['light'],
  amount: number,
  rng: Rng,
): Randomization['reset']['light'] {
  const factor = 1 + (rng.uniform() < 0.5 ? -amount : amount);
  const tint = (channel: number): number => channel * (1 + LIGHT.tint * amount * rng.range(-1, 1));
  const [r, g, b] = light.light_rgb_scale;
  return {
    ...light,
    azimuth_rad: light.azimuth_rad + LIGHT.azimuth_rad * amount * rng.range(-1, 1),
    key_scale: light.key_scale * factor,
    ambient_scale: light.ambient_scale * factor,
    light_rgb_scale: [tint(r), tint(g), tint(b)],
  };
}

function tablePattern(
  strength: number,
  { scene, object }: DisturbedWorld,
  rng: Rng,
): NonNullable<Disturbance['table_texture']> {
  const { train: period } = RANGES.pattern_scale_m;
  const { train: shift } = RANGES.pattern_offset_m;
  const offset_m: Vector3 = [rng.range(...shift), rng.range(...shift), rng.range(...shift)];
  return {
    ...{ kind: PATTERNS[rng.int(PATTERNS.length)], rgb: scene.objects[object].rgb },
    ...{ scale_m: rng.range(...period), offset_m, strength },
  };
}

/** Anywhere that objects stand, in a colour that is bright and of one hue. */
function colouredPatch(size_m: number, { x_m, y_m }: TaskSpec, rng: Rng): NonNullable<Disturbance['patch']> {
  const position: Vector3 = [rng.range(...x_m), rng.range(...y_m), 0];
  return { position, size_m, rgb: PATCH_COLOURS[rng.int(PATCH_COLOURS.length)] };
}

function added([x, y, z]: Vector3, [a, b, c]: Vector3, length: number): Vector3 {
  return [x + length * a, y + length * b, z + length * c];
}

/** Uniform over the sphere. */
function drawDirection(rng: Rng): Vector3 {
  const up = rng.range(-1, 1);
  const azimuth = rng.range(-Math.PI, Math.PI);
  const across = Math.sqrt(1 - up * up);
  return [across * Math.cos(azimuth), across * Math.sin(azimuth), up];
}
