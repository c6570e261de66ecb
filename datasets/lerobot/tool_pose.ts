import { InputError } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, poseFrom12, RobotData } from '../../dynamics/index.ts';
import { loadRobot, type Robot, robotFromUrdf } from '../../robots/index.ts';
import type { JointSeries } from '../recording/series.ts';

export const POSE_NAMES: readonly string[] = ['x_m', 'y_m', 'z_m', 'qx', 'qy', 'qz', 'qw'];

/** What moves a tool frame, by the names of its joints. */
export interface ToolKinematics {
  readonly robot: string;
  readonly frame: string;
  /** Joints that slide; their values are metres. */
  readonly sliding: ReadonlySet<string>;
  /** Joints on the way from the root to the frame: without the value of one there is no pose. */
  readonly moving: ReadonlySet<string>;
  /**
   * Pose of the tool in the robot's root frame at every row: position (m), unit quaternion xyzw; 7 a row. Of the two signs of
   * a quaternion each row has that which is nearer to the row before it, the first that nearer to `near`: w ≥ 0 would flip it
   * again and again for a hand that points down.
   * @param near  quaternion xyzw; without, the largest of its four numbers is positive
   */
  poses(series: Pick<JointSeries, 'names'>, values: Float64Array, near?: ArrayLike<number>): Float64Array;
}

const isPanda = (joints: readonly string[]) => [1, 2, 3, 4, 5, 6, 7].every((j) => joints.includes(`panda_joint${j}`));
const PRISMATIC = 1;
let panda: Robot | null = null;

/**
 * Kinematics of a recorded robot: of the shipped Panda by its joints' names, else of the URDF that the recording carries.
 * Null where neither says how a tool hangs on these joints.
 */
export function toolKinematics(joints: readonly string[], urdf: string | null): ToolKinematics | null {
  if (isPanda(joints)) {
    panda ??= loadRobot('panda', { visualMeshes: false });
    return kinematicsOf(panda.name, panda.model, panda.tcp_frame);
  }
  if (urdf === null) return null;
  try {
    const { model, tip_link } = robotFromUrdf(urdf, 'recording.urdf', { visualMeshes: false });
    const frame = model.frames.some(({ name }) => name === 'tool0') ? 'tool0' : tip_link;
    return joints.some((joint) => model.joint_names.includes(joint)) ? kinematicsOf(model.name, model, frame) : null;
  } catch (error) {
    // Its meshes lie elsewhere, or it is none: the joints can be exported all the same.
    if (error instanceof InputError) return null;
    throw error;
  }
}

function kinematicsOf(robot: string, model: Robot['model'], frame: string): ToolKinematics {
  const data = new RobotData(model);
  const index = frameIndex(model, frame);
  const T = new Float64Array(12);
  const sliding = model.body_joint_names.filter((_, b) => model.joint_type[b] === PRISMATIC);
  const moving = new Set<string>();
  for (let b = model.frames[index].body; b >= 0; b = model.parent[b])
    moving.add(model.joint_names[model.coordinate[b]]);
  return {
    ...{ robot, frame, sliding: new Set(sliding), moving },
    poses: ({ names }, values, near) => {
      const q = new Float64Array(model.nq);
      const from = model.joint_names.map((name) => names.indexOf(name));
      const rows = values.length / names.length;
      const out = new Float64Array(7 * rows);
      let before = isKnown(near) ? near : undefined;
      for (let row = 0; row < rows; row++) {
        from.forEach((k, j) => {
          q[j] = k < 0 ? 0 : values[row * names.length + k];
        });
        forwardKinematics(model, data, q);
        framePose(model, data, index, T);
        const { position, orientation } = poseFrom12(T);
        const sign = (before === undefined ? largest(orientation) : dot(orientation, before)) < 0 ? -1 : 1;
        out.set([...position, ...orientation.map((value) => sign * value)], 7 * row);
        const quaternion = out.subarray(7 * row + 3, 7 * row + 7);
        if (isKnown(quaternion)) before = quaternion;
      }
      return out;
    },
  };
}

const isKnown = (quaternion: ArrayLike<number> | undefined) => quaternion !== undefined && !Number.isNaN(quaternion[0]);
const dot = (a: readonly number[], b: ArrayLike<number>) => a.reduce((sum, value, k) => sum + value * b[k], 0);
const largest = (all: readonly number[]) =>
  all.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most));
