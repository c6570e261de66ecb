import { InputError, type JointTrajectory } from '../contracts/index.ts';

/** Times nearer to a sample than this take it exactly, so that samples at the loop's rate come out unchanged. */
const SNAP_S = 1e-9;
/** A trajectory must end at rest: rad/s and rad/s². */
const REST_VELOCITY = 1e-6;
const REST_ACCELERATION = 1e-3;

/**
 * Reads a joint trajectory at any time: exact at its samples, quintic Hermite between them (cubic if it carries no
 * accelerations). `load` checks and reorders; `sample` allocates nothing and is quickest near the time before.
 */
export class TrajectorySampler {
  duration_s = 0;
  private readonly joint_names: readonly string[];
  private time_s = new Float64Array(1);
  private position = new Float64Array(0);
  private velocity = new Float64Array(0);
  private acceleration = new Float64Array(0);
  private order = new Int32Array(0);
  private cubic = false;
  private cursor = 0;

  constructor(joint_names: readonly string[]) {
    this.joint_names = joint_names;
  }

  /** Takes a trajectory for exactly these joints, in any order; throws InputError for one that cannot be followed. */
  load(trajectory: JointTrajectory): void {
    const { joint_names, time_s, position, velocity, acceleration } = trajectory;
    const n = this.joint_names.length;
    const samples = time_s.length;
    const order = Int32Array.from(this.joint_names, (name) => joint_names.indexOf(name));
    if (joint_names.length !== n || order.includes(-1)) {
      throw new InputError(
        `trajectory of joints ${joint_names.join(', ')}`,
        `must be for ${this.joint_names.join(', ')}`,
      );
    }
    if (samples === 0 || position.length !== n * samples || velocity.length !== n * samples) {
      throw new InputError(
        `trajectory with ${samples} times, ${position.length} positions and ${velocity.length} velocities`,
        `must have ${n} positions and velocities for every time, at least one`,
      );
    }
    if (acceleration.length !== n * samples && acceleration.length !== 0) {
      throw new InputError(`trajectory with ${acceleration.length} accelerations`, `must have ${n * samples} or none`);
    }
    if (time_s[0] !== 0) throw new InputError(`trajectory time_s[0] = ${time_s[0]}`, 'must be 0');
    for (let i = 1; i < samples; i++) {
      if (!(time_s[i] > time_s[i - 1]) || !Number.isFinite(time_s[i])) {
        throw new InputError(`trajectory time_s[${i}] = ${time_s[i]}`, `must be finite and above ${time_s[i - 1]}`);
      }
    }
    requireAllFinite(position, 'position');
    requireAllFinite(velocity, 'velocity');
    requireAllFinite(acceleration, 'acceleration');
    const last = n * (samples - 1);
    for (let i = 0; i < n; i++) {
      const v = Math.abs(velocity[last + i]);
      const a = acceleration.length > 0 ? Math.abs(acceleration[last + i]) : 0;
      if (v > REST_VELOCITY || a > REST_ACCELERATION) {
        throw new InputError(
          `trajectory ends with ${v} rad/s and ${a} rad/s² in ${joint_names[i]}`,
          'must end at rest',
        );
      }
    }
    this.duration_s = time_s[samples - 1];
    this.time_s = time_s;
    this.position = position;
    this.velocity = velocity;
    this.acceleration = acceleration;
    this.order = order;
    this.cubic = acceleration.length === 0;
    this.cursor = 0;
  }

  /** Positions at `t_s` from the start into `out` (rad); before the start the first, after the end the last. */
  sample(t_s: number, out: Float64Array): void {
    const { time_s, position, order } = this;
    const n = order.length;
    const last = time_s.length - 1;
    let i = this.cursor;
    if (i > last) i = last;
    while (i > 0 && time_s[i] > t_s) i--;
    while (i < last && time_s[i + 1] <= t_s + SNAP_S) i++;
    this.cursor = i;
    if (i === last || t_s - time_s[i] <= SNAP_S) {
      for (let k = 0; k < n; k++) out[k] = position[n * i + order[k]];
      return;
    }
    const T = time_s[i + 1] - time_s[i];
    const u = (t_s - time_s[i]) / T;
    for (let k = 0; k < n; k++) {
      const from = n * i + order[k];
      const to = from + n;
      const p0 = position[from];
      const distance = position[to] - p0;
      const v0 = this.velocity[from] * T;
      const v1 = this.velocity[to] * T;
      if (this.cubic) {
        out[k] = p0 + u * (v0 + u * (3 * distance - 2 * v0 - v1 + u * (v0 + v1 - 2 * distance)));
        continue;
      }
      const a0 = 0.5 * this.acceleration[from] * T * T;
      const a1 = 0.5 * this.acceleration[to] * T * T;
      const c3 = 10 * distance - 6 * v0 - 4 * v1 - 3 * a0 + a1;
      const c4 = -15 * distance + 8 * v0 + 7 * v1 + 3 * a0 - 2 * a1;
      const c5 = 6 * distance - 3 * v0 - 3 * v1 - a0 + a1;
      out[k] = p0 + u * (v0 + u * (a0 + u * (c3 + u * (c4 + u * c5))));
    }
  }
}

function requireAllFinite(values: Float64Array, what: string): void {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) throw new InputError(`trajectory ${what}[${index}] = ${values[index]}`, 'must be a finite number');
}
