import { InputError, stampToSeconds, type TrajectoryCommand } from '../../contracts/index.ts';

export interface TrajectoryControllerOptions {
  readonly joint_names: readonly string[];
  /** Blends in from its own last command in place of the measured state: `interpolate_from_desired_state`. */
  readonly open_loop: boolean;
  readonly allow_nonzero_end_velocity: boolean;
  /** ROS time from which times are counted here. */
  readonly origin_ns: bigint;
}

/** rad, rad/s, rad/s²; a field that is null is not there, as an empty sequence of the message. */
interface Point {
  readonly time_s: number;
  readonly position: Float64Array;
  readonly velocity: Float64Array | null;
  readonly acceleration: Float64Array | null;
}

/**
 * ros2_control's joint_trajectory_controller with a position command interface, as ros2_controllers 4 (Jazzy) behaves.
 * A valid trajectory replaces the one before at once. It begins at its stamp, or when it is first sampled if that is 0. Until
 * its first point the controller interpolates from where it stood when it took it; points that have passed are not blended to.
 * Between points it is a line, a cubic or a quintic, by what both points carry. At the end the last point is held for ever.
 */
export class StandInTrajectoryController {
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly acceleration: Float64Array;
  taken = 0;
  refused = 0;
  /** Why the last trajectory that was refused was. */
  refusal = '';
  private readonly options: TrajectoryControllerOptions;
  private points: readonly Point[] = [];
  private start_s = 0;
  private from: Point;
  private fresh = false;

  /** Holds `position` (rad). */
  constructor(options: TrajectoryControllerOptions, position: Float64Array) {
    const n = options.joint_names.length;
    this.options = options;
    this.position = position.slice(0, n);
    this.velocity = new Float64Array(n);
    this.acceleration = new Float64Array(n);
    this.from = { time_s: 0, position: this.position.slice(), velocity: new Float64Array(n), acceleration: null };
  }

  /** Whether points are left to be reached at `now_s`. */
  active(now_s: number): boolean {
    const last = this.points.at(-1);
    return last !== undefined && (this.fresh || now_s < this.start_s + last.time_s);
  }

  /** What the subscription's callback does at `now_s` (ROS time of this controller); a bad message is counted. */
  receive(message: TrajectoryCommand, now_s: number): void {
    try {
      this.check(message, now_s);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.refused++;
      this.refusal = error.message;
      return;
    }
    const { joint_names } = this.options;
    const order = joint_names.map((name) => message.joint_names.indexOf(name));
    const n = order.length;
    const row = (values: Float64Array, k: number) =>
      values.length === 0 ? null : Float64Array.from(order, (column) => values[n * k + column]);
    this.points = Array.from(message.time_s, (time_s, k) => ({
      time_s,
      position: row(message.position, k) ?? new Float64Array(n),
      velocity: row(message.velocity, k),
      acceleration: row(message.acceleration, k),
    }));
    this.start_s = this.startOf(message);
    this.fresh = true;
    this.taken++;
  }

  /** One update: what is commanded at `now_s`, from the measured state where it must be blended from there. */
  update(now_s: number, measured: Float64Array, measured_velocity: Float64Array): void {
    const { points, position, velocity, acceleration } = this;
    if (points.length === 0) return;
    if (this.fresh) {
      this.fresh = false;
      if (this.start_s === Number.NEGATIVE_INFINITY) this.start_s = now_s;
      this.from = this.options.open_loop
        ? {
            time_s: now_s,
            position: position.slice(),
            velocity: velocity.slice(),
            acceleration: acceleration.slice(),
          }
        : { time_s: now_s, position: measured.slice(), velocity: measured_velocity.slice(), acceleration: null };
    }
    const t = now_s - this.start_s;
    if (t < points[0].time_s) {
      const from = { ...this.from, time_s: this.from.time_s - this.start_s };
      this.interpolate(from, points[0], t);
      return;
    }
    for (let k = 0; k + 1 < points.length; k++) {
      if (t >= points[k].time_s && t < points[k + 1].time_s) {
        this.interpolate(points[k], points[k + 1], t);
        return;
      }
    }
    const last = points[points.length - 1];
    position.set(last.position);
    velocity.fill(0);
    acceleration.fill(0);
    if (last.velocity !== null) velocity.set(last.velocity);
    if (last.acceleration !== null) acceleration.set(last.acceleration);
  }

  /** −∞: when it is first sampled. */
  private startOf({ stamp_ns }: TrajectoryCommand): number {
    return stamp_ns === 0n ? Number.NEGATIVE_INFINITY : stampToSeconds(stamp_ns - this.options.origin_ns);
  }

  private check(message: TrajectoryCommand, now_s: number): void {
    const { joint_names, allow_nonzero_end_velocity } = this.options;
    const n = joint_names.length;
    const { time_s, position, velocity, acceleration } = message;
    const points = time_s.length;
    if (message.joint_names.length !== n)
      throw new InputError(`${message.joint_names.length} joints`, `must be all ${n}`);
    for (const name of message.joint_names)
      if (!joint_names.includes(name))
        throw new InputError(`joint ${name}`, `must be one of ${joint_names.join(', ')}`);
    if (points === 0) throw new InputError('trajectory without points', 'must have one');
    const sized = (values: Float64Array) => values.length === 0 || values.length === n * points;
    if (position.length !== n * points || !sized(velocity) || !sized(acceleration))
      throw new InputError('points of unequal lengths', `must have ${n} values in each field`);
    for (let k = 1; k < points; k++)
      if (!(time_s[k] > time_s[k - 1])) throw new InputError(`time_from_start ${time_s[k]} of point ${k}`, 'must rise');
    const start_s = this.startOf(message);
    if (message.stamp_ns !== 0n && start_s + time_s[points - 1] < now_s)
      throw new InputError(`trajectory that ended ${now_s - start_s - time_s[points - 1]} s ago`, 'must end in future');
    if (velocity.length === 0 || allow_nonzero_end_velocity) return;
    for (let i = 0; i < n; i++)
      if (Math.abs(velocity[n * (points - 1) + i]) > Number.EPSILON)
        throw new InputError(`last velocity ${velocity[n * (points - 1) + i]} of ${joint_names[i]}`, 'must be 0');
  }

  private interpolate(a: Point, b: Point, t: number): void {
    const { position, velocity, acceleration } = this;
    const T = b.time_s - a.time_s;
    const u = T > 0 ? Math.min(Math.max(t - a.time_s, 0), T) : 0;
    for (let i = 0; i < position.length; i++) {
      const p = a.position[i];
      const d = b.position[i] - p;
      let c = [0, 0, 0, 0, 0, 0];
      if (a.velocity === null || b.velocity === null) c = [p, T > 0 ? d / T : 0, 0, 0, 0, 0];
      else {
        const [v, w] = [a.velocity[i], b.velocity[i]];
        const [e, f] =
          a.acceleration === null || b.acceleration === null ? [0, 0] : [a.acceleration[i], b.acceleration[i]];
        if (T <= 0) c = [p, v, 0.5 * e, 0, 0, 0];
        else if (a.acceleration === null || b.acceleration === null)
          c = [p, v, (3 * d - 2 * v * T - w * T) / T ** 2, (-2 * d + v * T + w * T) / T ** 3, 0, 0];
        else
          c = [
            p,
            v,
            0.5 * e,
            (20 * d - (8 * w + 12 * v) * T - (3 * e - f) * T ** 2) / (2 * T ** 3),
            (-30 * d + (14 * w + 16 * v) * T + (3 * e - 2 * f) * T ** 2) / (2 * T ** 4),
            (12 * d - 6 * (w + v) * T + (f - e) * T ** 2) / (2 * T ** 5),
          ];
      }
      position[i] = c[0] + u * (c[1] + u * (c[2] + u * (c[3] + u * (c[4] + u * c[5]))));
      velocity[i] = c[1] + u * (2 * c[2] + u * (3 * c[3] + u * (4 * c[4] + u * 5 * c[5])));
      acceleration[i] = 2 * c[2] + u * (6 * c[3] + u * (12 * c[4] + u * 20 * c[5]));
    }
  }
}
