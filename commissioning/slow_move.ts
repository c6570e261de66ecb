import type { JointTrajectory } from '../contracts/index.ts';
import { forwardKinematics, framePose, RobotData } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';

export interface MoveLimits {
  /** Share of the joints' own speeds, accelerations and jerks, 0..1. */
  readonly share: number;
  /** Fastest the tool frame's origin may move, m/s; Infinity for no limit. */
  readonly tool_speed_m_per_s: number;
}

const LEAST_S = 0.02;
/** Samples of a motion: quintic Hermite pieces between them give the polynomial exactly, and a goal of few is quickly read. */
const POINTS = 13;
/** Peaks of the quintic from rest to rest, for a unit distance in unit time. */
const PEAK_V = 15 / 8;
const PEAK_A = 10 / Math.sqrt(3);
const PEAK_J = 60;

/** A straight motion of the arm's joints from rest to rest by a polynomial of fifth degree, within `limits`; rad. */
export function slowMove(robot: Robot, from: Float64Array, to: Float64Array, limits: MoveLimits): JointTrajectory {
  const n = robot.arm_joints;
  const { velocity, acceleration, jerk } = robot.limits;
  const { share, tool_speed_m_per_s } = limits;
  const way = Float64Array.from({ length: n }, (_, i) => to[i] - from[i]);
  let duration_s = LEAST_S;
  for (let i = 0; i < n; i++) {
    const d = Math.abs(way[i]);
    const needed_s = [
      (PEAK_V * d) / (share * velocity[i]),
      Math.sqrt((PEAK_A * d) / (share * acceleration[i])),
      Math.cbrt((PEAK_J * d) / (share * jerk[i])),
    ];
    duration_s = Math.max(duration_s, ...needed_s);
  }
  duration_s = Math.max(duration_s, toolPath_m(robot, from, way, PEAK_V) / tool_speed_m_per_s);
  const rows = () => new Float64Array(POINTS * n);
  const out = { position: rows(), velocity: rows(), acceleration: rows() };
  for (let k = 0; k < POINTS; k++) {
    const s = k / (POINTS - 1);
    const p = s ** 3 * (10 - 15 * s + 6 * s * s);
    const v = (30 * s * s * (1 - s) ** 2) / duration_s;
    const a = (60 * s * (1 - s) * (1 - 2 * s)) / duration_s ** 2;
    for (let i = 0; i < n; i++) {
      out.position[k * n + i] = from[i] + p * way[i];
      out.velocity[k * n + i] = v * way[i];
      out.acceleration[k * n + i] = a * way[i];
    }
  }
  return {
    joint_names: robot.model.joint_names.slice(0, n),
    time_s: Float64Array.from({ length: POINTS }, (_, k) => (duration_s * k) / (POINTS - 1)),
    ...out,
  };
}

/** Greatest speed of the tool along the straight motion, m per unit time, where the joints' speed peaks at `peak` times the way. */
function toolPath_m(robot: Robot, from: Float64Array, way: Float64Array, peak: number): number {
  const looks = 32;
  const { model } = robot;
  const data = new RobotData(model);
  const frame = model.frames.findIndex(({ name }) => name === robot.tcp_frame);
  const q = robot.home_q.slice();
  const pose = new Float64Array(12);
  const at = (s: number): readonly [number, number, number] => {
    for (let i = 0; i < way.length; i++) q[i] = from[i] + s * way[i];
    forwardKinematics(model, data, q);
    framePose(model, data, frame, pose);
    return [pose[9], pose[10], pose[11]];
  };
  let most = 0;
  let last = at(0);
  for (let k = 1; k <= looks; k++) {
    const here = at(k / looks);
    most = Math.max(most, Math.hypot(here[0] - last[0], here[1] - last[1], here[2] - last[2]) * looks);
    last = here;
  }
  return peak * most;
}
