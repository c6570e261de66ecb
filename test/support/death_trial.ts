import type { JointTrajectory, Rng } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { CycleRow, RecordedMotion } from '../../runtime/index.ts';
import { envelopeForRobot } from '../../safety/index.ts';
import { type LimitShares, limitShares } from './stop_limits.ts';

/** What is done to a moving arm's software. */
export const DEATHS = [
  'lease lost',
  'supervisor killed',
  'supervisor frozen',
  'control killed',
  'control frozen',
] as const;
export type Death = (typeof DEATHS)[number];

/** Who asks a moving arm to stop, or says nothing more. */
export const STOPS = [
  'stop by service',
  'stop by topic',
  'stop by command line',
  'external source silent',
  'tracks silent',
] as const;
export type Stop = (typeof STOPS)[number];
export type Trouble = Death | Stop;

export const EXTERNAL_TIMEOUT_S = 0.2;
/** Of people and other bodies: a track that was sensed longer ago than delay and period together stops the arm. */
export const SEPARATION = {
  ...{ body_speed_m_per_s: 1.6, track_delay_s: 0.1, track_period_s: 0.1, contact_speed_m_per_s: 0 },
  ...{ body_error_m: 0.05, robot_error_m: 0.005, intrusion_m: 0.1 },
};

/** From a stop that is asked for, and from a death, to the arm's deceleration, s. */
const ASKED_S = 0.05;
const DEATH_S = 0.1;

/**
 * Declared: from the trouble until the arm has lost a tenth of its speed, at most, s. Sources fall silent with their last
 * word; what was sensed last counts from when it was sensed.
 */
export function declaredReaction_s(trouble: Trouble): number {
  switch (trouble) {
    case 'stop by service':
    case 'stop by topic':
    case 'stop by command line':
      return ASKED_S;
    case 'external source silent':
      return EXTERNAL_TIMEOUT_S + ASKED_S;
    case 'tracks silent':
      return SEPARATION.track_delay_s + SEPARATION.track_period_s + ASKED_S;
    default:
      return DEATH_S;
  }
}

const RAMP_S = 0.2;
/** Of the cruise, at least this lies after the signal: the arm must slow down for the signal's sake, not the trajectory's. */
export const CRUISE_AFTER_S = 0.2;
const SAMPLE_S = 0.01;
/** How far targets lie from home at most, rad; the leading joint is at least a little away from where it is. */
const REACH = [0.5, 0.35, 0.5, 0.35, 0.5, 0.4, 0.8];

/** A straight motion of all joints at a steady speed, between ramps. */
export interface Cruise {
  readonly trajectory: JointTrajectory;
  /** Joint velocities in the cruise, rad/s. */
  readonly velocity: Float64Array;
  /** How long the cruise lasts, s. */
  readonly cruise_s: number;
}

/**
 * A cruise of random direction and speed from `q` (rad) whose tool stays well inside the workspace.
 *
 * @param after_s  of it at least this is to lie after the signal
 */
export function randomCruise(robot: Robot, q: Float64Array, rng: Rng, after_s = CRUISE_AFTER_S): Cruise {
  const n = robot.arm_joints;
  for (;;) {
    const cruise_s = after_s + rng.range(0.15, 0.3);
    const target = Float64Array.from({ length: n }, (_, i) => robot.home_q[i] + rng.range(-REACH[i], REACH[i]));
    const part = rng.range(0.3, 1);
    const way = target.map((end, i) => part * (end - q[i]));
    const rate = 1 / (RAMP_S + cruise_s);
    if (Math.max(...way.map(Math.abs)) * rate < 0.2 || !staysInside(robot, q, way)) continue;
    const duration_s = 2 * RAMP_S + cruise_s;
    const samples = Math.ceil(duration_s / SAMPLE_S) + 1;
    const time_s = Float64Array.from({ length: samples }, (_, k) => (duration_s * k) / (samples - 1));
    const [position, velocity, acceleration] = [0, 1, 2].map(() => new Float64Array(n * samples));
    time_s.forEach((t, k) => {
      const s = alongCruise(t, cruise_s, rate);
      for (let i = 0; i < n; i++) {
        position[n * k + i] = q[i] + s.way * way[i];
        velocity[n * k + i] = s.speed * way[i];
        acceleration[n * k + i] = s.gain * way[i];
      }
    });
    const joint_names = robot.model.joint_names.slice(0, n);
    return {
      trajectory: { joint_names, time_s, position, velocity, acceleration },
      velocity: way.map((d) => d * rate),
      cruise_s,
    };
  }
}

/** Way (0 to 1), its rate and the rate's rate: the rate rises by 3u² − 2u³, stays, and falls again. */
function alongCruise(t: number, cruise_s: number, rate: number): { way: number; speed: number; gain: number } {
  const ramp = (u: number) => ({
    way: rate * RAMP_S * (u ** 3 - 0.5 * u ** 4),
    speed: rate * (3 * u * u - 2 * u ** 3),
    gain: (rate * 6 * u * (1 - u)) / RAMP_S,
  });
  if (t < RAMP_S) return ramp(t / RAMP_S);
  if (t <= RAMP_S + cruise_s) return { way: rate * (0.5 * RAMP_S + t - RAMP_S), speed: rate, gain: 0 };
  const { way, speed, gain } = ramp(Math.max(0, (2 * RAMP_S + cruise_s - t) / RAMP_S));
  return { way: 1 - way, speed, gain: -gain };
}

function staysInside(robot: Robot, q: Float64Array, way: Float64Array): boolean {
  const box = envelopeForRobot(robot).workspace;
  if (box === null) return true;
  const data = new RobotData(robot.model);
  const pose = new Float64Array(12);
  const at = robot.home_q.slice();
  const margin_m = 0.05;
  for (let k = 0; k <= 20; k++) {
    way.forEach((d, i) => {
      at[i] = q[i] + (k / 20) * d;
    });
    forwardKinematics(robot.model, data, at);
    framePose(robot.model, data, frameIndex(robot.model, robot.tcp_frame), pose);
    const inside = [0, 1, 2].every(
      (axis) => pose[9 + axis] > box.lower_m[axis] + margin_m && pose[9 + axis] < box.upper_m[axis] - margin_m,
    );
    if (!inside) return false;
  }
  return true;
}

/** One trial as it was carried out; times on the machine's monotonic clock, s. */
export interface Trial {
  readonly death: Trouble;
  readonly cruise: Cruise;
  readonly signal_s: number;
  /** The arm was seen at rest. */
  readonly end_s: number;
  /** The gate's cycles meanwhile; none where the control process was killed. */
  readonly trace: readonly CycleRow[];
  /** How long an empty loop beside it was kept waiting after the signal, which excuses nothing, s; null: nobody looked. */
  readonly stall_s: number | null;
}

export interface Verdict {
  readonly death: Trouble;
  /** Of the fastest joint at the signal, rad/s. */
  readonly speed: number;
  /** From the signal until the arm has lost a tenth of its speed, s. */
  readonly reaction_s: number;
  /** From the first slower command the arm takes, or the first cycle of its own braking, to standstill, s. */
  readonly stopping_s: number;
  /** What the stop may take: the gate's stopping tail, or the arm's own braking from its speed; one cycle more for the
   * moment at which it is read, and one for each of the arm's cycles in the tail that brought no new command. */
  readonly bound_s: number;
  readonly missed: number;
  /** Cycles from the first without a lease to the first that slows down; null for stops that do not end the lease. */
  readonly cycles: number | null;
  /** Whether the arm's own watchdog braked. */
  readonly watchdog: boolean;
  /** See Trial. */
  readonly stall_s: number | null;
  /** Greatest parts of the limits that the stop takes. */
  readonly shares: LimitShares;
}

function isDeath(trouble: Trouble): trouble is Death {
  return DEATHS.some((death) => death === trouble);
}

/** Joint speed below which the arm stands, rad/s. */
export const STANDSTILL = 0.01;
const SLOWER = 0.9;
/** Part of its speed that a slower command loses in a cycle; ripples of an interpolated trajectory lose far less. */
const SLOWING = 2e-3;

/** Judges a trial from the arm's own log, and the gate's part from its trace; null if the arm was not in its cruise. */
export function judge(robot: Robot, trial: Trial, motion: RecordedMotion, hz: number): Verdict | null {
  const { cruise, signal_s, death, trace } = trial;
  const along = (v: ArrayLike<number>) => cruise.velocity.reduce((sum, c, i) => sum + c * v[i], 0);
  const start = motion.rowAt(signal_s);
  const end = motion.rowAt(trial.end_s);
  const at_signal = along(motion.v(start));
  if (Math.abs(at_signal / along(cruise.velocity) - 1) > 0.08) return null;
  let onset = end;
  while (onset > start && along(motion.v(onset - 1)) < SLOWER * at_signal) onset--;
  let stand = end;
  while (stand > start && motion.v(stand - 1).every((v) => Math.abs(v) <= STANDSTILL)) stand--;
  const rowWhere = (holds: (row: number) => boolean) => {
    for (let row = start; row < end; row++) if (holds(row)) return row;
    return end;
  };
  const braking = rowWhere((row) => motion.phase(row) === 'braking');
  const gate = death.startsWith('control') ? null : judgeGate(trace, along, signal_s, isDeath(death));
  const slower = gate === null ? end : rowWhere((row) => motion.sequence(row) >= gate.sequence);
  // After the gate's stop the arm's drives go off, and what is left of its speed is braked.
  const watchdog = braking < slower;
  const first = Math.min(braking, slower);
  let missed = 0;
  for (let row = first + 1; row <= stand && !watchdog; row++)
    if (motion.sequence(row) === motion.sequence(row - 1)) missed++;
  const own = () => Math.max(...motion.v(braking - 1).map((v, i) => Math.abs(v) / robot.limits.acceleration[i]));
  return {
    death,
    speed: Math.max(...motion.v(start).map(Math.abs)),
    reaction_s: motion.time_s(onset) - signal_s,
    stopping_s: motion.time_s(stand) - motion.time_s(first - 1),
    bound_s: (watchdog || gate === null ? own() : gate.stop_time_s) + (1 + missed) / hz,
    missed,
    cycles: gate?.cycles ?? null,
    watchdog,
    stall_s: trial.stall_s,
    shares: limitShares(robot, motion, first, stand, hz, gate === null || watchdog ? [] : gate.rows),
  };
}

/** Finds the gate's stop in its trace: how long it was to take, and the command it began with. */
function judgeGate(
  trace: readonly CycleRow[],
  along: (v: ArrayLike<number>) => number,
  signal_s: number,
  by_lease: boolean,
) {
  const from = Math.max(
    1,
    trace.findIndex((row) => row.t_s >= signal_s),
  );
  const lost = trace.findIndex((row, k) => k >= from && !row.lease_valid);
  const slows = (k: number) => along(trace[k].velocity) < along(trace[k - 1].velocity) * (1 - SLOWING);
  const slower = trace.findIndex((_, k) => k >= from && slows(k));
  if ((by_lease && lost < 0) || slower < 0)
    throw new Error(`no stop in the trace: lease lost in ${lost}, slower from ${slower}`);
  const { stop_time_s } = trace[slower - 1];
  // The command before and that before it make the first differences.
  const rows = trace.slice(Math.max(0, slower - 2));
  return { stop_time_s, sequence: trace[slower].sequence, cycles: by_lease ? slower - lost : null, rows };
}
