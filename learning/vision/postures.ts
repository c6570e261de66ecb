import type { Rng } from '../../contracts/index.ts';
import { IkSolver } from '../../planning/index.ts';
import type { Robot } from '../../robots/index.ts';

/** Where the arm is while a picture is taken: at home, somewhere over the table, or with the hand's camera looking down. */
export const POSTURES = ['home', 'reach', 'look'] as const;
export type Posture = (typeof POSTURES)[number];

const HAND_CAMERA = 'wrist_camera_optical_frame';
/** Where the hand's camera looks, from how far, and how much it is tilted at most: m, m, rad. */
const LOOKED_AT = { x: [0.4, 0.62], y: [-0.24, 0.24] } as const;
const DISTANCE_M = [0.26, 0.38] as const;
const TILT_RAD = 0.35;
const LOOK_TRIES = 20;
/** About a posture with the hand over the table, and how far joints stray from it (rad). */
const REACH = [0, 0.1, 0, -2.3, 0, 2.4, 0.785];
const REACH_SPREAD = [0.5, 0.45, 0.25, 0.4, 0.25, 0.35, 0.9];

/** Draws postures of one robot. */
export class Postures {
  private readonly robot: Robot;
  private readonly camera: IkSolver | null;

  constructor(robot: Robot) {
    this.robot = robot;
    const has_camera = robot.model.frames.some(({ name }) => name === HAND_CAMERA);
    this.camera = has_camera ? new IkSolver(robot, { frame: HAND_CAMERA }) : null;
  }

  /** All joints of a posture of the kind; a robot without a camera on its hand reaches where it would look. */
  draw(kind: Posture, rng: Rng): Float64Array {
    switch (kind) {
      case 'home':
        return Float64Array.from(this.robot.home_q);
      case 'reach':
        return this.reach(rng);
      case 'look':
        return this.look(rng) ?? this.reach(rng);
    }
  }

  /** A posture near a grasping one for an arm of seven joints; uniform within the limits for others. */
  private reach(rng: Rng): Float64Array {
    const { model } = this.robot;
    return Float64Array.from({ length: model.nq }, (_, i) => {
      const low = Math.max(model.position_lower[i], -Math.PI);
      const high = Math.min(model.position_upper[i], Math.PI);
      if (i >= REACH.length || model.nq < REACH.length) return rng.range(low, high);
      return Math.min(high, Math.max(low, REACH[i] + REACH_SPREAD[i] * rng.normal()));
    });
  }

  private look(rng: Rng): Float64Array | null {
    const { robot, camera } = this;
    if (camera === null) return null;
    const seed = Float64Array.from(robot.home_q.slice(0, robot.arm_joints));
    for (let k = 0; k < LOOK_TRIES; k++) {
      const { ok, q } = camera.solve(lookingDown(rng), seed, rng.stream(`${k}`));
      if (ok) return Float64Array.from(robot.home_q, (home, i) => (i < q.length ? q[i] : home));
    }
    return null;
  }
}

/** Pose of an optical frame that looks at a spot of the table: rotation row-major 9 and position 3 (m, frame world). */
function lookingDown(rng: Rng): Float64Array {
  const [x, y] = [rng.range(...LOOKED_AT.x), rng.range(...LOOKED_AT.y)];
  const [distance, tilt] = [rng.range(...DISTANCE_M), TILT_RAD * Math.sqrt(rng.uniform())];
  const [towards, turn] = [rng.range(-Math.PI, Math.PI), rng.range(-Math.PI, Math.PI)];
  // z of the camera looks down, tilted towards a side; x lies as the turn says, made square to it.
  const z = [Math.sin(tilt) * Math.cos(towards), Math.sin(tilt) * Math.sin(towards), -Math.cos(tilt)];
  const along = [Math.cos(turn), Math.sin(turn), 0];
  const dot = along[0] * z[0] + along[1] * z[1];
  const raw = along.map((value, i) => value - dot * z[i]);
  const length = Math.hypot(...raw);
  const ex = raw.map((value) => value / length);
  const ey = [z[1] * ex[2] - z[2] * ex[1], z[2] * ex[0] - z[0] * ex[2], z[0] * ex[1] - z[1] * ex[0]];
  const at = [x - distance * z[0], y - distance * z[1], -distance * z[2]];
  return Float64Array.from([ex[0], ey[0], z[0], ex[1], ey[1], z[1], ex[2], ey[2], z[2], ...at]);
}
