import { CollisionWorld } from '../../collision/index.ts';
import type { Rng, Vector3 } from '../../contracts/index.ts';
import {
  compose,
  createProjection,
  inverse,
  projectPoint,
  type RigidTransform,
  rotationFromVector,
} from '../../perception/index.ts';
import { IkSolver, TABLE_WORKCELL } from '../../planning/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type CameraTruth, HAND_LINK } from './still_cell.ts';

/** A plate that is bolted to the hand: its size (m) and its middle in the hand's frame. */
export interface Plate {
  readonly size: Vector3;
  readonly T_hand_plate: RigidTransform;
}

/** Drawn hand poses to joint positions within the limits, free of contact with the cell, the arm and the plate. */
export class PostureFinder {
  private readonly robot: Robot;
  private readonly ik: IkSolver;
  private readonly world: CollisionWorld;

  constructor(robot: Robot, plate: Plate | null) {
    this.robot = robot;
    this.ik = new IkSolver(robot, { frame: HAND_LINK, limit_margin_rad: 0.03 });
    this.world = new CollisionWorld(robot);
    this.world.margin_m = 0.002;
    this.world.setObstacles(TABLE_WORKCELL.obstacles);
    if (plate === null) return;
    const tool = robot.model.frames.find(({ name }) => name === robot.tcp_frame);
    const hand = robot.model.frames.find(({ name }) => name === HAND_LINK);
    if (tool === undefined || hand === undefined) throw new Error(`robot ${robot.name} has no ${HAND_LINK}`);
    const T_tool_hand = compose(inverse(Float64Array.of(...tool.R, ...tool.p)), Float64Array.of(...hand.R, ...hand.p));
    this.world.attach({ type: 'box', size: plate.size }, compose(T_tool_hand, plate.T_hand_plate));
  }

  /** Joint positions (nq) for a pose of the hand, or null. */
  reach(T_base_hand: RigidTransform, rng: Rng): Float64Array | null {
    const { robot, ik, world } = this;
    const answer = ik.solve(T_base_hand, robot.home_q.slice(0, robot.arm_joints), rng);
    if (!answer.ok || world.collides(answer.q)) return null;
    const q = robot.home_q.slice();
    q.set(answer.q);
    return q;
  }
}

/**
 * A pose of a target before a camera, T_camera_target: anywhere in the picture at a depth drawn from a range (m), tilted
 * by an angle from a range about any axis across, and turned about the optical axis.
 */
export function drawBefore(
  { intrinsics }: CameraTruth,
  width: number,
  height: number,
  depth_m: readonly [number, number],
  tilt_rad: readonly [number, number],
  roll_rad: readonly [number, number],
  rng: Rng,
): RigidTransform {
  const about = rng.range(-Math.PI, Math.PI);
  const tilt = rng.range(...tilt_rad);
  const lean = new Float64Array(12);
  rotationFromVector(tilt * Math.cos(about), tilt * Math.sin(about), 0, lean);
  const roll = new Float64Array(12);
  rotationFromVector(0, 0, rng.range(...roll_rad), roll);
  const T = compose(lean, roll);
  const z = rng.range(...depth_m);
  const u = rng.range(0.2, 0.8) * width;
  const v = rng.range(0.2, 0.8) * height;
  T.set([((u - intrinsics[2]) / intrinsics[0]) * z, ((v - intrinsics[3]) / intrinsics[1]) * z, z], 9);
  return T;
}

/** Whether all points of a target (x, y two each, m) fall inside a picture, `margin_px` from its edges. */
export function inPicture(
  { intrinsics }: CameraTruth,
  width: number,
  height: number,
  T_camera_target: RigidTransform,
  points_m: Float64Array,
  margin_px: number,
): boolean {
  const seen = createProjection();
  for (let i = 0; i < points_m.length; i += 2) {
    const at = (r: number) =>
      T_camera_target[3 * r] * points_m[i] + T_camera_target[3 * r + 1] * points_m[i + 1] + T_camera_target[9 + r];
    if (!(at(2) > 0.05)) return false;
    projectPoint(intrinsics, at(0), at(1), at(2), seen);
    const inside =
      seen.u > margin_px && seen.u < width - 1 - margin_px && seen.v > margin_px && seen.v < height - 1 - margin_px;
    if (!inside) return false;
  }
  return true;
}

/**
 * The least angle between an edge of a target and the rows or columns of the picture, rad, at the target's middle. Edges
 * along rows are sampled alike by every pixel beside them, so that they are known to a pixel at best.
 */
export function angleToRows(T_camera_target: RigidTransform): number {
  const [x, y, z] = [T_camera_target[9], T_camera_target[10], T_camera_target[11]];
  const angles = [0, 1].map((edge) => {
    const [a, b, c] = [T_camera_target[edge], T_camera_target[3 + edge], T_camera_target[6 + edge]];
    const [u, v] = [Math.abs(a * z - c * x), Math.abs(b * z - c * y)];
    return Math.atan2(Math.min(u, v), Math.max(u, v));
  });
  return Math.min(...angles);
}
