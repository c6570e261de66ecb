import { InputError } from '../../contracts/index.ts';
import { type EpisodeSeries, type JointSeries, readSeries, type WrenchSeries } from '../../datasets/index.ts';
import type { Robot } from '../../robots/index.ts';

/** What a robot was told in an episode and what it did; row k of each array is of `time_s[k]`. */
export interface MotionTrace {
  readonly id: string;
  readonly joints: number;
  readonly time_s: Float64Array;
  /** Of the arm's joints: rad, rad/s, Nm. */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly effort: Float64Array;
  /** References that the drives had, rad and rad/s. */
  readonly command_position: Float64Array;
  readonly command_velocity: Float64Array;
  /** Distance between the fingers that was asked for and that was there (m); NaN without a gripper. */
  readonly asked_width_m: Float64Array;
  readonly width_m: Float64Array;
  /** Force (N) and torque (Nm) on the hand, six a row, tool axes; NaN throughout where none was recorded. */
  readonly wrench: Float64Array;
}

const FEWEST_ROWS = 50;

/**
 * Reads joint states, commands and wrench of one recording.
 * @throws InputError that names the topic that is absent, or joints of another robot
 */
export async function readMotion(id: string, file: string, robot: Robot): Promise<MotionTrace> {
  return motionOf(id, file, await readSeries(file), robot);
}

/** The same from series that have been read. */
export function motionOf(
  id: string,
  where: string,
  { joints, command, wrench }: Pick<EpisodeSeries, 'joints' | 'command' | 'wrench'>,
  robot: Robot,
): MotionTrace {
  const states = needed(joints, where, '/joint_states (sensor_msgs/JointState), what the encoders read');
  const told = needed(command, where, '/arm_controller/controller_state (control_msgs), what the drives were sent');
  const n = robot.arm_joints;
  const names = robot.model.joint_names.slice(0, n);
  const finger = robot.gripper === null ? '' : robot.model.joint_names[robot.gripper.coordinate];
  const of = columnsOf(states, names, where, robot.name);
  const by = columnsOf(told, names, where, robot.name);
  const rows = states.time_s.length;
  const trace: MotionTrace = {
    ...{ id, joints: n, time_s: states.time_s },
    position: columns(states, states.position, of),
    velocity: columns(states, states.velocity, of),
    effort: columns(states, states.effort, of),
    command_position: resampled(told, told.position, by, states.time_s),
    command_velocity: resampled(told, told.velocity, by, states.time_s),
    asked_width_m: resampled(told, told.position, [told.names.indexOf(finger)], states.time_s).map((x) => 2 * x),
    width_m: columns(states, states.position, [states.names.indexOf(finger)]).map((x) => 2 * x),
    wrench: wrench === null ? new Float64Array(6 * rows).fill(Number.NaN) : wrenchAt(wrench, states.time_s),
  };
  for (const name of ['position', 'velocity', 'effort', 'command_position', 'command_velocity'] as const) {
    const at = trace[name].findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    const row = `${name} of ${names[at % n]} at ${states.time_s[Math.floor(at / n)].toFixed(2)} s`;
    throw new InputError(`${where}: no ${row}`, 'a number in every message of an arm that is to be identified');
  }
  return trace;
}

function needed(series: JointSeries | null, where: string, what: string): JointSeries {
  if (series !== null && series.time_s.length >= FEWEST_ROWS) return series;
  throw new InputError(`${where}: ${series?.time_s.length ?? 0} messages`, `at least ${FEWEST_ROWS} of ${what}`);
}

function columnsOf({ names }: JointSeries, wanted: readonly string[], where: string, robot: string): number[] {
  const found = wanted.map((name) => names.indexOf(name));
  if (!found.includes(-1)) return found;
  throw new InputError(`${where}: joints ${names.join(', ')}`, `those of ${robot}: ${wanted.join(', ')}`);
}

/** Some columns of a table; NaN for those that are not there. */
function columns({ names, time_s }: JointSeries, table: Float64Array, of: readonly number[]): Float64Array {
  const out = new Float64Array(time_s.length * of.length);
  for (let k = 0; k < time_s.length; k++) {
    for (let j = 0; j < of.length; j++) out[k * of.length + j] = table[k * names.length + of[j]] ?? Number.NaN;
  }
  return out;
}

/** Columns of commands by linear interpolation at other times; held before the first and after the last. */
function resampled(told: JointSeries, table: Float64Array, of: readonly number[], time_s: Float64Array): Float64Array {
  const own = columns(told, table, of);
  return interpolated(told.time_s, own, of.length, time_s);
}

function wrenchAt({ time_s, values }: WrenchSeries, at: Float64Array): Float64Array {
  return interpolated(time_s, values, 6, at);
}

function interpolated(times: Float64Array, rows: Float64Array, width: number, at: Float64Array): Float64Array {
  const out = new Float64Array(at.length * width);
  const last = times.length - 1;
  let k = 0;
  for (let i = 0; i < at.length; i++) {
    while (k < last && times[k + 1] <= at[i] + 1e-9) k++;
    const span = k < last ? times[k + 1] - times[k] : 0;
    const part = span > 0 ? Math.min(1, Math.max(0, (at[i] - times[k]) / span)) : 0;
    for (let j = 0; j < width; j++) {
      const value = rows[k * width + j];
      out[i * width + j] = part < 1e-6 ? value : value + part * (rows[(k + 1) * width + j] - value);
    }
  }
  return out;
}
