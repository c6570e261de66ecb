import { InputError, type Pose } from '../../contracts/index.ts';
import {
  type FrameModel,
  frameIndex,
  IDENTITY3,
  matrixFromQuaternion,
  multiplyMatrices,
  type RobotData,
} from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';

/** A frame of the servo that is no link of the robot: a camera beside it, or one on its tool. */
export interface ServoFrame {
  readonly name: string;
  /** Link that carries it; the root link for what stands still. */
  readonly link: string;
  readonly T_link_frame: Pose;
}

/** Frames by name in which twists and targets are given: every link of the robot, and others fixed to links. */
export class ServoFrames {
  private readonly frames: readonly FrameModel[];

  constructor(robot: Robot, others: readonly ServoFrame[] = []) {
    const { model } = robot;
    const added = others.map(({ name, link, T_link_frame }) => {
      const carrier = frameIndex(model, link);
      if (carrier < 0) throw new InputError(`link ${link} of servo frame ${name}`, `must be a link of ${robot.name}`);
      const { body, R, p } = model.frames[carrier];
      const own = matrixFromQuaternion(T_link_frame.orientation);
      const rotation = new Array<number>(9).fill(0);
      multiplyMatrices(R, 0, own, 0, rotation);
      const [x, y, z] = T_link_frame.position;
      const at = [0, 3, 6].map((row, k) => p[k] + R[row] * x + R[row + 1] * y + R[row + 2] * z);
      return { name, body, R: rotation, p: at };
    });
    const root: FrameModel = { name: model.root_link, body: -1, R: IDENTITY3, p: [0, 0, 0] };
    this.frames = [...model.frames, ...added, root];
  }

  /** Index of a frame; InputError for an unknown one. */
  indexOf(name: string): number {
    const { frames } = this;
    for (let i = 0; i < frames.length; i++) if (frames[i].name === name) return i;
    throw new InputError(`servo frame ${name}`, 'must be a link of the robot or a frame it was given');
  }

  /** Pose of a frame in the root frame, after forwardKinematics: rotation row-major 9, then position 3 (m). */
  pose(index: number, data: RobotData, out: Float64Array): void {
    const { body, R: F, p: f } = this.frames[index];
    if (body < 0) {
      for (let k = 0; k < 9; k++) out[k] = F[k];
      for (let k = 0; k < 3; k++) out[9 + k] = f[k];
      return;
    }
    const { R, p } = data;
    multiplyMatrices(R, 9 * body, F, 0, out);
    for (let row = 0; row < 3; row++) {
      const r = 9 * body + 3 * row;
      out[9 + row] = p[3 * body + row] + R[r] * f[0] + R[r + 1] * f[1] + R[r + 2] * f[2];
    }
  }
}
