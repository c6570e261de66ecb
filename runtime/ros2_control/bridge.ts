import {
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
import { CommandTrack } from './command_track.ts';
import { HardwareController } from './hardware_controller.ts';
import { HardwareGripper } from './hardware_gripper.ts';
import { HardwareState } from './hardware_state.ts';
import type { Ros2ControlOptions } from './options.ts';
import { type RollingOptions, rollingTrajectory } from './rolling_trajectory.ts';

/** Cycles without a command after which the control thread counts as dead, as an arm's own watchdog has it. */
const WATCHDOG_CYCLES = 20;
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
const KNOT_CYCLES = 2;
const STOP_KNOT_CYCLES = 4;
/** Joints slower than this stand, rad/s; a command at rest, rad/s. */
const STANDSTILL = 0.01;
const REST = 1e-6;

/** What a bridge says of itself. */
export interface BridgeStatus {
  readonly phase: ArmPhase;
  /** Why the arm cannot be moved, or what is wrong though it can; empty when nothing is. */
  readonly problem: string;
  /** Why it last braked; empty before. */
  readonly braked_for: string;
  readonly state_hz: number;
  readonly state_age_s: number;
  readonly states_dropped: number;
  readonly clock_offset_s: number;
  readonly published: number;
  readonly refused: number;
}

/**
 * The arm's side of the command and state channels for an arm under ros2_control, on a Bus: hands the gate's commands to a
 * hardware controller and the joint states back. As an arm's own servo (ArmServo) it takes up commands only where the arm
 * stands, notices when they stop coming, and needs a rest to begin again.
 *
 * The controller is always told how the motion ends: see rollingTrajectory. It carries command k out at T_k + delay, and
 * without a new message goes on for the delay and then along the stop that the gate verified. States are given for the time
 * of the newest command: the deviation of what was measured from what was commanded for that moment, added to the
 * newest command. Efforts are as measured, and so older by the delay.
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

  private phase: ArmPhase = 'holding';
  private session = 0;
  private sequence = 0;
  private readonly past_sessions = new Set<number>();
  private refused = 0;
  private published = 0;
  private braked_for = '';
  private refusal = '';
  /** When the newest command came, and when the arm is done with what it was told, s. */
  private heard_s = 0;
  private rest_s = 0;
  /** Newest cycle that the controller knows of, its time, and whether a stop followed it. */
  private told_sequence = 0;
  private told_s = 0;
  /** A forward controller that was left without a command for too long is left where it holds. */
  private held = false;

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
    this.forward_order = (options.forward_joints ?? this.names).map((name) => this.names.indexOf(name));
    this.then_q = new Float64Array(n);
    this.then_v = new Float64Array(n);
  }

  async configure(context: NodeContext): Promise<void> {
    const { options } = this;
    const { bus, clock } = context;
    this.context = context;
    this.origin_ns = clock.now_ns();
    const joint_states = {
      ...TOPICS.joint_states,
      name: options.joint_states,
      qos: { ...TOPICS.joint_states.qos, reliability: 'best_effort' as const },
    };
    const subscription = bus.subscribe(joint_states, this.name, (message) => this.takeState(message));
    this.controller = new HardwareController(bus, options.controller, options.mode, this.names);
    this.gripper = options.gripper_controller === null ? null : new HardwareGripper(bus, options.gripper_controller);
    const { controller } = this;
    this.close = [() => subscription.unsubscribe(), () => controller.close()];
  }

  activate(): void {
    this.due_ns = this.now_ns();
    this.scheduleNext();
  }

  /** Commands are handed on no more: an arm on its way comes to rest along the stop it knows. */
  deactivate(): void {
    this.cancel_timer?.();
    this.cancel_timer = null;
    this.brake('the bridge was deactivated');
    this.gripper?.stop();
  }

  async cleanup(): Promise<void> {
    for (const close of this.close) close();
    this.close = [];
    this.context = null;
  }

  status(): BridgeStatus {
    const { hardware, phase, refused, published, braked_for } = this;
    const problem = this.obstacle() || this.refusal || hardware.problem || (this.gripper?.problem ?? '');
    return {
      phase,
      problem,
      braked_for,
      state_hz: hardware.period_s > 0 ? 1 / hardware.period_s : 0,
      state_age_s: this.now_s() - hardware.arrival_s,
      states_dropped: hardware.dropped,
      clock_offset_s: hardware.clock_offset_s,
      published,
      refused,
    };
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
    this.takeCommands(now_s);
    this.watch(now_s);
    if (this.phase === 'following') this.tell(now_s);
    else if (this.phase === 'braking' && this.options.mode === 'forward' && !this.held) this.publishForward(now_s);
  }

  /** Why no command may be taken up now; empty when one may. */
  private obstacle(): string {
    const { hardware, options } = this;
    const age_s = this.now_s() - hardware.arrival_s;
    if (hardware.taken === 0) return hardware.problem || `no joint states on ${options.joint_states}`;
    if (hardware.watched_s < LEARNING_S) return 'the joint states are being watched';
    if (age_s > options.state_timeout_s) return `no joint states on ${options.joint_states} for ${age_s.toFixed(2)} s`;
    return this.controller?.problem(this.now_s()) ?? 'not configured';
  }

  private watch(now_s: number): void {
    const { hardware, track, rolling, options } = this;
    if (this.phase === 'following') {
      const off_s = Math.abs(hardware.clock.offset_s - hardware.clock_offset_s);
      if (now_s - this.heard_s > WATCHDOG_CYCLES * track.cycle_s) this.brake('commands stopped coming');
      else if (options.mode === 'trajectory' && off_s > 0.5 * rolling.delay_s)
        this.brake(`the arm's clock is ${(1e3 * off_s).toFixed(0)} ms off what it was`);
      else {
        const obstacle = this.obstacle();
        if (obstacle !== '') this.brake(obstacle);
      }
    } else if (this.phase === 'braking' && now_s > this.rest_s) {
      const { velocity } = hardware;
      let still = now_s - hardware.arrival_s < options.state_timeout_s;
      for (let i = 0; i < track.joints; i++) still &&= Math.abs(velocity[i]) < STANDSTILL;
      if (still) this.phase = 'holding';
    }
  }

  /** Reads the newest command and takes, refuses, or stops for it. */
  private takeCommands(now_s: number): void {
    const { commands } = this;
    if (!commands.poll()) return;
    const { payload } = commands;
    const session = payload[COMMAND.session];
    if (session === 0 || (session === this.session && payload[COMMAND.sequence] <= this.sequence)) return;
    this.heard_s = now_s;
    const refusal = this.judge(payload, now_s);
    this.refusal = refusal;
    if (refusal !== '') this.refused++;
  }

  /** Empty if the record is taken, or asks for nothing; else why not. */
  private judge(record: Float64Array, now_s: number): string {
    for (let i = 0; i < record.length; i++) if (!Number.isFinite(record[i])) return `command value ${record[i]}`;
    const session = record[COMMAND.session];
    if (session !== this.session) {
      if (this.past_sessions.has(session)) return 'a controller that was replaced still commands';
      if (this.phase !== 'holding') return `another controller commands an arm that is ${this.phase}`;
    }
    const { limits } = this.robot;
    for (let i = 0; i < this.track.joints; i++) {
      const p = record[COMMAND.joints + i];
      if (!(p >= limits.position_lower[i] && p <= limits.position_upper[i]))
        return `${this.names[i]}: command ${p} rad, limits ${limits.position_lower[i]} to ${limits.position_upper[i]}`;
    }
    if (record[COMMAND.drives_on] !== 1) {
      this.note(record);
      // A controller has no power to take away: the quickest stop it knows is the one it has.
      if (this.phase === 'following') this.brake('the drives were switched off');
      return '';
    }
    this.gripper?.want(record[COMMAND.gripper_width_m], record[COMMAND.gripper_force_N], now_s);
    switch (this.phase) {
      case 'braking':
        return 'the arm is braking';
      case 'holding':
        return this.takeUp(record, now_s);
      case 'following':
        return this.goOn(record, now_s);
    }
  }

  private takeUp(record: Float64Array, now_s: number): string {
    const { hardware, track, options } = this;
    const obstacle = this.obstacle();
    if (obstacle !== '') return obstacle;
    if (!atRest(record, track.joints)) return 'the first command moves';
    for (let i = 0; i < track.joints; i++) {
      const away_rad = record[COMMAND.joints + i] - hardware.position[i];
      if (Math.abs(away_rad) > options.start_tolerance_rad)
        return `${this.names[i]} stands ${away_rad.toFixed(4)} rad from the command, at most ${options.start_tolerance_rad}`;
    }
    const from = this.controller?.reference(now_s) ?? hardware.position;
    for (let i = 0; i < track.joints; i++) {
      const away_rad = record[COMMAND.joints + i] - from[i];
      if (Math.abs(away_rad) > 2 * options.start_tolerance_rad)
        return `${this.names[i]}: the controller holds ${away_rad.toFixed(4)} rad from the command, at most ${2 * options.start_tolerance_rad}`;
    }
    hardware.clock_offset_s = hardware.clock.offset_s;
    track.begin(record, now_s, from);
    this.note(record);
    this.phase = 'following';
    this.held = false;
    this.told_sequence = this.sequence;
    this.told_s = now_s;
    return '';
  }

  private goOn(record: Float64Array, now_s: number): string {
    const { track } = this;
    switch (track.extend(record, now_s)) {
      case 'taken':
        this.note(record);
        return '';
      case 'gap':
        this.brake(`${record[COMMAND.sequence] - this.sequence} commands came at once`);
        return this.braked_for;
      case 'jump':
        // After a reset the gate goes on from where the arm stands.
        if (track.standsSince(1) && atRest(record, track.joints)) {
          this.phase = 'holding';
          return this.takeUp(record, now_s);
        }
        this.brake('a command jumped');
        return this.braked_for;
    }
  }

  private note(record: Float64Array): void {
    if (record[COMMAND.session] !== this.session && this.session !== 0) this.past_sessions.add(this.session);
    this.session = record[COMMAND.session];
    this.sequence = record[COMMAND.sequence];
  }

  /** Tells the controller of the commands since, unless the arm has begun its stop before it can hear of them. */
  private tell(now_s: number): void {
    const { track, rolling, context, options, hardware } = this;
    if (track.sequence === this.told_sequence) return;
    const forward = options.mode === 'forward';
    const left_s = this.told_s + (forward ? FORWARD_LATE_S : rolling.delay_s - WAY_S) - now_s;
    if (left_s < 0 && !track.standsSince(track.sequence - this.told_sequence + 3)) {
      this.held = forward;
      this.brake(`the bridge was ${(1e3 * (now_s - this.told_s)).toFixed(0)} ms late`);
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
    if (this.phase === 'following') this.told(now_s);
  }

  private told(now_s: number): void {
    const { track, rolling } = this;
    this.published++;
    this.told_sequence = track.sequence;
    this.told_s = Math.min(now_s, track.timeOf(track.sequence));
    this.rest_s = track.timeOf(track.last_sequence) + rolling.delay_s + track.cycle_s;
  }

  private brake(why: string): void {
    if (this.phase !== 'following') return;
    this.phase = 'braking';
    this.braked_for = why;
    this.context?.log.warn({ why }, 'the arm brakes');
  }

  private takeState(message: JointState): void {
    const now_s = this.now_s();
    this.takeCommands(now_s);
    if (!this.hardware.take(message, now_s, this.origin_ns)) return;
    const { states, hardware, track, robot } = this;
    const { payload } = states;
    const { nq } = robot.model;
    payload[STATE.cycles] = Math.round(hardware.stamp_s / track.cycle_s);
    payload[STATE.phase] = ARM_PHASES.indexOf(this.phase);
    payload[STATE.session] = this.session;
    payload[STATE.sequence] = this.sequence;
    payload[STATE.refused] = this.refused;
    payload.set(hardware.position, STATE.coordinates);
    payload.set(hardware.velocity, STATE.coordinates + nq);
    payload.set(hardware.effort, STATE.coordinates + 2 * nq);
    if (this.phase === 'following') this.bringForward(payload);
    states.send();
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

function atRest(record: Float64Array, joints: number): boolean {
  for (let i = 0; i < joints; i++) {
    if (Math.abs(record[COMMAND.joints + joints + i]) > REST) return false;
    if (Math.abs(record[COMMAND.joints + 2 * joints + i]) > REST) return false;
  }
  return true;
}
