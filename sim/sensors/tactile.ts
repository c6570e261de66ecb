import { InputError, type Rng } from '../../contracts/index.ts';
import type { RobotModel } from '../../dynamics/index.ts';
import { createContactPoint, type PhysicsEngine } from '../engine.ts';

/** Force sensors in the fingertips. A plain record, which randomisation may draw. */
export interface TactileSpec {
  /** Standard deviation of every force (N). */
  readonly force_sigma_N: number;
  /** Factor on all forces. */
  readonly gain: number;
  /** Normal forces below it are read as 0, with no shear (N); and the most that is read (N). */
  readonly threshold_N: number;
  readonly range_N: number;
}

export const PERFECT_TACTILE: TactileSpec = { force_sigma_N: 0, gain: 1, threshold_N: 0, range_N: Infinity };

/** Numbers of one finger's reading. */
export const TACTILE_SIZE = 3;

/** Measures the forces on fingertips: gain, white noise, saturation, and nothing below the threshold. Allocates nothing. */
export class TactileNoise {
  /** Deviation, gain, threshold and range. */
  private readonly figures: Float64Array;
  private readonly rng: Rng;

  /** @throws InputError for sizes that are negative */
  constructor(spec: TactileSpec, rng: Rng) {
    for (const [name, size] of Object.entries(spec)) {
      if (!(size >= 0)) throw new InputError(`tactile sensor ${name} ${size}`, '0 or more');
    }
    this.figures = Float64Array.of(spec.force_sigma_N, spec.gain, spec.threshold_N, spec.range_N);
    this.rng = rng.stream('tactile');
  }

  /** Turns true forces (N), TACTILE_SIZE a finger, into measured ones, in place. */
  measure(tactile: Float64Array): void {
    const { figures, rng } = this;
    const sigma = figures[0];
    const gain = figures[1];
    const threshold = figures[2];
    const range = figures[3];
    for (let f = 0; f < tactile.length; f += TACTILE_SIZE) {
      for (let o = f; o < f + TACTILE_SIZE; o++) {
        tactile[o] *= gain;
        if (sigma > 0) tactile[o] += sigma * rng.normal();
        tactile[o] = Math.max(-range, Math.min(range, tactile[o]));
      }
      if (tactile[f] < threshold) tactile.fill(0, f, f + TACTILE_SIZE);
    }
  }
}

/**
 * What the objects do to each finger of a parallel gripper: normal force (N, along the way it closes, positive when it is
 * pushed open), and shear (N) along the two axes of the finger's frame that follow that of its joint. It is summed from
 * the contacts of the last step. Allocates nothing.
 */
export class FingerTactile {
  /** Names of the fingers' joints, in the order of the readings. */
  readonly fingers: readonly string[];
  private readonly noise: TactileNoise;
  private readonly model: RobotModel;
  private readonly bodies: readonly number[];
  private readonly firstBody: number;
  private readonly point = createContactPoint();
  private readonly pose = new Float64Array(12);
  private readonly force = new Float64Array(3);

  /**
   * @param bodies the fingers: bodies of the robot's model on sliding joints
   * @throws InputError for a body that no sliding joint moves, or sizes that are negative
   */
  constructor(spec: TactileSpec, model: RobotModel, bodies: readonly number[], engine: PhysicsEngine, rng: Rng) {
    this.noise = new TactileNoise(spec, rng);
    for (const body of bodies) {
      if (model.joint_type[body] === 1) continue;
      throw new InputError(`tactile sensor on body ${body}`, `a finger on a sliding joint of robot '${model.name}'`);
    }
    this.model = model;
    this.bodies = bodies;
    this.fingers = bodies.map((body) => model.body_joint_names[body]);
    this.firstBody = 1 + engine.object_count;
  }

  /** Reads the last step's forces, TACTILE_SIZE a finger, into `out`. */
  measure(engine: PhysicsEngine, out: Float64Array): void {
    const { bodies, point } = this;
    for (let f = 0; f < bodies.length; f++) {
      const { force } = this;
      force.fill(0);
      const own = this.firstBody + bodies[f];
      for (let k = 0; k < engine.contact_count; k++) {
        engine.contact(k, point);
        const sign = point.b === own ? 1 : point.a === own ? -1 : 0;
        if (sign === 0) continue;
        for (let i = 0; i < 3; i++) force[i] += sign * point.force[i];
      }
      engine.bodyPose(bodies[f], this.pose);
      this.toFinger(bodies[f], out, TACTILE_SIZE * f);
    }
    this.noise.measure(out);
  }

  /** The force in the finger's frame: along its joint's axis first, which opens the gripper. */
  private toFinger(body: number, out: Float64Array, o: number): void {
    const { pose: R, force, model } = this;
    const { axis, multiplier } = model;
    const x = R[0] * force[0] + R[3] * force[1] + R[6] * force[2];
    const y = R[1] * force[0] + R[4] * force[1] + R[7] * force[2];
    const z = R[2] * force[0] + R[5] * force[1] + R[8] * force[2];
    const opening = multiplier[body] < 0 ? -1 : 1;
    const a = axis[3 * body];
    const b = axis[3 * body + 1];
    const c = axis[3 * body + 2];
    out[o] = opening * (a * x + b * y + c * z);
    // The axis is one of the frame's for every gripper in use; the other two, in order, carry the shear.
    const along = Math.abs(a) > 0.9 ? 0 : Math.abs(b) > 0.9 ? 1 : 2;
    out[o + 1] = along === 0 ? y : along === 1 ? z : x;
    out[o + 2] = along === 0 ? z : along === 1 ? x : y;
  }
}
