import { type RobotModel, rpyToMatrix } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';

/** Joint origins (xyz, rpy) of a seven-joint arm with the Panda's kinematics; made by hand, so that tests of limits and
 * control stand on something other than the shipped model. */
const ORIGINS: readonly (readonly number[])[] = [
  [0, 0, 0.333, 0, 0, 0],
  [0, 0, 0, -Math.PI / 2, 0, 0],
  [0, -0.316, 0, Math.PI / 2, 0, 0],
  [0.0825, 0, 0, Math.PI / 2, 0, 0],
  [-0.0825, 0.384, 0, -Math.PI / 2, 0, 0],
  [0, 0, 0, Math.PI / 2, 0, 0],
  [0.088, 0, 0, Math.PI / 2, 0, 0],
  [0, 0, 0.1654, 0, 0, -Math.PI / 4],
  [0, 0, 0.1654, 0, 0, (3 * Math.PI) / 4],
];
const MASS = [3, 3, 3, 3, 3, 1.5, 1.4, 0.1, 0.1];

/** Seven revolute joints and a parallel gripper whose second finger mimics the first. */
export function plainArm(): Robot {
  const nb = 9;
  const nq = 8;
  const tree_R = new Float64Array(9 * nb);
  const tree_p = new Float64Array(3 * nb);
  const inertia = new Float64Array(6 * nb);
  ORIGINS.forEach((origin, b) => {
    rpyToMatrix(origin[3], origin[4], origin[5], tree_R, 9 * b);
    tree_p.set(origin.slice(0, 3), 3 * b);
    inertia.set([0.02 * MASS[b], 0.02 * MASS[b], 0.01 * MASS[b]], 6 * b);
  });
  const names = Array.from({ length: 7 }, (_, i) => `joint${i + 1}`);
  const limits = {
    position_lower: Float64Array.of(-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973),
    position_upper: Float64Array.of(2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973),
    velocity: Float64Array.of(2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61),
    acceleration: Float64Array.of(15, 7.5, 10, 12.5, 15, 20, 20),
    jerk: Float64Array.of(7500, 3750, 5000, 6250, 7500, 10000, 10000),
    effort: Float64Array.of(87, 87, 87, 87, 12, 12, 12),
  };
  const tail = (values: Float64Array, finger: number): Float64Array => Float64Array.of(...values, finger);
  const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const model: RobotModel = {
    name: 'plain_arm',
    root_link: 'base',
    nb,
    nq,
    joint_names: [...names, 'finger'],
    body_joint_names: [...names, 'finger', 'finger_mimic'],
    parent: Int32Array.of(-1, 0, 1, 2, 3, 4, 5, 6, 6),
    joint_type: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 1),
    axis: Float64Array.from({ length: 27 }, (_, i) => (i < 21 ? (i % 3 === 2 ? 1 : 0) : i % 3 === 1 ? 1 : 0)),
    tree_R,
    tree_p,
    coordinate: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 7),
    multiplier: new Float64Array(nb).fill(1),
    offset: new Float64Array(nb),
    mass: Float64Array.from(MASS),
    com: Float64Array.from({ length: 27 }, (_, i) => (i < 21 ? [0, -0.05, 0.03][i % 3] : [0, 0.01, 0.02][i % 3])),
    inertia,
    position_lower: tail(limits.position_lower, 0),
    position_upper: tail(limits.position_upper, 0.04),
    velocity_limit: tail(limits.velocity, 0.2),
    effort_limit: tail(limits.effort, 70),
    damping: new Float64Array(nq),
    friction: new Float64Array(nq),
    frames: [{ name: 'tool', body: 6, R: identity, p: [0, 0, 0.2104] }],
    collision: [],
    visual: [],
  };
  return {
    name: 'plain_arm',
    model,
    arm_joints: 7,
    gripper: { coordinate: 7, max_width_m: 0.08, max_force_N: 70, max_speed_m_s: 0.2 },
    tcp_frame: 'tool',
    limits,
    motion_limits: 'assumed',
    home_q: Float64Array.of(0, -Math.PI / 4, 0, (-3 * Math.PI) / 4, 0, Math.PI / 2, Math.PI / 4, 0.04),
  };
}
