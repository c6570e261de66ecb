import { readFileSync } from 'node:fs';
import {
  CAMERAS,
  type JointState,
  type Node,
  type NodeContext,
  type Pose,
  type Subscription,
  TOPICS,
} from '../contracts/index.ts';
import { forwardKinematics, framePose, poseFrom12, RobotData } from '../dynamics/index.ts';
import {
  childOf,
  childrenOf,
  PANDA_URDF,
  parseXml,
  type Robot,
  type ToolChange,
  urdfWithTool,
  withTool,
} from '../robots/index.ts';

export interface RobotStatePublisherOptions {
  /** File that the robot was loaded from; `panda`, or by default for a robot of that name: its own. */
  readonly urdf?: string;
  /** What hangs on the robot besides: it is in the frames and in the description. */
  readonly tool?: ToolChange | null;
  /** Least time between two messages on /tf, s. Default 0: one for each joint state. */
  readonly period_s?: number;
  /** Publishes the overview camera's frame as its info tells it, for a cell in which nobody else does. */
  readonly camera_frame?: boolean;
}

/** An edge of the frame tree between links, by their places in the model's frames. */
interface Edge {
  readonly parent: number;
  readonly child: number;
  readonly fixed: boolean;
}

const IDENTITY: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };

/**
 * Publishes the frames of the robot's links: edges of moving joints on /tf for each joint state, under its stamp, and on
 * /tf_static those of fixed joints and the one from `world` to the root link. /robot_description has the URDF.
 */
export class RobotStatePublisher implements Node {
  readonly name = 'robot_state_publisher';
  private readonly robot: Robot;
  private readonly options: RobotStatePublisherOptions;
  private readonly data: RobotData;
  private readonly description: string | null;
  private readonly edges: readonly Edge[];
  private readonly q: Float64Array;
  /** Coordinates that no joint state has told yet. */
  private readonly unknown: Set<string>;
  /** T_root_link of every frame of the model, 12 each. */
  private readonly poses: Float64Array;
  private readonly pose = new Float64Array(12);
  private context: NodeContext | null = null;
  private subscriptions: Subscription[] = [];
  private next_ns = 0n;
  private camera_known = false;

  constructor(bare: Robot, options: RobotStatePublisherOptions = {}) {
    const { urdf = bare.name === 'panda' ? 'panda' : null, tool = null } = options;
    const robot = tool === null ? bare : withTool(bare, tool);
    const { frames, nq, joint_names } = robot.model;
    this.robot = robot;
    this.options = options;
    this.data = new RobotData(robot.model);
    const text = urdf === null ? null : readFileSync(urdf === 'panda' ? PANDA_URDF : urdf, 'utf8');
    this.description = text === null || tool === null ? text : urdfWithTool(text, bare, tool);
    this.edges = edgesOf(robot, this.description);
    this.q = new Float64Array(nq);
    this.unknown = new Set(joint_names);
    this.poses = new Float64Array(12 * frames.length);
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.next_ns = 0n;
    for (const name of this.robot.model.joint_names) this.unknown.add(name);
  }

  activate(): void {
    const { bus, clock } = this.required();
    const { root_link } = this.robot.model;
    this.place();
    const transforms = this.transforms(true);
    const world = root_link === 'world' ? [] : [{ parent: 'world', child: root_link, pose: IDENTITY }];
    bus.publish(TOPICS.tf_static, { stamp_ns: clock.now_ns(), transforms: [...world, ...transforms] });
    if (this.description !== null) bus.publish(TOPICS.robot_description, { data: this.description });
    this.subscriptions = [bus.subscribe(TOPICS.joint_states, this.name, (state) => this.onJoints(state))];
    if (this.options.camera_frame === true) this.subscriptions.push(this.watchCamera());
  }

  deactivate(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    return this.unknown.size === 0 ? {} : { joints_unknown: [...this.unknown].join(' ') };
  }

  private onJoints({ stamp_ns, names, position }: JointState): void {
    const { model } = this.robot;
    const { period_s = 0 } = this.options;
    for (let i = 0; i < names.length; i++) {
      const coordinate = names[i] === model.joint_names[i] ? i : model.joint_names.indexOf(names[i]);
      if (coordinate < 0) continue;
      this.q[coordinate] = position[i];
      this.unknown.delete(names[i]);
    }
    if (this.unknown.size > 0) return;
    // Where time was put back, everything begins anew.
    if (stamp_ns < this.next_ns && this.next_ns - stamp_ns < 1_000_000_000n) return;
    this.next_ns = stamp_ns + BigInt(Math.round(period_s * 1e9));
    this.place();
    this.required().bus.publish(TOPICS.tf, { stamp_ns, transforms: this.transforms(false) });
  }

  private place(): void {
    const { model } = this.robot;
    forwardKinematics(model, this.data, this.q);
    for (let k = 0; k < model.frames.length; k++) {
      framePose(model, this.data, k, this.pose);
      this.poses.set(this.pose, 12 * k);
    }
  }

  private transforms(fixed: boolean): { parent: string; child: string; pose: Pose }[] {
    const { frames } = this.robot.model;
    return this.edges
      .filter((edge) => edge.fixed === fixed)
      .map(({ parent, child }) => {
        relativePose(this.poses, 12 * parent, 12 * child, this.pose);
        return { parent: frames[parent].name, child: frames[child].name, pose: poseFrom12(this.pose) };
      });
  }

  private watchCamera(): Subscription {
    const { bus } = this.required();
    return bus.subscribe(CAMERAS.overview.info, this.name, (info) => {
      if (this.camera_known) return;
      this.camera_known = true;
      const T = info.T_world_camera_optical;
      const pose = poseFrom12([T[0], T[1], T[2], T[4], T[5], T[6], T[8], T[9], T[10], T[3], T[7], T[11]]);
      const transforms = [{ parent: 'world', child: info.frame_id, pose }];
      bus.publish(TOPICS.tf_static, { stamp_ns: info.stamp_ns, transforms });
    });
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('the robot state publisher is not configured');
    return this.context;
  }
}

/** As the URDF has them, of the links that the model has; without one, from the root link to every other. */
function edgesOf({ model }: Robot, description: string | null): Edge[] {
  const { frames, root_link } = model;
  const place = (link: string) => frames.findIndex(({ name }) => name === link);
  const pairs =
    description === null
      ? frames.map(({ name }) => [root_link, name])
      : childrenOf(parseXml(description, 'robot_description', 'URDF'), 'joint').map((joint) =>
          ['parent', 'child'].map((end) => childOf(joint, end)?.attributes.link ?? ''),
        );
  return pairs.flatMap(([from, to]) => {
    const [parent, child] = [place(from), place(to)];
    if (parent < 0 || child < 0 || parent === child) return [];
    return [{ parent, child, fixed: frames[parent].body === frames[child].body }];
  });
}

/** T_a_b of two poses in the same frame, rotation row-major 9 and position 3 from `a` and `b` of `poses`. */
function relativePose(poses: Float64Array, a: number, b: number, out: Float64Array): void {
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 3; c++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += poses[a + 3 * k + r] * poses[b + 3 * k + c];
      out[3 * r + c] = sum;
    }
    let shift = 0;
    for (let k = 0; k < 3; k++) shift += poses[a + 3 * k + r] * (poses[b + 9 + k] - poses[a + 9 + k]);
    out[9 + r] = shift;
  }
}
