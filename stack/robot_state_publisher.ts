import {
  CAMERAS,
  type JointState,
  type Node,
  type NodeContext,
  type Subscription,
  TOPICS,
} from '../contracts/index.ts';
import { forwardKinematics, framePose, poseFrom12, RobotData } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';

const EVERY_S = 0.05;

/** Publishes the robot's link frames in the world from its joint states, and the fixed camera's once it is known. */
export class RobotStatePublisher implements Node {
  readonly name = 'robot_state_publisher';
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly pose = new Float64Array(12);
  private context: NodeContext | null = null;
  private subscriptions: Subscription[] = [];
  private next_ns = 0n;
  private camera_known = false;

  constructor(robot: Robot) {
    this.robot = robot;
    this.data = new RobotData(robot.model);
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.subscriptions = [
      context.bus.subscribe(TOPICS.joint_states, this.name, (state) => this.onJoints(state)),
      context.bus.subscribe(CAMERAS.overview.info, this.name, (info) => {
        if (this.camera_known) return;
        this.camera_known = true;
        const T = info.T_world_camera_optical;
        const pose = poseFrom12([T[0], T[1], T[2], T[4], T[5], T[6], T[8], T[9], T[10], T[3], T[7], T[11]]);
        const transforms = [{ parent: 'world', child: info.frame_id, pose }];
        context.bus.publish(TOPICS.tf_static, { stamp_ns: info.stamp_ns, transforms });
      }),
    ];
  }

  activate(): void {
    const { bus, clock } = this.context as NodeContext;
    const identity = { position: [0, 0, 0], orientation: [0, 0, 0, 1] } as const;
    const transforms = [{ parent: 'world', child: this.robot.model.root_link, pose: identity }];
    bus.publish(TOPICS.tf_static, { stamp_ns: clock.now_ns(), transforms });
  }

  deactivate(): void {}

  async cleanup(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }

  private onJoints({ stamp_ns, position }: JointState): void {
    if (stamp_ns < this.next_ns) return;
    this.next_ns = stamp_ns + BigInt(EVERY_S * 1e9);
    const { model } = this.robot;
    forwardKinematics(model, this.data, position);
    const transforms = model.frames.flatMap((frame, index) => {
      if (frame.name === model.root_link) return [];
      framePose(model, this.data, index, this.pose);
      return [{ parent: model.root_link, child: frame.name, pose: poseFrom12(this.pose) }];
    });
    (this.context as NodeContext).bus.publish(TOPICS.tf, { stamp_ns, transforms });
  }
}
