import type { Evidence } from '../evidence.ts';
import { isGripper } from '../joint_limits.ts';
import { columnOf, pathOf } from '../motion.ts';
import { cut, type Observation, plotOf, seconds } from '../observation.ts';
import { interpolate, stretches } from '../statistics.ts';

/** Share of a known limit from which a value counts as at it, and how long (s) it may stay there. */
const AT_LIMIT = 0.999;
const LONGEST_S = 0.05;
const MAJOR_S = 0.5;
/** Samples at a signal's own extreme, equal to the bit, that make a flat top; and how far (rad) the arm moves meanwhile. */
const FLAT_SAMPLES = 5;
const FLAT_MOVED_RAD = 0.02;
const WRENCH = ['force x', 'force y', 'force z', 'torque x', 'torque y', 'torque z'];

interface Signal {
  readonly name: string;
  readonly unit: string;
  readonly time_s: Float64Array;
  readonly value: Float64Array;
  /** Known bounds; infinite without. */
  readonly low: number;
  readonly high: number;
}

/**
 * Values that stay at their limit: of positions, velocities and efforts at those of the robot's description, of efforts and
 * wrenches at a flat top of their own while the arm moves, as a saturated sensor gives. The gripper's joints rest at
 * their ends by design.
 */
export function findClipping(evidence: Evidence): readonly Observation[] {
  const { joints } = evidence.series;
  const path = joints === null ? null : pathOf(joints);
  const moved = (from_s: number, to_s: number) =>
    joints === null || path === null
      ? Number.POSITIVE_INFINITY
      : interpolate(joints.time_s, path, to_s) - interpolate(joints.time_s, path, from_s);
  return [
    ...jointSignals(evidence).flatMap(atLimit),
    ...jointSignals(evidence)
      .filter(({ unit }) => unit === 'Nm')
      .flatMap((signal) =>
        flatTop(signal, (first, last) => moved(signal.time_s[first], signal.time_s[last]) > FLAT_MOVED_RAD),
      ),
    ...wrenchSignals(evidence).flatMap((signal) =>
      flatTop(signal, (first, last) => wrenchLives(evidence, first, last)),
    ),
  ];
}

function jointSignals({ series: { joints }, limits }: Evidence): Signal[] {
  if (joints === null) return [];
  return joints.names.flatMap((name, i) => {
    if (isGripper(name)) return [];
    const known = limits.get(name);
    const { lower = -Infinity, upper = Infinity, velocity = Infinity, effort = Infinity } = known ?? {};
    const { time_s } = joints;
    return [
      {
        name: `${name} position`,
        unit: 'rad',
        time_s,
        value: columnOf(joints, joints.position, i),
        low: lower,
        high: upper,
      },
      {
        name: `${name} velocity`,
        unit: 'rad/s',
        time_s,
        value: columnOf(joints, joints.velocity, i),
        low: -velocity,
        high: velocity,
      },
      {
        name: `${name} effort`,
        unit: 'Nm',
        time_s,
        value: columnOf(joints, joints.effort, i),
        low: -effort,
        high: effort,
      },
    ];
  });
}

function wrenchSignals({ series: { wrench } }: Evidence): Signal[] {
  if (wrench === null) return [];
  const { time_s, values } = wrench;
  return WRENCH.map((name, i) => ({
    ...{ name: `wrench ${name}`, unit: i < 3 ? 'N' : 'Nm', time_s, low: -Infinity, high: Infinity },
    value: Float64Array.from(time_s, (_, k) => values[6 * k + i]),
  }));
}

function atLimit(signal: Signal): Observation[] {
  const { value, time_s, low, high, unit } = signal;
  if (!Number.isFinite(low) && !Number.isFinite(high)) return [];
  const margin = Number.isFinite(high - low) ? (1 - AT_LIMIT) * (high - low) : 0;
  const runs = stretches(value.length, 2, (k) => value[k] >= high - margin || value[k] <= low + margin).filter(
    ([first, last]) => time_s[last] - time_s[first] > LONGEST_S,
  );
  const limit = runs.length > 0 && value[runs[0][0]] >= high - margin ? high : low;
  return clipped(signal, runs, `at its limit of ${limit} ${unit}`, limit);
}

function flatTop(signal: Signal, lives: (first: number, last: number) => boolean): Observation[] {
  const { value, unit } = signal;
  return [Math.max, Math.min].flatMap((extreme) => {
    const top = value.reduce((a, b) => (Number.isFinite(b) ? extreme(a, b) : a), 0);
    if (top === 0) return [];
    const runs = stretches(value.length, FLAT_SAMPLES, (k) => value[k] === top).filter(([first, last]) =>
      lives(first, last),
    );
    const how = `flat at ${top.toPrecision(4)} ${unit}, ${FLAT_SAMPLES} equal samples or more while all else changes`;
    return clipped(signal, runs, how, top);
  });
}

/** Whether another axis of the sensor changes from each row to the next: at rest none does. */
function wrenchLives({ series: { wrench } }: Evidence, first: number, last: number): boolean {
  if (wrench === null) return false;
  for (let k = first + 1; k <= last; k++) {
    let changed = 0;
    for (let i = 0; i < 6; i++) if (wrench.values[6 * k + i] !== wrench.values[6 * (k - 1) + i]) changed++;
    if (changed === 0) return false;
  }
  return true;
}

function clipped(
  { name, unit, time_s, value }: Signal,
  runs: readonly [number, number][],
  how: string,
  limit: number,
): Observation[] {
  if (runs.length === 0) return [];
  const lengths = runs.map(([first, last]) => time_s[last] - time_s[first]);
  const total_s = lengths.reduce((a, b) => a + b, 0);
  const [first, last] = runs[lengths.indexOf(Math.max(...lengths))];
  const [from_s, to_s] = [time_s[first], time_s[last]];
  const detail = `${name}: ${how}, for ${seconds(total_s)} in all, ${seconds(LONGEST_S)} allowed at a time`;
  const plot = plotOf(`${name}, ${unit}`, time_s, value, [limit]);
  const severity = total_s > MAJOR_S ? 'major' : 'minor';
  return [{ check: 'clipping', severity, detail, fix: cut(from_s, to_s), from_s, to_s, plot }];
}
