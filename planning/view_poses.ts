import type { Container, Rng } from '../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import type { PickPlanner } from './pick_planner.ts';

/** The frame of the camera on the hand: z forward, x right. */
export const HAND_CAMERA_FRAME = 'wrist_camera_optical_frame';
/** How wide the camera on the hand sees at least, to either side (rad), and what of that a container is to fill. */
const HALF_FIELD_RAD = Math.PI / 6;
const MARGIN_M = 0.03;

/**
 * Arm joints that hold the camera on the hand over the middle of a container, looking straight down, high enough to see
 * all of it; null if there are none that are free.
 */
export function viewFromAbove({ motion, motions }: PickPlanner, bin: Container, rng: Rng): Float64Array | null {
  const { robot } = motion;
  const T = toolToCamera(robot);
  if (T === null) return null;
  const [x, y, z] = bin.centre;
  const height = (Math.max(bin.inner[0], bin.inner[1]) / 2 + MARGIN_M) / Math.tan(HALF_FIELD_RAD) + bin.inner[2];
  const home = robot.home_q.slice(0, robot.arm_joints);
  let best: { q: Float64Array; cost: number } | null = null;
  motion.world.detach();
  motion.world.setObstacles(motion.workcell.obstacles);
  motion.world.setGripperWidth(robot.gripper?.max_width_m ?? 0);
  for (let k = 0; k < 4; k++) {
    const yaw = (k * Math.PI) / 2;
    const camera = Float64Array.of(
      Math.cos(yaw),
      Math.sin(yaw),
      0,
      Math.sin(yaw),
      -Math.cos(yaw),
      0,
      0,
      0,
      -1,
      x,
      y,
      z + height,
    );
    const q = motions.reach(compose(camera, inverse(T)), home, rng.stream(`${k}`));
    if (q === null || motion.world.collides(q)) continue;
    const cost = motions.cost(home, q);
    if (best === null || cost < best.cost) best = { q, cost };
  }
  return best?.q ?? null;
}

/** Pose of the hand's camera in the tool frame, rotation row-major 9 and position 3 (m); null for a robot without one. */
function toolToCamera(robot: Robot): Float64Array | null {
  const { model } = robot;
  const camera = frameIndex(model, HAND_CAMERA_FRAME);
  if (camera < 0) return null;
  const data = new RobotData(model);
  forwardKinematics(model, data, robot.home_q);
  const [tool, eye] = [new Float64Array(12), new Float64Array(12)];
  framePose(model, data, frameIndex(model, robot.tcp_frame), tool);
  framePose(model, data, camera, eye);
  return compose(inverse(tool), eye);
}

/** Product of two poses, each rotation row-major 9 and position 3. */
export function compose(A: Float64Array, B: Float64Array): Float64Array {
  const C = new Float64Array(12);
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 3; c++) {
      C[3 * r + c] = A[3 * r] * B[c] + A[3 * r + 1] * B[3 + c] + A[3 * r + 2] * B[6 + c];
    }
    C[9 + r] = A[3 * r] * B[9] + A[3 * r + 1] * B[10] + A[3 * r + 2] * B[11] + A[9 + r];
  }
  return C;
}

export function inverse(A: Float64Array): Float64Array {
  const C = new Float64Array(12);
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 3; c++) C[3 * r + c] = A[3 * c + r];
    C[9 + r] = -(A[r] * A[9] + A[3 + r] * A[10] + A[6 + r] * A[11]);
  }
  return C;
}
