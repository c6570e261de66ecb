import { InputError } from '../../contracts/index.ts';
import type { MotionLimits } from './limits.ts';
import { QUANTUM_RAD, SplineMotion } from './spline_motion.ts';

/**
 * The motion whose control points are the mean of the last m samples of a motion that holds velocity and acceleration
 * limits. A mean holds them too, and has a jerk of |a(t) − a(t − m dt)| / (m dt) ≤ 2 A / (m dt); m is the least that
 * keeps the jerk limits. It leaves a path of curvature κ by at most κ v² (m dt)² / 24.
 * @param raw  rows of n at k·dt, at rest before the first and after the last
 * @param window  m, where more than the least is wanted
 */
export function limitJerk(
  raw: Float64Array,
  n: number,
  limits: MotionLimits,
  dt_s: number,
  window?: number,
): SplineMotion {
  const rows = raw.length / n;
  const m = window ?? leastWindow(secondDifferences(raw, n), n, limits, dt_s);
  const start = raw.slice(0, n);
  const control = new Float64Array((rows + m + 3) * n);
  const steps = new Float64Array(rows * n);
  for (let k = 0; k < rows; k++) {
    for (let j = 0; j < n; j++) steps[k * n + j] = Math.round((raw[k * n + j] - start[j]) / QUANTUM_RAD);
  }
  const last = (rows - 1) * n;
  // the sum of the window as quotient and rest by m, whole numbers that stay exact
  const quotient = new Float64Array(n);
  const rest = new Float64Array(n);
  for (let k = 0; k < rows + m; k++) {
    for (let j = 0; j < n; j++) {
      const change = steps[Math.min(k * n, last) + j] - (k >= m ? steps[(k - m) * n + j] : 0);
      const whole = Math.floor((rest[j] + change) / m);
      quotient[j] += whole;
      rest[j] += change - whole * m;
      control[(k + 2) * n + j] = quotient[j] + (2 * rest[j] >= m ? 1 : 0);
    }
  }
  control.copyWithin((rows + m + 2) * n, (rows + m + 1) * n, (rows + m + 2) * n);
  return new SplineMotion(control, start, raw.slice(last), dt_s);
}

/** Longest window that limitJerk takes (s). */
export function longestWindow(limits: MotionLimits, dt_s: number): number {
  let m = 1;
  for (let j = 0; j < limits.jerk.length; j++) {
    m = Math.max(m, Math.ceil((2 * limits.acceleration[j]) / (jerkRoom(limits.jerk[j], dt_s) * dt_s)));
  }
  return m * dt_s;
}

/** Second differences of the samples with rest before and after: rows + 2 rows, row k around sample k − 1. */
function secondDifferences(raw: Float64Array, n: number): Float64Array {
  const rows = raw.length / n;
  const out = new Float64Array((rows + 2) * n);
  for (let k = 0; k < rows; k++) {
    const before = Math.max(k - 1, 0) * n;
    const after = Math.min(k + 1, rows - 1) * n;
    for (let j = 0; j < n; j++) out[(k + 1) * n + j] = raw[after + j] - 2 * raw[k * n + j] + raw[before + j];
  }
  return out;
}

/** Least number of samples whose mean keeps the jerk limits. */
function leastWindow(second: Float64Array, n: number, limits: MotionLimits, dt_s: number): number {
  const most = new Float64Array(n);
  for (let i = 0; i < second.length; i += n) {
    for (let j = 0; j < n; j++) most[j] = Math.max(most[j], Math.abs(second[i + j]));
  }
  const step = jerkSteps(limits, dt_s);
  let enough = 1;
  for (let j = 0; j < n; j++) enough = Math.max(enough, Math.ceil((2 * most[j]) / step[j]));
  let m = 1;
  let failed = -1;
  while (m < enough) {
    // the place where a shorter window failed is the likeliest for this one
    if (failed < 0 || Math.abs(jump(second, n, failed, m)) <= m * step[failed % n]) {
      failed = firstFailure(second, n, step, m);
      if (failed < 0) break;
    }
    m++;
  }
  return m;
}

/** Index of the first second difference that a window of m samples lets change too fast, or −1. */
function firstFailure(second: Float64Array, n: number, step: Float64Array, m: number): number {
  for (let i = 0; i < second.length + m * n; i += n) {
    for (let j = 0; j < n; j++) if (Math.abs(jump(second, n, i + j, m)) > m * step[j]) return i + j;
  }
  return -1;
}

/** Change of a second difference over m samples, with rest before and after. */
function jump(second: Float64Array, n: number, i: number, m: number): number {
  return (i < second.length ? second[i] : 0) - (i >= m * n ? second[i - m * n] : 0);
}

/** Change of a second difference that the jerk limits allow in a sample. */
function jerkSteps(limits: MotionLimits, dt_s: number): Float64Array {
  return limits.jerk.map((jerk) => jerkRoom(jerk, dt_s) * dt_s ** 3);
}

/** Jerk that is left when control points are rounded to their grid. */
export function jerkRoom(jerk: number, dt_s: number): number {
  const room = jerk * (1 - 1e-9) - (8 * QUANTUM_RAD) / dt_s ** 3;
  if (!(room > jerk / 2))
    throw new InputError(`jerk limit ${jerk} rad/s³ with samples every ${dt_s} s`, 'a longer period');
  return room;
}
