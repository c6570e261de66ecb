import {
  type Bus,
  hardwareTopics,
  type JointState,
  type Node,
  type NodeContext,
  secondsToStamp,
  stampToSeconds,
  TOPICS,
} from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { ArmLink } from '../arm_link.ts';
import { ARM_PHASES, type ArmPhase, COMMAND, STATE } from '../arm_protocol.ts';
import { ChannelReader, ChannelWriter } from '../channel.ts';
import { CommandFollower } from './command_follower.ts';
import { CommandTrack } from './command_track.ts';
import { HardwareController } from './hardware_controller.ts';
import { HardwareGripper } from './hardware_gripper.ts';
import { HardwareState } from './hardware_state.ts';
import { jointOrder, type Ros2ControlOptions } from './options.ts';
import { type RollingOptions, rollingTrajectory } from './rolling_trajectory.ts';

/** Cycles that the track remembers. */
const TRACK_CYCLES = 192;
/** Way of a message that is counted on when a late one is judged, s. */
const WAY_S = 0.003;
/** Joint states are watched for so long before their clock is trusted, s. */
const LEARNING_S = 0.5;
/** What the arm has done already is sent along for so long, s. */
const PAST_S = 0.04;
/** A forward controller is given the command of so many cycles ago, so that there is always one to interpolate to. */
const FORWARD_CYCLES = 2;
/** A forward controller holds still without a command: after so long a motion is not taken up again, s. */
const FORWARD_LATE_S = 0.03;
/** Sparser knots make a gentler motion, farther from the commands; at five cycles by 1e-5 rad. */
const KNOT_CYCLES = 5;
const STOP_KNOT_CYCLES = 5;

/** What a bridge says of itself. */
export interface BridgeStatus {
  readonly phase: ArmPhase;
  /** Why the arm cannot be moved, and what is wrong though it can; empty when nothing is. */
  readonly problem: string;
  readonly warning: string;
  /** Why it last braked; empty before. */
  readonly braked_for: string;
  readonly state_hz: number;
  readonly state_age_s: number;
  readonly states_dropped: number;
  /** By how much the way of the states varied lately, s: what commands must be expected to do too. */
  readonly jitter_s: number;
  /** Of the arm's computer to ours, as it is used. */
  readonly clock_offset_s: number;
  /** How far the states handed on are brought forward, s. */
  readonly compensated_s: number;
  readonly published: number;
  readonly refused: number;
}

/**
 * The arm's side of the command and state channels for an arm under ros2_control, on a Bus: hands the gate's commands to a
 * hardware controller and the joint states back. CommandFollower decides which commands are taken.
 *
 * A trajectory controller is always told how the motion ends (rollingTrajectory): it carries command k out at T_k + delay, and
 * without a new message goes on for the delay and then along the stop that the gate verified. A forward controller
 * holds what it was last told. States are given for the time of the newest command: the deviation of what was
 * measured from what was commanded for that moment, added to the newest command. Efforts are as measured, and so older.
 */
export class Ros2ControlBridge implements Node {
  readonly name = 'ros2_control_bridge';
  private readonly options: Ros2ControlOptions;
  private readonly robot: Robot;
  private readonly rolling: RollingOptions;
  private readonly names: readonly string[];
  private readonly commands: ChannelReader;
  private readonly states: ChannelWriter;
  private readonly track: CommandTrack;
  private readonly hardware: HardwareState;
  private readonly follower: CommandFollower;
  private readonly forward_order: readonly number[];
  private readonly then_q: Float64Array;
  private readonly then_v: Float64Array;
  private context: NodeContext | null = null;
  private controller: HardwareController | null = null;
  private gripper: HardwareGripper | null = null;
  private origin_ns = 0n;
  private close: (() => void)[] = [];
  private cancel_timer: (() => void) | null = null;
  private due_ns = 0n;
  private published = 0;
  /** Newest command that the controller knows of, and its time, s. */
  private told_sequence = 0;
  private told_s = 0;
  /** When a forward command was last published, s. */
  private published_s = 0;

  /** @param link  as opened by openArmLink(robot, COMMAND_HISTORY) */
  constructor(options: Ros2ControlOptions, robot: Robot, hz: number, link: ArmLink) {
    const n = robot.arm_joints;
    this.options = options;
    this.robot = robot;
    this.names = robot.model.joint_names.slice(0, n);
    const delay_s = options.mode === 'forward' ? FORWARD_CYCLES / hz : options.delay_s;
    this.rolling = { delay_s, past_s: PAST_S, knot_cycles: KNOT_CYCLES, stop_knot_cycles: STOP_KNOT_CYCLES };
    this.commands = new ChannelReader(link.command);
    this.states = new ChannelWriter(link.state);
    this.track = new CommandTrack(n, hz, TRACK_CYCLES, options.blend_s);
    this.hardware = new HardwareState(robot);
    this.follower = new CommandFollower({
      robot,
      track: this.track,
      hardware: this.hardware,
      start_tolerance_rad: options.start_tolerance_rad,
      state_timeout_s: options.state_timeout_s,
      obstacle: (now_s) => this.obstacle(now_s),
      reference: (now_s) => this.controller?.reference(now_s) ?? null,
      onBrake: (why) => this.context?.log.warn({ why }, 'the arm brakes'),
    });
    this.forward_order = jointOrder(options, this.names);
    this.then_q = new Float64Array(n);
    this.then_v = new Float64Array(n);
  }

  async configure(context: NodeContext): Promise<void> {
    const { options } = this;
    const { bus, clock } = context;
    this.context = context;
    this.origin_ns = clock.now_ns();
    const subscription = this.subscribeStates(bus);
    const controller = new HardwareController(bus, options.controller, options.mode, this.names);
    this.controller = controller;
    this.gripper = options.gripper_controller === null ? null : new HardwareGripper(bus, options.gripper_controller);
    this.close = [subscription, () => controller.close()];
  }

  activate(): void {
    this.due_ns = this.now_ns();
    this.scheduleNext();
  }

  /** Commands are handed on no more: an arm on its way comes to rest along the stop it knows. */
  deactivate(): void {
    this.cancel_timer?.();
    this.cancel_timer = null;
    this.follower.brake('the bridge was deactivated');
    this.gripper?.stop();
  }

  async cleanup(): Promise<void> {
    for (const close of this.close) close();
    this.close = [];
    this.context = null;
  }

  status(): BridgeStatus {
    const { hardware, follower, published, track, rolling } = this;
    const now_s = this.now_s();
    return {
      phase: follower.phase,
      problem: this.obstacle(now_s) || follower.refusal,
      warning: hardware.problem || (this.gripper?.problem ?? '') || this.jitter(),
      braked_for: follower.braked_for,
      state_hz: hardware.period_s > 0 ? 1 / hardware.period_s : 0,
      state_age_s: now_s - hardware.arrival_s,
      states_dropped: hardware.dropped,
      jitter_s: hardware.clock.jitter_s,
      clock_offset_s: hardware.clock_offset_s,
      compensated_s:
        follower.phase === 'following' ? track.timeOf(track.sequence) - (hardware.stamp_s - rolling.delay_s) : 0,
      published,
      refused: follower.refused,
    };
  }

  private subscribeStates(bus: Bus): () => void {
    const { qos } = TOPICS.joint_states;
    const topic = {
      ...TOPICS.joint_states,
      name: this.options.joint_states,
      qos: { ...qos, reliability: 'best_effort' as const },
    };
    const subscription = bus.subscribe(topic, this.name, (message) => this.takeState(message));
    return () => subscription.unsubscribe();
  }

  private scheduleNext(): void {
    const { context, options } = this;
    if (context === null) return;
    this.cancel_timer = context.clock.schedule(this.due_ns, () => {
      const now_ns = this.now_ns();
      const period_ns = secondsToStamp(1 / options.publish_hz);
      // Missed turns are not made up for.
      do this.due_ns += period_ns;
      while (this.due_ns <= now_ns);
      this.scheduleNext();
      this.turn(this.now_s());
    });
  }

  private turn(now_s: number): void {
    const { follower, options } = this;
    this.takeCommands(now_s);
    follower.watch(now_s);
    if (follower.phase === 'following') this.tell(now_s);
    else if (follower.phase === 'braking' && options.mode === 'forward' && !this.forwardLate(now_s))
      this.publishForward(now_s);
  }

  /** A forward controller that was left without a command for so long stands, and is left where it holds. */
  private forwardLate(now_s: number): boolean {
    return now_s > this.published_s + FORWARD_LATE_S;
  }

  /** Why no command can be carried out now; empty when one can. */
  private obstacle(now_s: number): string {
    const { hardware, options, rolling, follower } = this;
    const age_s = now_s - hardware.arrival_s;
    if (hardware.taken === 0) return hardware.problem || `no joint states on ${options.joint_states}`;
    if (age_s > options.state_timeout_s) return `no joint states on ${options.joint_states} for ${age_s.toFixed(2)} s`;
    if (hardware.watched_s < LEARNING_S) return 'the joint states are being watched';
    const off_s = Math.abs(hardware.clock.offset_s - hardware.clock_offset_s);
    if (follower.phase === 'following' && options.mode === 'trajectory' && off_s > 0.5 * rolling.delay_s)
      return `the arm's clock is ${(1e3 * off_s).toFixed(0)} ms off what it was`;
    return this.controller?.problem(now_s) ?? 'not configured';
  }

  /** What is wrong with how late messages come; a command later than the delay finds the arm in its stop. */
  private jitter(): string {
    const { options, hardware } = this;
    const needed_s = 1 / options.publish_hz + hardware.clock.jitter_s + WAY_S;
    if (options.mode === 'forward' || needed_s <= options.delay_s) return '';
    return `messages come up to ${(1e3 * hardware.clock.jitter_s).toFixed(0)} ms late: delay_s ${options.delay_s} should be ${needed_s.toFixed(3)} or more`;
  }

  private takeCommands(now_s: number): void {
    const { commands, follower, track } = this;
    if (!commands.poll()) return;
    const { payload } = commands;
    const { begun } = track;
    if (!follower.receive(payload, now_s)) return;
    if (track.begun !== begun) {
      // What the controller holds is where the track begins.
      this.told_sequence = track.sequence;
      this.told_s = now_s;
      this.published_s = now_s;
    }
    this.gripper?.want(payload[COMMAND.gripper_width_m], payload[COMMAND.gripper_force_N], now_s);
  }

  /** Tells the controller of the commands since, unless the arm has begun its stop before it can hear of them. */
  private tell(now_s: number): void {
    const { track, rolling, context, options, hardware, follower } = this;
    if (track.sequence === this.told_sequence) return;
    const forward = options.mode === 'forward';
    const late = forward ? this.forwardLate(now_s) : now_s > this.told_s + rolling.delay_s - WAY_S;
    if (late && !track.standsSince(track.sequence - this.told_sequence + 3)) {
      follower.brake(`the bridge was ${(1e3 * (now_s - this.told_s)).toFixed(0)} ms late`);
      return;
    }
    if (forward) {
      this.publishForward(now_s);
      return;
    }
    const origin_ns = this.origin_ns + secondsToStamp(hardware.clock_offset_s);
    const message = rollingTrajectory(track, this.names, now_s, origin_ns, rolling);
    context?.bus.publish(hardwareTopics(options.controller).trajectory, message);
    this.told(now_s);
  }

  private publishForward(now_s: number): void {
    const { track, rolling, then_q, then_v, forward_order } = this;
    track.sample(now_s - rolling.delay_s, then_q, then_v, true);
    const data = Float64Array.from(forward_order, (i) => then_q[i]);
    this.context?.bus.publish(hardwareTopics(this.options.controller).commands, { data });
    this.published_s = now_s;
    if (this.follower.phase === 'following') this.told(now_s);
  }

  private told(now_s: number): void {
    const { track, rolling } = this;
    this.published++;
    this.told_sequence = track.sequence;
    this.told_s = Math.min(now_s, track.timeOf(track.sequence));
    this.follower.rest_s = track.timeOf(track.last_sequence) + rolling.delay_s + track.cycle_s;
  }

  private takeState(message: JointState): void {
    const now_s = this.now_s();
    this.takeCommands(now_s);
    if (!this.hardware.take(message, now_s, this.origin_ns)) return;
    const { states, hardware, track, robot, follower } = this;
    const { payload } = states;
    const { nq } = robot.model;
    payload[STATE.cycles] = Math.round(hardware.stamp_s / track.cycle_s);
    payload[STATE.phase] = ARM_PHASES.indexOf(follower.phase);
    payload[STATE.session] = follower.session;
    payload[STATE.sequence] = follower.sequence;
    payload[STATE.refused] = follower.refused;
    payload.set(hardware.position, STATE.coordinates);
    payload.set(hardware.velocity, STATE.coordinates + nq);
    payload.set(hardware.effort, STATE.coordinates + 2 * nq);
    this.tellFingers(payload);
    if (follower.phase === 'following') this.bringForward(payload);
    states.send();
  }

  /** Of a hand whose joints are not told, what its controller says of its width. */
  private tellFingers(payload: Float64Array): void {
    const { gripper, hardware } = this;
    const coordinate = this.robot.gripper?.coordinate ?? -1;
    if (gripper === null || coordinate < 0 || !hardware.lacks(coordinate) || Number.isNaN(gripper.width_m)) return;
    payload[STATE.coordinates + coordinate] = 0.5 * gripper.width_m;
  }

  /** Adds what was commanded since the state was measured, but for the offset that is left: the arm's deviation stays. */
  private bringForward(payload: Float64Array): void {
    const { track, rolling, hardware, then_q, then_v, robot } = this;
    const { nq } = robot.model;
    const { payload: command } = this.commands;
    track.sample(hardware.stamp_s - rolling.delay_s, then_q, then_v, false);
    for (let i = 0; i < track.joints; i++) {
      payload[STATE.coordinates + i] += command[COMMAND.joints + i] - then_q[i];
      payload[STATE.coordinates + nq + i] += command[COMMAND.joints + track.joints + i] - then_v[i];
    }
  }

  private now_ns(): bigint {
    if (this.context === null) throw new Error('the bridge is not configured');
    return this.context.clock.now_ns();
  }

  /** Our clock since the bridge was configured, s. */
  private now_s(): number {
    return stampToSeconds(this.now_ns() - this.origin_ns);
  }
}
