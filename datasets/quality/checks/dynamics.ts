import type { JointSeries } from '../../recording/series.ts';
import type { Evidence } from '../evidence.ts';
import type { KnownLimits } from '../joint_limits.ts';
import { isGripper } from '../joint_limits.ts';
import { columnOf } from '../motion.ts';
import { cut, type Observation, percent, plotOf } from '../observation.ts';
import { quantileOf } from '../statistics.ts';

/** A step may be so much of what the joint's limit, or its own velocities, allow; and so much (rad) of quantisation. */
const JUMP_FACTOR = 1.5;
const JUMP_RAD = 0.004;
/** Beyond limits of position (rad) and of velocity (share) that rounding explains. */
const BEYOND_RAD = 0.01;
const BEYOND_SHARE = 1.05;
/** Part of the velocity's deviation that positions do not explain. */
const DERIVATIVE = 0.35;
const DERIVATIVE_MAJOR = 0.7;
/** Joints that move less (rms, rad/s) are not compared. */
const LEAST_SPEED = 0.02;

/**
 * What no arm can do: positions that jump further than its speed allows, velocities that are not the derivative of positions
 * (with the factor that fits, which tells wrong units and signs), positions and velocities beyond the robot's limits.
 */
export function findDynamics({ series: { joints }, limits }: Evidence): readonly Observation[] {
  if (joints === null || joints.time_s.length < 10) return [];
  return joints.names.flatMap((name, i) => {
    const known = limits.get(name) ?? null;
    const position = columnOf(joints, joints.position, i);
    const velocity = columnOf(joints, joints.velocity, i);
    return [
      ...jumps(joints, name, position, velocity, known),
      ...(isGripper(name)
        ? []
        : [...derivative(joints, name, position, velocity), ...beyond(joints, name, position, velocity, known)]),
    ];
  });
}

function jumps(
  { time_s }: JointSeries,
  name: string,
  position: Float64Array,
  velocity: Float64Array,
  known: KnownLimits | null,
): Observation[] {
  const own = quantileOf(velocity.map(Math.abs), 0.99);
  const fastest = known !== null && Number.isFinite(known.velocity) ? known.velocity : Math.max(0.5, 3 * (own || 0));
  const found: { at: number; step: number; allowed: number }[] = [];
  for (let k = 1; k < position.length; k++) {
    const step = Math.abs(position[k] - position[k - 1]);
    // Of late stamps the time is too short; a nominal period is the least that counts.
    const allowed = JUMP_FACTOR * fastest * Math.max(time_s[k] - time_s[k - 1], 0.002) + JUMP_RAD;
    if (step > allowed) found.push({ at: k, step, allowed });
  }
  if (found.length === 0) return [];
  const worst = found.reduce((a, b) => (b.step > a.step ? b : a));
  const [from_s, to_s] = [time_s[worst.at - 1], time_s[worst.at]];
  const detail = `${name}: jumps by ${worst.step.toFixed(3)} rad within ${(1000 * (to_s - from_s)).toFixed(1)} ms, ${worst.allowed.toFixed(3)} possible; ${found.length} jumps`;
  const plot = plotOf(`${name}, rad`, time_s, position);
  return [
    {
      check: 'jump',
      severity: 'major',
      detail,
      fix: `${cut(from_s, to_s)}, or split the episode there`,
      from_s,
      to_s,
      plot,
    },
  ];
}

function derivative(
  { time_s }: JointSeries,
  name: string,
  position: Float64Array,
  velocity: Float64Array,
): Observation[] {
  let [dd, dv, vv] = [0, 0, 0];
  let n = 0;
  const off = new Float64Array(position.length);
  for (let k = 1; k + 1 < position.length; k++) {
    const span = time_s[k + 1] - time_s[k - 1];
    const slope = (position[k + 1] - position[k - 1]) / span;
    // What was reported around k, smoothed as the slope is.
    const told = (velocity[k - 1] + 2 * velocity[k] + velocity[k + 1]) / 4;
    if (!Number.isFinite(slope) || !Number.isFinite(told) || span > 0.25) continue;
    dd += slope * slope;
    dv += slope * told;
    vv += told * told;
    off[k] = told - slope;
    n++;
  }
  if (n < 20 || Math.sqrt(Math.max(dd, vv) / n) < LEAST_SPEED) return [];
  const residual = Math.sqrt(Math.max(0, dd - 2 * dv + vv) / Math.max(dd, vv));
  if (residual <= DERIVATIVE) return [];
  const factor = dd > 0 ? dv / dd : 0;
  const fits = vv > 0 && dd > 0 ? (dv * dv) / (dd * vv) : 0;
  const scaled = fits > 0.95 ? `; they fit when divided by ${factor.toPrecision(3)}` : '';
  const detail = `${name}: velocities are not the derivative of positions: ${percent(residual)} unexplained, limit ${percent(DERIVATIVE)}${scaled}`;
  const fix =
    fits > 0.95
      ? `divide the velocities of ${name} by ${factor.toPrecision(3)}`
      : `take the derivative of ${name}'s positions instead`;
  const plot = plotOf(`${name}: velocity less the slope of position, rad/s`, time_s, off, [0]);
  const span = { from_s: time_s[0], to_s: time_s[time_s.length - 1] };
  return [
    { check: 'derivative', severity: residual > DERIVATIVE_MAJOR ? 'major' : 'minor', detail, fix, ...span, plot },
  ];
}

function beyond(
  { time_s }: JointSeries,
  name: string,
  position: Float64Array,
  velocity: Float64Array,
  known: KnownLimits | null,
): Observation[] {
  if (known === null) return [];
  const { lower, upper, velocity: fastest } = known;
  const over = (k: number) => Math.max(lower - position[k], position[k] - upper);
  const fast = (k: number) => Math.abs(velocity[k]) / fastest;
  return [
    ...worstOf(
      time_s,
      position,
      over,
      BEYOND_RAD,
      (value) => `${name}: ${value.toFixed(3)} rad beyond [${lower}, ${upper}], ${BEYOND_RAD} allowed`,
      `${name}, rad`,
      [lower, upper],
    ),
    ...worstOf(
      time_s,
      velocity,
      fast,
      BEYOND_SHARE,
      (value) => `${name}: ${percent(value)} of its greatest speed ${fastest} rad/s, ${percent(BEYOND_SHARE)} allowed`,
      `${name}, rad/s`,
      [-fastest, fastest],
    ),
  ];
}

function worstOf(
  time_s: Float64Array,
  values: Float64Array,
  measure: (k: number) => number,
  limit: number,
  told: (value: number) => string,
  label: string,
  limits: readonly number[],
): Observation[] {
  let [first, last, worst] = [-1, -1, limit];
  for (let k = 0; k < values.length; k++) {
    const value = measure(k);
    if (!(value > limit)) continue;
    if (first < 0) first = k;
    last = k;
    if (value > worst) worst = value;
  }
  if (first < 0) return [];
  const [from_s, to_s] = [time_s[first], time_s[last]];
  const plot = plotOf(label, time_s, values, limits.filter(Number.isFinite));
  return [
    {
      check: 'limits',
      severity: 'major',
      detail: told(worst),
      fix: `look at units and calibration; else ${cut(from_s, to_s)}`,
      from_s,
      to_s,
      plot,
    },
  ];
}
