import type { JointSeries } from '../../recording/series.ts';
import type { Evidence } from '../evidence.ts';
import { armJoints, columnOf } from '../motion.ts';
import { type Observation, plotOf } from '../observation.ts';
import { bestShift, correlation, interpolate } from '../statistics.ts';

const STEP_S = 0.005;
const FARTHEST_S = 0.6;
/** How far (s) measured joints may follow behind their command, and how far ahead of it stamps may put them. */
const BEHIND_S = 0.12;
const AHEAD_S = 0.025;
const MAJOR_S = 0.25;
const LEAST_CORRELATION = 0.8;
/** Least standard deviation of a joint's command that is looked at, rad. */
const LEAST_MOTION = 0.02;
const MOST_ROWS = 800;

/** Measured joints against what they were told: the shift at which velocities go together best, over joints that move. */
export function findCommandDesync({ series: { joints, command } }: Evidence): readonly Observation[] {
  if (joints === null || command === null) return [];
  const lag = commandLag(joints, command);
  if (lag === null || (lag.lag_s <= BEHIND_S && lag.lag_s >= -AHEAD_S)) return [];
  const { lag_s, correlation: r, joint } = lag;
  const limit = lag_s > 0 ? `${BEHIND_S} s allowed behind` : `${AHEAD_S} s allowed ahead`;
  const detail = `joints: ${Math.abs(lag_s).toFixed(3)} s ${lag_s > 0 ? 'behind' : 'ahead of'} their command (correlation ${r.toFixed(2)}), ${limit}`;
  const fix = `shift commands by ${lag_s > 0 ? '+' : '-'}${Math.abs(lag_s).toFixed(3)} s, or look at the drive`;
  const i = joints.names.indexOf(joint);
  const plot = plotOf(`${joint}, rad`, joints.time_s, columnOf(joints, joints.position, i));
  const span = { from_s: joints.time_s[0], to_s: joints.time_s[joints.time_s.length - 1] };
  const severity = lag_s < 0 || lag_s > MAJOR_S ? 'major' : 'minor';
  return [{ check: 'command_desync', severity, detail, fix, ...span, plot }];
}

/** How far joints follow behind their command, s; null where nothing moves or nothing goes together. */
export function commandLag(joints: JointSeries, command: JointSeries) {
  const pairs = armJoints(joints).flatMap((i) => {
    const name = joints.names[i];
    const c = command.names.indexOf(name);
    if (c < 0) return [];
    const told = columnOf(command, command.position, c);
    const measured = columnOf(joints, joints.position, i);
    return deviation(told) < LEAST_MOTION || !told.every(Number.isFinite)
      ? []
      : [{ name, told, measured, spread: deviation(told) }];
  });
  if (pairs.length === 0) return null;
  const stride = Math.max(1, Math.ceil(command.time_s.length / MOST_ROWS));
  const [first, last] = [command.time_s[0] + FARTHEST_S, command.time_s[command.time_s.length - 1] - FARTHEST_S];
  const rows = Array.from(command.time_s.keys()).filter(
    (k) => k % stride === 0 && command.time_s[k] > first && command.time_s[k] < last,
  );
  const { name: joint, told, measured } = pairs.reduce((a, b) => (b.spread > a.spread ? b : a));
  if (rows.length < 50) return null;
  const speed = (times: Float64Array, values: Float64Array, at: number) =>
    interpolate(times, values, at + 0.02) - interpolate(times, values, at - 0.02);
  const asked = Float64Array.from(rows, (k) => speed(command.time_s, told, command.time_s[k]));
  const shown = new Float64Array(rows.length);
  const at = (lag_s: number) => {
    for (const [r, k] of rows.entries()) shown[r] = speed(joints.time_s, measured, command.time_s[k] + lag_s);
    return correlation(asked, shown);
  };
  const { shift, value } = bestShift(at, FARTHEST_S, STEP_S);
  return value < LEAST_CORRELATION ? null : { lag_s: shift, correlation: value, joint };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
