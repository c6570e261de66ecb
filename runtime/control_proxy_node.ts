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
  type trajectoryGoal,
} from '../contracts/index.ts';
import { controllerState, GoalRefusal, goalTrajectory } from '../control/index.ts';
import { CHANGED_TOOL_FRAME, loadRobot, type ToolChange } from '../robots/index.ts';
import { envelopeForRobot, envelopeLimits } from '../safety/index.ts';
import type { ArmLink } from './arm_link.ts';
import type { ControlState } from './control_state.ts';
import { resultOf } from './goal_result.ts';
import type { ArmSource } from './hardware_arm.ts';
import { JournalOutlet } from './journal_outlet.ts';
import { MACHINE_CLOCK } from './monotonic_clock.ts';
import { RealTimeControl, type RealTimeControlOptions } from './real_time_control.ts';
import { SteadyTimer } from './steady_timer.ts';

type TrajectoryGoal = z.infer<typeof trajectoryGoal>;
type TrajectoryHandle = GoalHandle<z.infer<typeof trajectoryFeedback>, TrajectoryResult>;
type GripperHandle = GoalHandle<{ width_m: number }, GripperResult>;

export interface ControlProxyOptions extends Omit<RealTimeControlOptions, 'arm' | 'tool'> {
  /** The arm's channels, or what opens them. */
  readonly arm: ArmLink | ArmSource;
  /** The tool, asked for at every configure, when the arm stands; null, or left out, for the one the robot came with. */
  readonly tool?: () => ToolChange | null;
  /** Told what has ended the control thread: the arm's own watchdog stops the arm, and the process is to be restarted. */
  readonly onFailure?: (error: Error) => void;
}

interface Followed {
  readonly handle: TrajectoryHandle;
  readonly label: string;
}

const DEACTIVATED = 'the controller was deactivated';
const STATE_PERIOD_S = 0.01;
/** Feedback goes with every fifth state: 20 Hz. */
const FEEDBACK_EVERY = 5;
/** A goal may come so long after its start as its message may take, s; an older one is another controller's past. */
const LATE_START_S = 0.1;

/**
 * The control thread on the bus: /joint_states at 100 Hz, follow_joint_trajectory, gripper_cmd and set_speed. It holds
 * neither driver nor gate, and asks the thread over shared memory.
 */
export class ControlProxyNode implements Node {
  readonly name = 'control';
  private readonly options: ControlProxyOptions;
  private context: NodeContext | null = null;
  private control: RealTimeControl | null = null;
  private journal: JournalOutlet | null = null;
  private undo: (() => void)[] = [];
  private timer: SteadyTimer | null = null;
  private followed: Followed | null = null;
  /** A goal whose time has not come. */
  private awaited: { readonly cancel: (reason: string) => void } | null = null;
  private grip: GripperHandle | null = null;
  private starting = 0;
  private published = 0;
  private cycles = -1;
  private why_stopped: readonly string[] = [];
  private tool: ToolChange | null = null;

  constructor(options: ControlProxyOptions) {
    this.options = options;
  }

  /** The control thread; null unless configured. */
  get thread(): RealTimeControl | null {
    return this.control;
  }

  async configure(context: NodeContext): Promise<void> {
    const { arm } = this.options;
    this.context = context;
    const link = 'open' in arm ? await arm.open(context) : arm;
    try {
      const { tool: ask, ...options } = this.options;
      const tool = ask?.() ?? null;
      this.control = await RealTimeControl.start({ ...options, arm: link, ...(tool === null ? {} : { tool }) });
      this.tool = tool;
      const { journal } = this.control;
      this.journal = journal === null ? null : new JournalOutlet(journal, context);
    } catch (error) {
      if ('open' in arm) await arm.close();
      throw error;
    }
  }

  activate(): void {
    const { bus } = this.require();
    const { robot } = this.requireThread();
    const safety = bus.subscribe(TOPICS.safety_state, this.name, ({ mode, reasons }) => {
      if (mode === 'protective_stop' || mode === 'fault' || mode === 'emergency_stop') this.why_stopped = reasons;
    });
    this.undo = [
      bus.serveAction(ACTIONS.follow_joint_trajectory, (goal, handle) => this.acceptTrajectory(goal, handle)),
      bus.serve(SERVICES.set_speed, ({ speed }) => this.setSpeed(speed)),
      () => safety.unsubscribe(),
    ];
    if (robot.gripper !== null) {
      this.undo.push(bus.serveAction(ACTIONS.gripper, (goal, handle) => this.acceptGrip(goal, handle)));
    }
    if (this.tool !== null) this.tellTool(this.tool);
    this.timer = new SteadyTimer(STATE_PERIOD_S, () => this.poll());
  }

  deactivate(): void {
    for (const undo of this.undo) undo();
    this.undo = [];
    this.timer?.stop();
    this.timer = null;
    this.awaited?.cancel(DEACTIVATED);
    this.dropGoals(DEACTIVATED);
    this.control?.cancelTrajectory().catch(() => {});
  }

  async cleanup(): Promise<void> {
    const { control, journal } = this;
    this.control = null;
    this.context = null;
    this.journal = null;
    await control?.close();
    journal?.poll();
    if ('open' in this.options.arm) await this.options.arm.close();
  }

  /** The frame of a changed tool hangs on the tool frame that the robot came with. */
  private tellTool({ T_tool_tcp }: ToolChange): void {
    const { bus, clock } = this.require();
    const parent = loadRobot(this.options.robot, { visualMeshes: false }).tcp_frame;
    const transforms = [{ parent, child: CHANGED_TOOL_FRAME, pose: T_tool_tcp }];
    bus.publish(TOPICS.tf_static, { stamp_ns: clock.now_ns(), transforms });
  }

  /** Publishes the newest state, and answers goals that have ended. */
  private poll(): void {
    this.journal?.poll();
    let state: ControlState;
    try {
      state = this.requireThread().state();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (state.cycles === this.cycles) return;
    this.cycles = state.cycles;
    if (!('open' in this.options.arm && this.options.arm.publishes_states)) this.publish(state);
    this.publishCommand(state);
    if (this.published++ % FEEDBACK_EVERY === 0) this.tellProgress(state);
    if (this.starting > 0) return;
    if (this.followed !== null && state.follower_phase === 'idle' && state.follower_outcome !== 'none')
      this.finishTrajectory(this.followed, state);
    if (this.grip !== null && state.gripper_outcome !== 'none') this.finishGrip(this.grip, state);
  }

  private fail(error: Error): void {
    this.timer?.stop();
    this.require().log.error({ error: error.message }, 'the control thread has ended');
    this.dropGoals(`the control thread has ended: ${error.message}`);
    this.options.onFailure?.(error);
  }

  private publish(state: ControlState): void {
    const message: JointState = {
      stamp_ns: this.stampOf(state),
      names: this.requireThread().robot.model.joint_names,
      position: state.position,
      velocity: state.velocity,
      effort: state.effort,
    };
    this.require().bus.publish(TOPICS.joint_states, message);
  }

  private publishCommand(state: ControlState): void {
    const { bus } = this.require();
    if (bus.subscribers(TOPICS.controller_state) === 0) return;
    const { reference, reference_velocity, gripper_width_m } = state;
    const sent = { position: reference, velocity: reference_velocity, gripper_width_m };
    const { robot } = this.requireThread();
    bus.publish(TOPICS.controller_state, controllerState(robot, this.stampOf(state), sent, state));
  }

  /** The bus's time at which the control thread was in this state. */
  private stampOf({ t_s }: ControlState): bigint {
    const age_ns = BigInt(Math.max(0, Math.round(1e9 * (MACHINE_CLOCK.now_s() - t_s))));
    const now_ns = this.require().clock.now_ns();
    return now_ns > age_ns ? now_ns - age_ns : 0n;
  }

  private tellProgress(state: ControlState): void {
    const { robot } = this.requireThread();
    this.followed?.handle.feedback({
      time_s: state.path_time_s,
      max_error_rad: state.path_error_rad,
      joints: {
        names: this.jointNames,
        desired: state.reference,
        actual: state.position.slice(0, robot.arm_joints),
      },
    });
    this.grip?.feedback({ width_m: this.width(state) });
  }

  private acceptTrajectory(goal: TrajectoryGoal, handle: TrajectoryHandle): void {
    const { clock } = this.require();
    const { start_ns } = goal;
    this.awaited?.cancel(`replaced by ${goal.label}`);
    if (start_ns === undefined) {
      void this.start(goal, handle);
      return;
    }
    const wait_s = Number(start_ns - clock.now_ns()) / 1e9;
    if (wait_s < -LATE_START_S) {
      const what = `trajectory that began ${(-wait_s).toFixed(3)} s ago`;
      this.refuse(goal, handle, new GoalRefusal('old_header_timestamp', what, 'begin now (stamp 0) or later'));
      return;
    }
    let taken = false;
    const forget = clock.schedule(start_ns, () => {
      taken = true;
      this.awaited = null;
      void this.start(goal, handle);
    });
    const cancel = (reason: string) => {
      if (taken) return;
      taken = true;
      forget();
      this.awaited = null;
      handle.abort({ ok: false, reason, final_error_rad: 0 });
    };
    if (taken) return;
    this.awaited = { cancel };
    handle.onCancel(() => cancel('canceled before it began'));
  }

  private async start(goal: TrajectoryGoal, handle: TrajectoryHandle): Promise<void> {
    const { log } = this.require();
    const control = this.requireThread();
    let canceled = false;
    handle.onCancel(() => {
      canceled = true;
      if (this.followed?.handle === handle) control.cancelTrajectory().catch(() => {});
    });
    this.starting++;
    try {
      const state = control.state();
      const from = { position: state.reference, velocity: state.velocity };
      const limits = envelopeLimits(this.options.envelope ?? envelopeForRobot(control.robot));
      await control.startTrajectory(goalTrajectory(goal.trajectory, this.jointNames, from, limits), goal.tolerances);
    } catch (error) {
      this.refuse(goal, handle, error);
      return;
    } finally {
      this.starting--;
    }
    const replaced = this.followed;
    this.followed = { handle, label: goal.label };
    this.cycles = -1;
    log.debug({ label: goal.label, goal: handle.id }, 'trajectory accepted');
    replaced?.handle.abort({ ok: false, reason: `replaced by ${goal.label}`, final_error_rad: 0 });
    if (canceled) await control.cancelTrajectory();
  }

  private refuse({ label }: TrajectoryGoal, handle: TrajectoryHandle, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.require().log.warn({ label, reason }, 'trajectory refused');
    const known = error instanceof GoalRefusal ? error.error : 'invalid_goal';
    handle.abort({ ok: false, reason, final_error_rad: 0, ...(error instanceof InputError ? { error: known } : {}) });
  }

  private finishTrajectory({ handle, label }: Followed, state: ControlState): void {
    this.followed = null;
    const result = resultOf(state, this.jointNames, this.why_stopped);
    const fields = { label, goal: handle.id, reason: result.reason, max_error_rad: state.path_error_rad };
    if (result.ok) this.require().log.debug(fields, 'trajectory done');
    else this.require().log.warn(fields, 'trajectory not done');
    if (result.ok) handle.succeed(result);
    else handle.abort(result);
  }

  private acceptGrip({ width_m, force_N }: { width_m: number; force_N: number }, handle: GripperHandle): void {
    const control = this.requireThread();
    const { gripper } = control.robot;
    const force = force_N > 0 ? force_N : (gripper?.max_force_N ?? 0);
    let canceled = false;
    handle.onCancel(() => {
      canceled = true;
      if (this.grip === handle) control.cancelGripper().catch(() => {});
    });
    this.starting++;
    control
      .startGripper(width_m, force)
      .then(
        () => {
          this.grip?.abort({ width_m: this.width(control.state()), stalled: false, reached: false });
          this.grip = handle;
          return canceled ? control.cancelGripper() : undefined;
        },
        (error: unknown) => {
          this.require().log.warn({ reason: String(error) }, 'grip refused');
          handle.abort({ width_m: 0, stalled: false, reached: false });
        },
      )
      .catch(() => {})
      .finally(() => {
        this.starting--;
        this.cycles = -1;
      });
  }

  private finishGrip(handle: GripperHandle, state: ControlState): void {
    this.grip = null;
    const { gripper_outcome } = state;
    const result = {
      width_m: this.width(state),
      stalled: gripper_outcome === 'stalled',
      reached: gripper_outcome === 'reached',
    };
    if (result.stalled || result.reached) handle.succeed(result);
    else handle.abort(result);
  }

  private async setSpeed(speed: number): Promise<{ success: boolean; message: string }> {
    try {
      await this.requireThread().setSpeed(speed);
      return { success: true, message: '' };
    } catch (error) {
      return { success: false, message: error instanceof Error ? error.message : String(error) };
    }
  }

  private dropGoals(reason: string): void {
    this.followed?.handle.abort({ ok: false, reason, final_error_rad: 0 });
    this.followed = null;
    this.grip?.abort({ width_m: 0, stalled: false, reached: false });
    this.grip = null;
  }

  private width({ position }: ControlState): number {
    const { gripper } = this.requireThread().robot;
    return gripper === null ? 0 : 2 * position[gripper.coordinate];
  }

  private get jointNames(): readonly string[] {
    const { robot } = this.requireThread();
    return robot.model.joint_names.slice(0, robot.arm_joints);
  }

  private require(): NodeContext {
    if (this.context === null) throw new Error('the control node is not configured');
    return this.context;
  }

  private requireThread(): RealTimeControl {
    if (this.control === null) throw new Error('the control node is not configured');
    return this.control;
  }
}
