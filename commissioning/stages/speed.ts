import { type JointTrajectory, quantile } from '../../contracts/index.ts';
import { forwardKinematics, framePose, RobotData } from '../../dynamics/index.ts';
import { type Robot, withPayload } from '../../robots/index.ts';
import type { StateSample } from '../arm_on_bus.ts';
import { carry, whereIs } from '../carry.ts';
import type { MoveLimits } from '../slow_move.ts';
import {
  checkInterrupted,
  failure,
  note,
  outcomeOf,
  type Stage,
  type StageOutcome,
  type StageRig,
  warning,
} from '../stage.ts';
import { torqueResidual } from '../torque_residual.ts';

/** Joint offsets of the poses that are run through, rad. */
const POSES = [
  [0.4, -0.2, 0.2, -0.3, 0.3, 0.3, 0.5],
  [-0.4, 0.2, -0.2, -0.1, -0.3, -0.2, -0.5],
  [0, 0, 0, 0, 0, 0, 0],
];
/** Kept free of the envelope's speeds. */
const ROOM = 0.9;
/** Torque that the description leaves over, as part of the joint's limit. */
const MOST_TORQUE_PART = 0.15;
/** Pieces of a path that the tool is compared with. */
const LOOKS = 200;
/** Tool off its path, 95 % of the time: this and this part of the speed times a second (what a driver is late by). */
const MOST_TOOL_M = 0.005;

export const SPEED_SHARES = { speed_10: 0.1, speed_25: 0.25, speed_100: 1 } as const;

export function speedLimits(share: number): MoveLimits {
  return { share: share * ROOM, tool_speed_m_per_s: Number.POSITIVE_INFINITY };
}

/** The poses one after the other, rad. */
export function speedTargets(rig: Pick<StageRig, 'envelope'>, home: Float64Array): Float64Array[] {
  return POSES.map((offsets) => home.map((q, i) => within(rig, i, q + (offsets[i] ?? 0))));
}

/** Runs through a few poses at a share of the envelope's speeds and compares where the arm was with where it was to be. */
export function speedStage(name: keyof typeof SPEED_SHARES): Stage {
  const share = SPEED_SHARES[name];
  return {
    name,
    purpose: `moves between ${POSES.length} poses near the one it is in, at ${100 * share} % of the envelope's speeds`,
    moves: true,
    async run(rig) {
      const { arm, robot, progress } = rig;
      const n = robot.arm_joints;
      await arm.reset();
      const home = whereIs(rig);
      const errors: number[] = [];
      const all: StateSample[] = [];
      for (const [k, to] of speedTargets(rig, home).entries()) {
        checkInterrupted(rig);
        const { path, samples } = await carry(rig, `pose ${k + 1} at ${100 * share} %`, to, speedLimits(share));
        all.push(...samples);
        errors.push(...distances_m(samples, path, n, rig));
        progress((k + 1) / POSES.length);
      }
      const { payload_kg: mass_kg } = rig.settings;
      const told = mass_kg > 0 ? withPayload(robot, { mass_kg }) : robot;
      return judgeSpeed(errors, share, robot, torqueResidual(all, told));
    },
  };
}

/** @param residual_Nm  what torques leave over joint by joint, null where they are not known */
export function judgeSpeed(
  errors_m: readonly number[],
  share: number,
  { limits, model }: Robot,
  residual_Nm: Float64Array | null,
): StageOutcome {
  const [median_m, most_m] = [quantile(errors_m, 0.5), quantile(errors_m, 0.95)];
  const mm = (m: number) => `${(1000 * m).toFixed(2)} mm`;
  const measurements = {
    ...{ share, samples: errors_m.length, tool_error_m: { median: median_m, q95: most_m } },
    torque_residual_Nm: residual_Nm === null ? null : [...residual_Nm],
  };
  if (!(most_m <= MOST_TOOL_M)) {
    const what = `at ${100 * share} % speed the tool is ${mm(most_m)} off its path (95 %), over ${mm(MOST_TOOL_M)}`;
    return outcomeOf([failure(what, 'look for a load that was not told, or for gains that are too low')], measurements);
  }
  const findings = [note(`the tool keeps to its path within ${mm(most_m)} (95 %)`)];
  for (const [i, residual] of residual_Nm?.entries() ?? []) {
    if (residual <= MOST_TORQUE_PART * limits.effort[i]) continue;
    const what = `${model.joint_names[i]} needs ${residual.toFixed(1)} Nm (root mean square) other than the description says at ${100 * share} % speed`;
    findings.push(warning(what, 'look for friction, a brake that drags, or inertias that were not described'));
  }
  return outcomeOf(findings, measurements);
}

function within({ envelope }: Pick<StageRig, 'envelope'>, joint: number, q: number): number {
  const { position_lower_rad, position_upper_rad } = envelope.joints[joint];
  return Math.min(Math.max(q, position_lower_rad + 0.05), position_upper_rad - 0.05);
}

/** Distance of the tool from the nearest sample of its path, m: how late the arm is does not count, how far off it is does. */
function distances_m(
  samples: readonly StateSample[],
  { position }: JointTrajectory,
  n: number,
  { robot }: StageRig,
): number[] {
  const { model } = robot;
  const data = new RobotData(model);
  const frame = model.frames.findIndex(({ name }) => name === robot.tcp_frame);
  const pose = new Float64Array(12);
  const q = robot.home_q.slice();
  const tool = (joints: Float64Array) => {
    q.set(joints);
    forwardKinematics(model, data, q);
    framePose(model, data, frame, pose);
    return [pose[9], pose[10], pose[11]] as const;
  };
  // Straight in joint space.
  const [from, to] = [position.subarray(0, n), position.subarray(position.length - n)];
  const points = Array.from({ length: LOOKS + 1 }, (_, k) => tool(from.map((q, i) => q + (k / LOOKS) * (to[i] - q))));
  return samples.map((sample) => {
    const [x, y, z] = tool(sample.position);
    let nearest = Number.POSITIVE_INFINITY;
    for (let k = 1; k < points.length; k++) nearest = Math.min(nearest, toSegment(x, y, z, points[k - 1], points[k]));
    return nearest;
  });
}

type Point = readonly [number, number, number];

function toSegment(x: number, y: number, z: number, a: Point, b: Point): number {
  const d = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const r = [x - a[0], y - a[1], z - a[2]];
  const length2 = d[0] ** 2 + d[1] ** 2 + d[2] ** 2;
  const s = length2 === 0 ? 0 : Math.min(1, Math.max(0, (d[0] * r[0] + d[1] * r[1] + d[2] * r[2]) / length2));
  return Math.hypot(r[0] - s * d[0], r[1] - s * d[1], r[2] - s * d[2]);
}
