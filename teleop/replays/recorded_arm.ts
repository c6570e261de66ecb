import { InputError } from '../../contracts/index.ts';
import { summarizeRecording } from '../../datasets/index.ts';
import { poseFrom12 } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { StateFrame } from '../protocol/index.ts';
import { ToolPoint } from '../server/tool_point.ts';
import { robotOf } from '../server/world.ts';

/** The arm of a recording that has its description: where its tool is, and how far the fingers are apart. */
export class RecordedArm {
  private readonly robot: Robot;
  private readonly tool: ToolPoint;
  /** Place of each of the model's joints among the recorded ones. */
  private readonly places: readonly number[];
  private readonly q: Float64Array;
  private last: { readonly position: readonly number[]; readonly at_ms: number } | null = null;

  private constructor(robot: Robot, recorded: readonly string[]) {
    this.robot = robot;
    this.tool = new ToolPoint(robot);
    this.places = robot.model.joint_names.map((name) => recorded.indexOf(name));
    this.q = new Float64Array(robot.model.nq);
  }

  /** Null for a recording without a description that fits the joints recorded. */
  static of(urdf: string | null, joint_names: readonly string[]): RecordedArm | null {
    if (urdf === null) return null;
    try {
      const robot = robotOf(urdf);
      const fits = robot.model.joint_names.every((name) => joint_names.includes(name));
      return fits ? new RecordedArm(robot, joint_names) : null;
    } catch (error) {
      if (error instanceof InputError) return null;
      throw error;
    }
  }

  /** @param position  of the recorded joints */
  at(position: ArrayLike<number>, at_ms: number): Pick<StateFrame, 'gripper_width_m' | 'tool'> {
    this.places.forEach((place, i) => {
      this.q[i] = position[place] ?? 0;
    });
    const { gripper } = this.robot;
    const gripper_width_m = gripper === null ? null : 2 * this.q[gripper.coordinate];
    if (!this.tool.place(this.q)) return { gripper_width_m, tool: null };
    const pose = poseFrom12(this.tool.pose);
    const { last } = this;
    const dt_s = last === null ? 0 : (at_ms - last.at_ms) / 1000;
    const way_m = Math.hypot(...pose.position.map((x, i) => x - (last?.position[i] ?? x)));
    this.last = { position: pose.position, at_ms };
    return { gripper_width_m, tool: { pose, speed_m_s: dt_s > 0 ? way_m / dt_s : 0 } };
  }
}

/** The URDF and the topics that a whole recording says it has; nulls for one without its end. */
export async function frontOf(file: string): Promise<{
  readonly urdf: string | null;
  readonly channels: readonly { readonly topic: string; readonly type: string }[] | null;
}> {
  try {
    const { attachments, channels } = await summarizeRecording(file);
    const urdf = attachments.find(({ name }) => name.endsWith('.urdf'));
    const used = channels.filter(({ messages }) => messages > 0);
    return { urdf: urdf === undefined ? null : Buffer.from(urdf.data).toString('utf8'), channels: used };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { urdf: null, channels: null };
  }
}
