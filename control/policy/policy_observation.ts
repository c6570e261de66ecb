import { frameIndex, framePose, matrixToQuaternion, placeBodies, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { RobotState } from '../driver.ts';
import { type ObservationName, observationSize, type PolicyManifest } from './manifest.ts';

/** Builds what a policy is told, as its manifest orders and normalises it. No allocation after construction. */
export class PolicyObservation {
  readonly values: Float32Array;
  private readonly robot: Robot;
  private readonly parts: readonly ObservationName[];
  private readonly mean: Float64Array;
  private readonly scale: Float64Array;
  private readonly raw: Float64Array;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly pose = new Float64Array(12);

  constructor(robot: Robot, manifest: Pick<PolicyManifest, 'observation' | 'observation_mean' | 'observation_scale'>) {
    const size = observationSize(manifest.observation, robot.arm_joints);
    this.robot = robot;
    this.parts = manifest.observation;
    this.mean = Float64Array.from(manifest.observation_mean);
    this.scale = Float64Array.from(manifest.observation_scale);
    this.raw = new Float64Array(size);
    this.values = new Float32Array(size);
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, robot.tcp_frame);
  }

  /** Writes `values` from the robot's own sensors. */
  write(state: RobotState): void {
    const { robot, parts, raw, mean, scale, values } = this;
    const joints = robot.arm_joints;
    let at = 0;
    for (let part = 0; part < parts.length; part++) {
      const name = parts[part];
      if (name === 'tool_pose') at = this.writeToolPose(state.position, at);
      else if (name === 'gripper_width') {
        raw[at++] = robot.gripper === null ? 0 : 2 * state.position[robot.gripper.coordinate];
      } else {
        const from = sourceOf(name, state);
        const count = name === 'wrench' ? 6 : joints;
        for (let k = 0; k < count; k++) raw[at++] = from[k];
      }
    }
    for (let k = 0; k < raw.length; k++) values[k] = (raw[k] - mean[k]) / scale[k];
  }

  private writeToolPose(q: Float64Array, at: number): number {
    const { robot, data, pose, raw } = this;
    placeBodies(robot.model, data, q, robot.model.nb);
    framePose(robot.model, data, this.frame, pose);
    for (let k = 0; k < 3; k++) raw[at + k] = pose[9 + k];
    matrixToQuaternion(pose, 0, raw, at + 3);
    return at + 7;
  }
}

function sourceOf(name: Exclude<ObservationName, 'tool_pose' | 'gripper_width'>, state: RobotState): Float64Array {
  switch (name) {
    case 'joint_position':
      return state.position;
    case 'joint_velocity':
      return state.velocity;
    case 'joint_effort':
      return state.effort;
    case 'wrench':
      return state.wrench;
  }
}
