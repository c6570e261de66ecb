import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import type { StateSample } from './arm_on_bus.ts';

/** Accelerations are taken over so much time on either side, s. */
const WINDOW_S = 0.02;
/** Between samples that are farther apart nothing is known, s. */
const LONGEST_S = 0.12;

/**
 * Root mean square of measured less expected torque over a motion, joint by joint, Nm: what friction, a load that was not told
 * or a false model leave over. Null where the joint states carry no torques or too few of them came.
 */
export function torqueResidual(samples: readonly StateSample[], robot: Robot): Float64Array | null {
  const n = robot.arm_joints;
  const { nq } = robot.model;
  const data = new RobotData(robot.model);
  const q = robot.home_q.slice();
  const v = new Float64Array(nq);
  const acceleration = new Float64Array(nq);
  const tau = new Float64Array(nq);
  const squares = new Float64Array(n);
  let count = 0;
  for (const [k, { stamp_s, position, velocity, effort }] of samples.entries()) {
    if (effort.some((tau) => !Number.isFinite(tau))) return null;
    const before = samples.findLastIndex((other, i) => i < k && other.stamp_s <= stamp_s - WINDOW_S);
    const after = samples.findIndex((other, i) => i > k && other.stamp_s >= stamp_s + WINDOW_S);
    if (before < 0 || after < 0) continue;
    const [a, b] = [samples[before], samples[after]];
    if (b.stamp_s - a.stamp_s > LONGEST_S) continue;
    q.set(position);
    v.set(velocity);
    for (let i = 0; i < n; i++) acceleration[i] = (b.velocity[i] - a.velocity[i]) / (b.stamp_s - a.stamp_s);
    forwardKinematics(robot.model, data, q);
    rnea(robot.model, data, v, acceleration, tau);
    for (let i = 0; i < n; i++) squares[i] += (effort[i] - tau[i]) ** 2;
    count++;
  }
  return count === 0 ? null : squares.map((sum) => Math.sqrt(sum / count));
}
