import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { CycleRow, RecordedMotion } from '../../runtime/index.ts';
import { envelopeForRobot } from '../../safety/index.ts';

/** Greatest parts of the envelope's limits of any joint that a stop takes; 1 is the limit. */
export interface LimitShares {
  /** Of acceleration and jerk, by differences of the velocities that the gate sent; null where it sent none. */
  readonly sent_acceleration: number | null;
  readonly sent_jerk: number | null;
  /** Of acceleration, by differences of the velocities in the arm's own log, and of torque, by inverse dynamics of it. */
  readonly acceleration: number;
  readonly torque: number;
}

/**
 * @param first  row of the arm's log in which the stop begins; `stand`: the first at rest
 * @param sent  the gate's cycles, two before the first slower one included; empty where the arm braked by itself
 */
export function limitShares(
  robot: Robot,
  motion: RecordedMotion,
  first: number,
  stand: number,
  hz: number,
  sent: readonly CycleRow[],
): LimitShares {
  const { joints } = envelopeForRobot(robot);
  const acceleration = joints.map((joint) => joint.acceleration_rad_per_s2);
  const jerk = joints.map((joint) => joint.jerk_rad_per_s3);
  const effort = joints.map((joint) => joint.effort_Nm);
  const change = (now: ArrayLike<number>, before: ArrayLike<number>) => joints.map((_, i) => (now[i] - before[i]) * hz);
  const share = (values: ArrayLike<number>, limits: readonly number[]) =>
    limits.reduce((most, limit, i) => Math.max(most, Math.abs(values[i]) / limit), 0);
  const most = (shares: readonly number[]) => shares.reduce((a, b) => Math.max(a, b), 0);
  const sent_a = sent.slice(1).map((row, k) => change(row.velocity, sent[k].velocity));
  const sent_j = sent_a.slice(1).map((a, k) => change(a, sent_a[k]));
  const rows = Array.from({ length: Math.max(0, stand - first) }, (_, k) => first + k);
  const logged = rows.map((row) => change(motion.v(row), motion.v(row - 1)));
  return {
    sent_acceleration: sent.length < 3 ? null : most(sent_a.map((a) => share(a, acceleration))),
    sent_jerk: sent.length < 3 ? null : most(sent_j.map((j) => share(j, jerk))),
    acceleration: most(logged.map((a) => share(a, acceleration))),
    torque: most(torques(robot, motion, rows, logged).map((tau) => share(tau, effort))),
  };
}

/** Joint torques of rigid-body dynamics along the log, gravity included, Nm. */
function torques(
  robot: Robot,
  motion: RecordedMotion,
  rows: readonly number[],
  a: readonly number[][],
): Float64Array[] {
  const { model, home_q } = robot;
  const data = new RobotData(model);
  const full = (values: ArrayLike<number>, rest: Float64Array) => {
    const all = rest.slice();
    all.set(values);
    return all;
  };
  const none = new Float64Array(model.nq);
  return rows.map((row, k) => {
    const tau = new Float64Array(model.nq);
    forwardKinematics(model, data, full(motion.q(row), home_q));
    rnea(model, data, full(motion.v(row), none), full(a[k], none), tau);
    return tau;
  });
}
