import type { Rng, Vector3 } from '../../contracts/index.ts';
import { GRAVITY } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { SceneModel, SceneObject } from '../scene.ts';
import type { ObjectSet, Task, TaskInstance } from '../tasks/index.ts';
import { type Quantity, rangeOf } from './ranges.ts';
import {
  type CameraRandomization,
  type ObjectRandomization,
  PATTERNS,
  type PatternRandomization,
  type Push,
  type Randomization,
  type RandomizationLevel,
  type ResetRandomization,
  type StartUpRandomization,
} from './record.ts';
import { resize, spread } from './resize.ts';

const SIZE_TRIES = 12;

/** What is drawn from: one stream for all episodes of a run, and one of the episode's own. */
export interface RandomizationStreams {
  readonly start_up: Rng;
  readonly episode: Rng;
}

/**
 * Draws how a world differs from the nominal one. Sizes keep to the task's limits and to the object set; where objects
 * touch, all are scaled across by one factor, so that they still do. The same streams give the same record; `none` gives
 * the nominal values.
 */
export function drawRandomization(
  level: RandomizationLevel,
  streams: RandomizationStreams,
  robot: Robot,
  task: Task,
  instance: TaskInstance,
  object_set: ObjectSet = 'all',
): Randomization {
  const { start_up, episode } = streams;
  return {
    level,
    start_up: drawStartUp(new Draw(level, start_up), robot),
    reset: drawReset(new Draw(level, episode.stream('reset')), task, instance, object_set),
    pushes: drawPushes(new Draw(level, episode.stream('pushes')), instance.scene, task.time_limit_s),
  };
}

/** Uniform draws within the ranges of one level. */
class Draw {
  readonly level: RandomizationLevel;
  readonly rng: Rng;

  constructor(level: RandomizationLevel, rng: Rng) {
    this.level = level;
    this.rng = rng;
  }

  one(quantity: Quantity): number {
    const [low, high] = rangeOf(quantity, this.level);
    return low === high ? low : this.rng.range(low, high);
  }

  /** A whole number, all within the range equally likely. */
  whole(quantity: Quantity): number {
    const [low, high] = rangeOf(quantity, this.level);
    return low === high ? low : low + this.rng.int(high - low + 1);
  }

  vector(quantity: Quantity): Vector3 {
    return [this.one(quantity), this.one(quantity), this.one(quantity)];
  }

  many(quantity: Quantity, count: number): number[] {
    return Array.from({ length: count }, () => this.one(quantity));
  }
}

function drawStartUp(draw: Draw, { arm_joints: n }: Robot): StartUpRandomization {
  return {
    gain_scale: draw.one('gain_scale'),
    finger_gain_scale: draw.one('finger_gain_scale'),
    torque_scale: draw.one('torque_scale'),
    joint_friction_scale: draw.many('joint_friction_scale', n),
    joint_damping_scale: draw.many('joint_damping_scale', n),
    armature_kg_m2: draw.one('armature_kg_m2'),
    backlash_rad: draw.one('backlash_rad'),
    latency_cycles: draw.whole('latency_cycles'),
    encoder_offset_rad: draw.many('encoder_offset_rad', n),
    cameras: { overview: drawCamera(draw), wrist: drawCamera(draw) },
  };
}

function drawCamera(draw: Draw): CameraRandomization {
  return {
    camera_position_m: draw.vector('camera_position_m'),
    camera_rotation_rad: draw.vector('camera_rotation_rad'),
    focal_scale: draw.one('focal_scale'),
    principal_point_px: [draw.one('principal_point_px'), draw.one('principal_point_px')],
    distortion_k1: draw.one('distortion_k1'),
  };
}

function drawReset(draw: Draw, task: Task, instance: TaskInstance, object_set: ObjectSet): ResetRandomization {
  const sizes = drawSizes(draw, task, instance, object_set);
  return {
    objects: sizes.map(
      (size_scale): ObjectRandomization => ({
        mass_scale: draw.one('mass_scale'),
        com_offset_share: draw.vector('com_offset_share'),
        friction_scale: draw.one('friction_scale'),
        size_scale,
        brightness_scale: draw.one('brightness_scale'),
        grey_share: draw.one('grey_share'),
        ...drawPattern(draw),
      }),
    ),
    table: {
      friction_scale: draw.one('friction_scale'),
      paint_scale: draw.vector('paint_scale'),
      ...drawPattern(draw),
    },
    finger_friction_scale: draw.one('finger_friction_scale'),
    light: {
      azimuth_rad: draw.one('azimuth_rad'),
      elevation_rad: draw.one('elevation_rad'),
      key_scale: draw.one('key_scale'),
      ambient_scale: draw.one('ambient_scale'),
      light_rgb_scale: draw.vector('light_rgb_scale'),
    },
    sensors: {
      colour_noise_scale: draw.one('colour_noise_scale'),
      depth_noise_scale: draw.one('depth_noise_scale'),
      exposure_scale: draw.one('exposure_scale'),
      camera_latency_s: draw.one('camera_latency_s'),
      drop_probability: draw.one('drop_probability'),
      encoder_noise_rad: draw.one('encoder_noise_rad'),
      wrench_bias_N: draw.vector('wrench_bias_N'),
      wrench_noise_N: draw.one('wrench_noise_N'),
      tactile_gain_scale: draw.one('tactile_gain_scale'),
      tactile_noise_N: draw.one('tactile_noise_N'),
    },
  };
}

function drawPattern(draw: Draw): PatternRandomization {
  return {
    pattern: draw.level === 'none' ? PATTERNS[0] : PATTERNS[draw.rng.int(PATTERNS.length)],
    pattern_strength: draw.one('pattern_strength'),
    pattern_scale_m: draw.one('pattern_scale_m'),
    pattern_offset_m: draw.vector('pattern_offset_m'),
  };
}

/** Factors on all objects' sizes that leave a world of the task; 1 where none is found. */
function drawSizes(draw: Draw, task: Task, { scene, goal }: TaskInstance, object_set: ObjectSet): Vector3[] {
  const allows = (objects: readonly SceneObject[]) => task.allows({ ...scene, objects }, goal, object_set);
  const { objects } = scene;
  if (task.spec.touching) {
    const across = tried(
      draw,
      1,
      (s) => allows(spread(objects, s).map((object) => resize(object, [s, s, 1]))),
      () => draw.one('size_scale'),
    );
    const wide = spread(objects, across).map((object) => resize(object, [across, across, 1]));
    return wide.map((object, i): Vector3 => {
      const others = (s: number) => wide.map((other, k) => (k === i ? resize(object, [1, 1, s]) : other));
      return [
        across,
        across,
        tried(
          draw,
          1,
          (s) => allows(others(s)),
          () => draw.one('size_scale'),
        ),
      ];
    });
  }
  return objects.map((object) =>
    tried<Vector3>(
      draw,
      [1, 1, 1],
      (s) => allows([resize(object, s)]),
      () => draw.vector('size_scale'),
    ),
  );
}

/** The first of some draws that is allowed, else the fallback; none draws nothing. */
function tried<T>({ level }: Draw, fallback: T, allowed: (value: T) => boolean, next: () => T): T {
  for (let attempt = 0; level !== 'none' && attempt < SIZE_TRIES; attempt++) {
    const value = next();
    if (allowed(value)) return value;
  }
  return fallback;
}

/** Pushes one after the other until the time is over, each on the hand or on one of the objects. */
function drawPushes(draw: Draw, { objects }: SceneModel, until_s: number): Push[] {
  const pushes: Push[] = [];
  if (draw.level === 'none') return pushes;
  for (let time_s = draw.one('push_interval_s'); time_s < until_s; time_s += draw.one('push_interval_s')) {
    const on = draw.rng.uniform() < 0.5 ? 'hand' : draw.rng.int(objects.length);
    const azimuth = draw.rng.range(-Math.PI, Math.PI);
    // Uniform over the sphere for the hand; along the table for an object.
    const up = on === 'hand' ? draw.rng.range(-1, 1) : 0;
    const force =
      on === 'hand'
        ? draw.one('hand_push_N')
        : draw.one('object_push_share') * objects[on].mass_kg * Math.abs(GRAVITY[2]);
    const across = force * Math.sqrt(1 - up * up);
    pushes.push({
      time_s,
      push_duration_s: draw.one('push_duration_s'),
      on,
      force_N: [across * Math.cos(azimuth), across * Math.sin(azimuth), force * up],
    });
  }
  return pushes;
}
