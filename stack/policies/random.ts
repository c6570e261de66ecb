import { ACTIONS, type Node, type NodeContext, type Rng } from '../../contracts/index.ts';
import { DEFAULT_SCALE, sampleTrajectory, scaleLimits, timeLine } from '../../planning/index.ts';
import type { Robot } from '../../robots/index.ts';
import { DT_S } from '../rates.ts';

/** How far from home a random posture lies at most, rad in every joint. */
const REACH_RAD = 0.5;

/** Moves at random around home and never says that it is done: the floor that every other policy has to beat. */
export class RandomPolicyNode implements Node {
  readonly name = 'random_policy';
  private readonly robot: Robot;
  private readonly rng: Rng;
  private context: NodeContext | null = null;
  private unserve: (() => void) | null = null;
  private position: Float64Array;

  constructor({ robot, rng }: { readonly robot: Robot; readonly rng: Rng }) {
    this.robot = robot;
    this.rng = rng;
    this.position = robot.home_q.slice(0, robot.arm_joints);
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    this.unserve = (this.context as NodeContext).bus.serveAction(ACTIONS.task, (_goal, handle) => {
      handle.feedback({ stage: 'random', reason: '', attempt: 1 });
      this.move();
    });
  }

  deactivate(): void {
    this.unserve?.();
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  private move(): void {
    const { robot, rng, context } = this;
    if (context === null) return;
    const { position_lower, position_upper } = robot.limits;
    const target = this.position.map((_, j) =>
      Math.min(
        position_upper[j] - 0.05,
        Math.max(position_lower[j] + 0.05, robot.home_q[j] + rng.range(-REACH_RAD, REACH_RAD)),
      ),
    );
    const path = timeLine(this.position, target, scaleLimits(robot.limits, DEFAULT_SCALE));
    const names = robot.model.joint_names.slice(0, robot.arm_joints);
    this.position = target;
    if (robot.gripper !== null) {
      const width_m = rng.range(0, robot.gripper.max_width_m);
      context.bus.sendGoal(ACTIONS.gripper, { width_m, force_N: 20 }, { onResult: () => {} });
    }
    context.bus.sendGoal(
      ACTIONS.follow_joint_trajectory,
      { label: 'random', trajectory: sampleTrajectory([path], names, DT_S) },
      {
        onResult: (status) => {
          if (status === 'succeeded') this.move();
        },
      },
    );
  }
}
