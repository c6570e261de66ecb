import { InputError, type Pose, type Vector3 } from '../../contracts/index.ts';
import {
  composePoses,
  forwardKinematics,
  framePose,
  invertPose,
  quaternionFromMatrix,
  RobotData,
} from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { StateSample } from '../arm_on_bus.ts';
import { carry, whereIs } from '../carry.ts';
import { type HandEyeEstimate, type HandEyePair, handEye } from '../hand_eye.ts';
import { meanPose } from '../mean_pose.ts';
import {
  checkInterrupted,
  failure,
  notApplicable,
  note,
  outcomeOf,
  type Stage,
  type StageOutcome,
  type StageRig,
  warning,
} from '../stage.ts';
import { meanOf } from './read_only.ts';

/** Turns of the wrist away from the start (last three joints, rad): about three axes, the target still in view. */
const TURNS: readonly Vector3[] = [
  [0, 0, 0],
  [0, 0.15, 0],
  [0, -0.15, 0],
  [0.2, 0, 0.3],
  [-0.2, 0, -0.3],
  [0.2, 0.12, -0.3],
  [-0.2, -0.12, 0.3],
  [0, 0, 0],
];
const LIMITS = { share: 0.1, tool_speed_m_per_s: 0.045 };
const SETTLE_S = 0.4;
const LISTEN_S = 1;
/** Poses in which the target has to be seen. */
const LEAST_POSES = 5;
/** What tool and camera may disagree by, and how well the camera's place has to be known. */
const MOST_M = 0.005;
const MOST_RAD = 0.01;
/** A camera that is farther than this from where the description has it. */
const MOVED_M = 0.01;
const MOVED_RAD = 0.03;

/** Finds where the camera is on the hand, from what it sees of a target that does not move while the wrist turns. */
export const handEyeStage: Stage = {
  name: 'hand_eye',
  purpose: `turns the wrist to ${TURNS.length} poses at no more than 45 mm/s, the camera of the hand on its target`,
  moves: true,
  async run(rig) {
    const { target_frame, camera_frame } = rig.settings;
    if (target_frame === '') {
      return notApplicable(
        'no target for a camera of the hand was named',
        'name one (--target FRAME), if there is one',
      );
    }
    const { arm } = rig;
    if (!(await arm.until(() => arm.edge(camera_frame, target_frame) !== null, 3))) {
      const what = `/tf has no ${target_frame} below ${camera_frame}`;
      return outcomeOf([failure(what, 'bring the target into view, or correct the names')], {});
    }
    await arm.reset();
    return judgeHandEye(await look(rig, whereIs(rig)), rig);
  },
};

/** The poses one after the other, rad. */
export function handEyeTargets({ arm_joints }: Robot, home: Float64Array): Float64Array[] {
  return TURNS.map((turn) => {
    const to = home.slice();
    const first = arm_joints - turn.length;
    for (const [i, by_rad] of turn.entries()) if (first + i >= 0) to[first + i] += by_rad;
    return to;
  });
}

async function look(rig: StageRig, home: Float64Array): Promise<HandEyePair[]> {
  const { arm, robot, settings, progress, say } = rig;
  const pairs: HandEyePair[] = [];
  const place = new ToolPose(robot);
  for (const [k, to] of handEyeTargets(robot, home).entries()) {
    checkInterrupted(rig);
    await carry(rig, `view ${k + 1}`, to, LIMITS);
    await arm.sleep(SETTLE_S);
    const seen: Pose[] = [];
    const end = arm.watch(settings.camera_frame, settings.target_frame, (pose) => void seen.push(pose));
    const states: StateSample[] = await arm.listen(LISTEN_S);
    end();
    if (seen.length === 0 || states.length === 0) say(`view ${k + 1}: the target is out of sight`);
    else pairs.push({ T_base_tool: place.of(meanOf(states).position), T_camera_target: meanPose(seen) });
    progress((k + 1) / TURNS.length);
  }
  return pairs;
}

export function judgeHandEye(
  pairs: readonly HandEyePair[],
  { robot, settings }: Pick<StageRig, 'robot' | 'settings'>,
): StageOutcome {
  if (pairs.length < LEAST_POSES) {
    const what = `the target was seen in ${pairs.length} poses, fewer than ${LEAST_POSES}`;
    return outcomeOf([failure(what, 'put the target nearer to the middle of the picture')], { poses: pairs.length });
  }
  const found = estimate(pairs);
  if (typeof found === 'string') return outcomeOf([failure(found, 'turn the wrist about more axes')], {});
  const { T_tool_camera, position_interval_m, residual_m, residual_rad } = found;
  const measurements = {
    poses: pairs.length,
    T_tool_camera: { position: [...T_tool_camera.position], orientation: [...T_tool_camera.orientation] },
    ...{ position_interval_m: [...position_interval_m], residual_m, residual_rad },
  };
  const mm = (m: number) => `${(1000 * m).toFixed(1)} mm`;
  const worst_m = Math.max(residual_m, ...position_interval_m);
  if (worst_m > MOST_M || residual_rad > MOST_RAD) {
    const what = `tool and camera disagree by ${mm(residual_m)} and ${residual_rad.toFixed(4)} rad, camera known within ${mm(Math.max(...position_interval_m))}`;
    return outcomeOf(
      [failure(what, 'check the camera’s intrinsics and the target’s size, and fix both tightly')],
      measurements,
    );
  }
  const findings = [note(`the camera is known within ${mm(Math.max(...position_interval_m))}`)];
  const described = new ToolPose(robot).inTool(settings.camera_frame);
  if (described !== null) {
    const apart = distance(described, T_tool_camera);
    if (apart.m > MOVED_M || apart.rad > MOVED_RAD) {
      const what = `the camera is ${mm(apart.m)} and ${apart.rad.toFixed(3)} rad from where the description has it`;
      findings.push(warning(what, 'put the measured place (T_tool_camera) into the description'));
    }
  }
  return outcomeOf(findings, measurements);
}

function estimate(pairs: readonly HandEyePair[]): HandEyeEstimate | string {
  try {
    return handEye(pairs);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** Poses of the tool frame in the root frame. */
export class ToolPose {
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly pose = new Float64Array(12);

  constructor(robot: Robot) {
    this.robot = robot;
    this.data = new RobotData(robot.model);
  }

  of(position: Float64Array, frame = this.robot.tcp_frame): Pose {
    const { robot, data, pose } = this;
    const q = robot.home_q.slice();
    q.set(position);
    forwardKinematics(robot.model, data, q);
    framePose(
      robot.model,
      data,
      robot.model.frames.findIndex(({ name }) => name === frame),
      pose,
    );
    return { position: [pose[9], pose[10], pose[11]], orientation: quaternionFromMatrix(pose) };
  }

  /** A frame of the description in the tool frame; null where it has none of that name. */
  inTool(frame: string): Pose | null {
    const { model, home_q, arm_joints } = this.robot;
    if (!model.frames.some(({ name }) => name === frame)) return null;
    const home = home_q.slice(0, arm_joints);
    return composePoses(invertPose(this.of(home)), this.of(home, frame));
  }
}

function distance(a: Pose, b: Pose): { m: number; rad: number } {
  const { position, orientation } = composePoses(invertPose(a), b);
  const [x, y, z] = orientation;
  return { m: Math.hypot(...position), rad: 2 * Math.asin(Math.min(1, Math.hypot(x, y, z))) };
}
