import { CollisionWorld, type Obstacle } from '../../collision/index.ts';
import { createRng, type Rng } from '../../contracts/index.ts';
import { CollisionSlowdown, Servo } from '../../control/index.ts';
import { forwardKinematics, frameIndex, framePose, quaternionFromMatrix, RobotData } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { usableLimits } from '../../safety/index.ts';
import { ServoRig } from './servo_rig.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;
const HZ = 500;
const LIMITS = usableLimits(PANDA.limits);
/** Farthest the judge looks (m). */
const REACH_M = 0.1;

/** A servo among obstacles, and a judge of its distances that shares nothing with it. */
export function createServoCell(obstacles: readonly Obstacle[], start: Float64Array = PANDA.home_q, hz = HZ) {
  const world = new CollisionWorld(PANDA);
  world.setObstacles(obstacles);
  const judge = new CollisionWorld(PANDA);
  judge.setObstacles(obstacles);
  const table = judge.proximityTable();
  const servo = new Servo(PANDA, hz, {}, new CollisionSlowdown(PANDA, world));
  const rig = new ServoRig(PANDA, servo, hz, LIMITS, start);
  /** Least distance to obstacles, and of links to each other (m). */
  const distances = () => {
    judge.distances(rig.q, 0, REACH_M, table);
    const rows = [...table.distance_m];
    return { obstacle: Math.min(...rows.slice(0, table.links)), self: Math.min(...rows.slice(table.links)) };
  };
  return { servo, rig, world, distances };
}

/** Where the tool frame's origin is at arm positions, root frame (m). */
export function toolPoint(q: ArrayLike<number>): number[] {
  const all = PANDA.home_q.slice();
  for (let i = 0; i < N; i++) all[i] = q[i];
  const data = new RobotData(PANDA.model);
  forwardKinematics(PANDA.model, data, all);
  const pose = new Float64Array(12);
  framePose(PANDA.model, data, frameIndex(PANDA.model, PANDA.tcp_frame), pose);
  return [...pose.subarray(9, 12)];
}

export function direction(rng: Rng): number[] {
  const v = [rng.normal(), rng.normal(), rng.normal()];
  const norm = Math.hypot(...v);
  return v.map((x) => x / norm);
}

/** A thick plate that faces along −`normal`, its face `distance_m` beyond a point. */
export function plate(
  point: readonly number[],
  normal: readonly number[],
  distance_m: number,
  size_m: number,
): Obstacle {
  const axis = Math.abs(normal[0]) < 0.7 ? [1, 0, 0] : [0, 1, 0];
  const x = cross(axis, normal);
  const norm = Math.hypot(...x);
  const u = x.map((value) => value / norm);
  const w = cross(normal, u);
  const R = [0, 1, 2].flatMap((k) => [u[k], w[k], normal[k]]);
  const [px, py, pz] = point.map((value, k) => value + (distance_m + 0.05) * normal[k]);
  return {
    name: 'plate',
    shape: { type: 'box', size: [size_m, size_m, 0.1] },
    pose: { position: [px, py, pz], orientation: quaternionFromMatrix(R) },
  };
}

const cross = (a: readonly number[], b: readonly number[]) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** An upright post of 4 cm by 4 cm by 40 cm with its middle at a point (m). */
export function post(k: number, position: readonly [number, number, number]): Obstacle {
  return {
    name: `post ${k}`,
    shape: { type: 'box', size: [0.04, 0.04, 0.4] },
    pose: { position, orientation: [0, 0, 0, 1] },
  };
}

/** One approach to a plate in a random place, and the way back. Null where the arm would begin too near to anything. */
export interface Approach {
  /** Least distance from the plate on the way (m), and whether it ended there. */
  readonly least_m: number;
  readonly arrived: boolean;
  readonly reason: string;
  /** Least share of the speed while leaving as far as contact is concerned; speeds asked for and reached (m/s). */
  readonly leaving_share: number;
  readonly speed_m_s: number;
  readonly leaving_m_s: number | null;
}

export function approachPlate(seed: number, top_speed_m_s: number, every: number): Approach | null {
  const rng = createRng(seed, 'servo approach');
  const start = PANDA.home_q.map((q, i) => (i < N ? q + rng.range(-0.3, 0.3) : q));
  const towards = direction(rng);
  const obstacle = plate(toolPoint(start), towards, rng.range(0.08, 0.15), 0.6);
  const { servo, rig, distances } = createServoCell([obstacle], start);
  if (distances().obstacle < 0.03 || distances().self < 0.006) return null;
  const aside = direction(rng);
  const speed = rng.range(0.05, top_speed_m_s);
  const twist = [...towards.map((x, k) => speed * (x + 0.2 * aside[k])), 0, 0, rng.range(-0.3, 0.3)];
  let least = Number.POSITIVE_INFINITY;
  rig.run(700, (k) => {
    servo.setTwist(twist);
    if (k % every === 0) least = Math.min(least, distances().obstacle);
  });
  least = Math.min(least, distances().obstacle);
  const reason = servo.status.describe();
  const arrived = servo.status.reason === 'collision' && distances().obstacle < 0.02;
  const back = towards.map((x) => -speed * x);
  let share = 1;
  const leave = (k: number) => {
    servo.setTwist([...back, 0, 0, 0]);
    if (k > 0 && servo.status.reason === 'collision') share = Math.min(share, servo.status.share);
  };
  if (!arrived) return { least_m: least, arrived, reason, leaving_share: 1, speed_m_s: speed, leaving_m_s: null };
  rig.run(120, leave);
  const before = toolPoint(rig.q);
  rig.run(10, (k) => leave(k + 120));
  const moved = toolPoint(rig.q).map((x, k) => ((x - before[k]) * HZ) / 10);
  const leaving_m_s = servo.status.state === 'following' ? Math.hypot(...moved) : null;
  return { least_m: least, arrived, reason, leaving_share: share, speed_m_s: speed, leaving_m_s };
}
