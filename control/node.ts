import type { z } from 'zod';
import {
  ACTIONS,
  type GoalHandle,
  type GripperResult,
  InputError,
  type JointState,
  type Node,
  type NodeContext,
  SERVICES,
  TOPICS,
  type TrajectoryResult,
  type trajectoryFeedback,
} from '../contracts/index.ts';
import { controllerState } from './controller_state.ts';
import type { ControlLoop } from './loop.ts';

type TrajectoryHandle = GoalHandle<z.infer<typeof trajectoryFeedback>, TrajectoryResult>;
type GripperHandle = GoalHandle<{ width_m: number }, GripperResult>;

/** Joint states are published at 100 Hz; feedback goes with every tenth. */
const FEEDBACK_EVERY = 10;

/** The control loop on the bus: /joint_states, and the actions follow_joint_trajectory and gripper_cmd. */
export class ControlNode implements Node {
  readonly name = 'control';
  private readonly loop: ControlLoop;
  private context: NodeContext | null = null;
  private undo: (() => void)[] = [];
  private trajectory: { readonly handle: TrajectoryHandle; readonly label: string } | null = null;
  private grip: GripperHandle | null = null;
  private published = 0;

  constructor(loop: ControlLoop) {
    this.loop = loop;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    const { bus } = this.require();
    this.undo = [
      bus.serveAction(ACTIONS.follow_joint_trajectory, (goal, handle) => {
        this.acceptTrajectory(goal, handle);
      }),
      bus.serve(SERVICES.set_speed, ({ speed }) => {
        this.loop.follower.setSpeed(speed);
        return { success: true, message: '' };
      }),
    ];
    const { gripper } = this.loop;
    if (gripper !== null) {
      this.undo.push(
        bus.serveAction(ACTIONS.gripper, (goal, handle) => {
          this.grip?.abort({ width_m: gripper.width_m, stalled: false, reached: false });
          this.grip = handle;
          gripper.start(goal.width_m, goal.force_N);
          handle.onCancel(() => gripper.cancel());
        }),
      );
    }
  }

  deactivate(): void {
    for (const undo of this.undo) undo();
    this.undo = [];
    this.loop.cancelTrajectory();
    this.loop.gripper?.cancel();
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  /** After every tick of the loop: answers goals that have ended; two comparisons otherwise. */
  afterTick(): void {
    const { follower, gripper } = this.loop;
    if (follower.finished) {
      follower.finished = false;
      this.finishTrajectory();
    }
    if (gripper?.finished) {
      gripper.finished = false;
      const result = {
        width_m: gripper.width_m,
        stalled: gripper.outcome === 'stalled',
        reached: gripper.outcome === 'reached',
      };
      const handle = this.grip;
      this.grip = null;
      this.require().log.debug({ outcome: gripper.outcome, width_m: result.width_m }, 'gripper done');
      if (result.stalled || result.reached) handle?.succeed(result);
      else handle?.abort(result);
    }
  }

  /** Publishes the robot's state as last read by the loop; 100 Hz. */
  publishState(stamp_ns: bigint): void {
    const { robot, state, follower, gripper } = this.loop;
    const message: JointState = {
      stamp_ns,
      names: robot.model.joint_names,
      position: state.position.slice(),
      velocity: state.velocity.slice(),
      effort: state.effort.slice(),
    };
    const { bus } = this.require();
    bus.publish(TOPICS.joint_states, message);
    if (bus.subscribers(TOPICS.controller_state) > 0)
      bus.publish(TOPICS.controller_state, controllerState(robot, stamp_ns, this.loop.gate.lastCommand, state));
    if (this.published++ % FEEDBACK_EVERY !== 0) return;
    this.trajectory?.handle.feedback({ time_s: follower.time_s, max_error_rad: follower.max_error_rad });
    if (gripper !== null) this.grip?.feedback({ width_m: gripper.width_m });
  }

  private acceptTrajectory(
    goal: z.infer<(typeof ACTIONS)['follow_joint_trajectory']['goal']>,
    handle: TrajectoryHandle,
  ): void {
    const { loop } = this;
    const { log } = this.require();
    try {
      loop.startTrajectory(goal.trajectory, goal.tolerances);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      log.warn({ label: goal.label, reason: error.message }, 'trajectory refused');
      handle.abort({ ok: false, reason: error.message, final_error_rad: 0 });
      return;
    }
    const replaced = this.trajectory;
    this.trajectory = { handle, label: goal.label };
    handle.onCancel(() => {
      if (this.trajectory?.handle === handle) loop.cancelTrajectory();
    });
    log.debug({ label: goal.label, goal: handle.id }, 'trajectory accepted');
    replaced?.handle.abort({
      ok: false,
      reason: `replaced by ${goal.label}`,
      final_error_rad: loop.follower.error_rad,
    });
  }

  private finishTrajectory(): void {
    const { follower } = this.loop;
    const ended = this.trajectory;
    if (ended === null) return;
    this.trajectory = null;
    const ok = follower.outcome === 'done';
    const reason = follower.describeOutcome();
    const fields = { label: ended.label, goal: ended.handle.id, reason, max_error_rad: follower.max_error_rad };
    if (ok) this.require().log.debug(fields, 'trajectory done');
    else this.require().log.warn(fields, 'trajectory not done');
    const result = { ok, reason, final_error_rad: follower.error_rad };
    if (ok) ended.handle.succeed(result);
    else ended.handle.abort(result);
  }

  private require(): NodeContext {
    if (this.context === null) throw new Error('the control node is not configured');
    return this.context;
  }
}
