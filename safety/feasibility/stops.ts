import type { Envelope } from '../envelope.ts';
import { StoppingTail } from '../stopping_tail.ts';
import type { Findings } from './report.ts';

type JointEnvelope = Envelope['joints'][number];

/** A stop that takes longer is none. */
const LONGEST_STOP_S = 10;
/** A stop that takes longer is worth a word. */
const LONG_STOP_S = 1;
/** Accelerations looked at between zero and the limit. */
const STEPS = 4;

export interface JointStop {
  readonly stop_time_s: number;
  readonly stop_distance_rad: number;
  readonly cycles: number;
  readonly usable_velocity_rad_per_s: number;
}

/**
 * Stops of joint `i` from the corners of what the gate can allow: at the velocity limit and braking, or below it and still
 * accelerating, so that ramping the acceleration to zero just reaches it. Each is run, not only predicted.
 */
export function checkStops(joint: JointEnvelope, i: number, hz: number, { errors, warnings }: Findings): JointStop {
  const { velocity_rad_per_s: V, acceleration_rad_per_s2: A, jerk_rad_per_s3: J } = joint;
  const tail = new StoppingTail(A, J, 1 / hz);
  // Ramping more than this to zero would turn the joint from one velocity limit beyond the other.
  const top = Math.min(tail.acceleration_limit, 2 * Math.sqrt(V * J));
  const range = joint.position_upper_rad - joint.position_lower_rad;
  let cycles = 0;
  let distance = 0;
  let failure = '';
  for (let k = -STEPS; k <= STEPS && failure === ''; k++) {
    const a = (k / STEPS) * top;
    const v = V - (a > 0 ? rampSpeed(tail, a) : 0);
    for (const sign of [1, -1]) {
      solve(tail, sign * v, sign * a);
      if (Math.abs(v) > V || tail.peak_speed > V * (1 + 1e-9)) continue;
      cycles = Math.max(cycles, tail.cycles);
      distance = Math.max(distance, Math.abs(tail.end), Math.abs(tail.turn));
      if (!(tail.cycles <= LONGEST_STOP_S * hz)) failure = `longer than ${LONGEST_STOP_S} s`;
      else if (!runs(tail, V, sign * v, sign * a)) failure = 'lost in rounding';
      if (failure === '') continue;
      errors.push({
        place: `joints.${i}.jerk_rad_per_s3`,
        value: J,
        bound: 'only',
        limit: `with a stop within ${LONGEST_STOP_S} s`,
        reason: `infeasible: no stop exists from ${(sign * v).toPrecision(4)} rad/s and ${(sign * a).toPrecision(4)} rad/s², it is ${failure}`,
      });
      break;
    }
  }
  const usable = usableVelocity(tail, V, range);
  if (usable < V) {
    warnings.push({
      place: `joints.${i}.velocity_rad_per_s`,
      value: V,
      bound: 'at most',
      limit: usable,
      reason: 'cannot be reached and stopped from between the position limits',
    });
  }
  if (failure === '' && cycles / hz > LONG_STOP_S) {
    const reason = `a stop takes ${(cycles / hz).toFixed(2)} s`;
    warnings.push({
      place: `joints.${i}.jerk_rad_per_s3`,
      value: J,
      bound: 'at least',
      limit: `for ${LONG_STOP_S} s`,
      reason,
    });
  }
  return { stop_time_s: cycles / hz, stop_distance_rad: distance, cycles, usable_velocity_rad_per_s: usable };
}

function solve(tail: StoppingTail, v: number, a: number): void {
  tail.velocity = v;
  tail.acceleration = a;
  tail.solve();
}

/** What ramping the acceleration `a` > 0 to zero adds to the velocity. */
function rampSpeed(tail: StoppingTail, a: number): number {
  const d = tail.acceleration_step;
  const n = Math.floor(a / d);
  return tail.cycle_s * (n * a - 0.5 * d * n * (n + 1));
}

/** Whether the stop, its law evaluated at every cycle as the gate does, keeps all limits and ends where and when it says. */
function runs(tail: StoppingTail, V: number, v0: number, a0: number): boolean {
  const { cycles, end, acceleration_limit, acceleration_step, cycle_s } = tail;
  let p = 0;
  let v = v0;
  let a = a0;
  for (let k = 0; k < cycles; k++) {
    solve(tail, v, a);
    const next = tail.next_acceleration;
    if (!(Math.abs(next - a) <= acceleration_step * (1 + 1e-9) && Math.abs(next) <= acceleration_limit)) return false;
    a = next;
    v += cycle_s * a;
    p += cycle_s * v;
    if (!(Math.abs(v) <= V * (1 + 1e-9))) return false;
  }
  const scale = 1e-9 * Math.max(1, Math.abs(end));
  return Math.abs(v) <= scale && Math.abs(a) <= 1e-6 * acceleration_limit && Math.abs(p - end) <= scale;
}

/** Greatest speed up to V whose stop takes at most half the range; getting up to it takes as much. */
function usableVelocity(tail: StoppingTail, V: number, range: number): number {
  const fits = (v: number): boolean => {
    solve(tail, v, 0);
    return 2 * tail.end <= range;
  };
  if (fits(V)) return V;
  let low = 0;
  let high = V;
  for (let k = 0; k < 60; k++) {
    const middle = 0.5 * (low + high);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
