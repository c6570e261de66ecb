import { type BodyTrack, InputError } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { ArmGuards } from './arm_guards.ts';
import { ArmMonitor, type MeasuredState } from './arm_monitor.ts';
import { CommandInterface } from './command_interface.ts';
import type { CommandRequest, CommandSourceKind } from './command_request.ts';
import type { Envelope } from './envelope.ts';
import { assertFeasible } from './feasibility.ts';
import { GateModes } from './gate_modes.ts';
import { clamp, followGripper } from './gripper_limits.ts';
import { GuardedMotion } from './guarded_motion.ts';
import type { InterventionLog } from './intervention_log.ts';
import { JointGuard } from './joint_guard.ts';
import { checkStartState, hardBounds, jointBounds } from './joint_limits.ts';
import { Lease } from './lease.ts';
import type { Obstacle } from './obstacle.ts';
import { PaceLimit } from './pace_limit.ts';
import { reasonBit, type StopCategory } from './reasons.ts';
import { requestCauses } from './request_check.ts';
import { mintSafeCommand, type SafeCommand } from './safe_command.ts';
import type { OperatingMode, SafetyMode } from './state_machine.ts';
import type { GateObservation } from './supervisor.ts';
import { TorqueInterface } from './torque_interface.ts';

const LEASE_LOST = reasonBit('lease_lost');
const CLOCK = reasonBit('clock');
const START = reasonBit('start_outside_envelope');
const TIGHTENED = reasonBit('envelope_tightened');
const INTERFACE = reasonBit('interface_changed');
const NOT_ENABLED = reasonBit('not_enabled');
const LATE = reasonBit('late_cycle');
const PACE = reasonBit('pace_exceeded');
const STATE_NOT_FINITE = reasonBit('state_not_finite');
const OUT_OF_BOUNDS = reasonBit('body_out_of_bounds');

/**
 * The safety gate: stands between every controller and the driver, once a cycle. A wanted command passes unchanged if it
 * and the jerk-limited stop from it keep every limit of the envelope and stay clear of the robot itself and of every known
 * obstacle; else the arm is moved towards it along a step of which this is known; else, or when the command is stale,
 * malformed or not permitted, the stop verified one cycle ago goes on. So at every cycle the arm can be brought to rest
 * inside the envelope. `step` allocates nothing.
 */
export class SafetyGate implements GateObservation {
  readonly robot: Robot;
  readonly hz: number;
  readonly lease: Lease;
  /** Who asked for motion in the last cycle. */
  source: CommandSourceKind | 'none' = 'none';

  private limits: Envelope;
  private readonly joints: readonly JointGuard[];
  private readonly motion: GuardedMotion;
  private readonly monitor: ArmMonitor;
  private readonly torque: TorqueInterface;
  private readonly interface: CommandInterface;
  private readonly guards: ArmGuards;
  private readonly modes = new GateModes();
  private readonly pace_limit: PaceLimit;
  private readonly command: SafeCommand;
  /** Time of the last cycle, and of the cycle before the last reset. */
  private readonly times = new Float64Array(2).fill(Number.NEGATIVE_INFINITY);
  private initialised = false;

  /**
   * @param hz  cycles per second; every `step` is one cycle
   * @param lease_salt  see Lease
   */
  constructor(envelope: Envelope, robot: Robot, hz: number, lease_salt = 0) {
    assertFeasible(envelope, robot, hz);
    this.robot = robot;
    this.hz = hz;
    this.limits = envelope;
    this.torque = new TorqueInterface(robot, envelope, hz);
    this.joints = envelope.joints.map(
      (_, i) => new JointGuard(jointBounds(envelope, i, this.torque.jerk[i]), hz, hardBounds(robot, i)),
    );
    this.guards = new ArmGuards(robot, envelope, this.joints, hz);
    this.motion = new GuardedMotion(this.joints, hz, this.guards);
    this.interface = new CommandInterface(this.joints, this.motion, this.torque, hz);
    this.monitor = new ArmMonitor(this.joints, envelope, robot);
    this.pace_limit = new PaceLimit(robot, hz);
    this.lease = new Lease(envelope.lease_s, lease_salt);
    this.command = mintSafeCommand(envelope.joints.length);
  }

  /** Cycles in which the command passed, was limited, and in which the gate stopped or held the arm. */
  get passed(): number {
    return this.modes.passed;
  }

  get limited(): number {
    return this.modes.limited;
  }

  get stopped(): number {
    return this.modes.stopped;
  }

  /** Reasons (bit mask, see REASONS) of the last cycle. */
  get reasons(): number {
    return this.modes.reasons;
  }

  get interventions(): InterventionLog {
    return this.modes.interventions;
  }

  get envelope(): Envelope {
    return this.limits;
  }

  get mode(): SafetyMode {
    return this.modes.machine.mode;
  }

  /** The operating mode that is returned to. */
  get selectedMode(): OperatingMode {
    return this.modes.machine.selected;
  }

  get latched(): boolean {
    return this.modes.machine.latched;
  }

  /** Reasons that hold the gate until a reset, bit mask. */
  get latchedReasons(): number {
    return this.modes.machine.latched_reasons;
  }

  get nonce(): number {
    return this.lease.nonce;
  }

  /** Whether the arm's reference is at rest. */
  get atRest(): boolean {
    return this.motion.atRest;
  }

  /** Whether the arm is outside its envelope, and may only move back into it. */
  get outside(): boolean {
    return this.motion.outside || this.guards.outside;
  }

  get leaseValid(): boolean {
    return this.lease.validAt(this.times[NOW]);
  }

  /** What was last sent. The same object is overwritten by every step. */
  get lastCommand(): SafeCommand {
    return this.command;
  }

  /** Stop category (IEC 60204-1) of the stop in force, −1 for none. */
  get stopCategory(): StopCategory | -1 {
    return this.modes.stopCategory;
  }

  /**
   * Starts over from where the robot is. A state from which no stop stays inside the envelope is a fault: the arm is
   * stopped within the robot's own limits, and after a reset may only move back inside.
   *
   * @param position  measured positions, at least one for each joint of the envelope (rad)
   * @param gripper_width_m  measured distance between the fingers
   * @param velocity  velocities with which it moves, rad/s; at rest without
   */
  reset(position: Float64Array, gripper_width_m = 0, velocity: Float64Array | null = null): void {
    const { joints, command } = this;
    if (!this.atRest) throw new InputError('reset of the gate', 'only when the arm is at rest');
    checkStartState(position, velocity, joints.length);
    let inside = this.interface.reset(position, velocity, command);
    command.gripper_width_m = clamp(gripper_width_m, this.limits.gripper?.max_width_m ?? 0);
    this.guards.forgetBodies();
    if (!this.assessGuards()) inside = false;
    this.initialised = true;
    this.lease.revoke();
    this.times.fill(Number.NEGATIVE_INFINITY);
    this.modes.initialise(inside ? 0 : START);
  }

  /** Takes a supervisor's grant; see Lease. */
  grant(nonce: number): boolean {
    return this.lease.grant(nonce);
  }

  /** Stops the arm at the next cycle, by a category of IEC 60204-1, and keeps it stopped until acknowledged. */
  requestStop(category: StopCategory = 1): void {
    this.modes.requestStop(category);
  }

  /** A command came that cannot be used, and was not kept: stops as requestStop does. */
  rejectCommand(reason: 'non_finite' | 'wrong_length'): void {
    this.modes.wantStop(reasonBit(reason));
  }

  /** The loop's last cycle began late by more than the envelope allows: stops as requestStop does. */
  reportLate(): void {
    this.modes.wantStop(LATE);
  }

  /** Selects an operating mode. Returns the empty string, or why it is refused. Reduced speed may be selected in motion. */
  selectMode(mode: OperatingMode): string {
    if (mode !== 'reduced' && !this.atRest) return `mode ${mode} can be selected only when the arm is at rest`;
    this.modes.select(mode);
    return '';
  }

  /** The enabling device, without which reduced and guided mode do not move. */
  setEnabled(enabled: boolean): void {
    this.modes.enabled = enabled;
  }

  /** Share of the usual speed along paths that the supervisor allows, 0..1; who does not keep it is stopped. */
  setPace(share: number): void {
    this.pace_limit.set(share, this.command.stop_time_s);
  }

  /**
   * Share of the usual speed that paths are to be followed at now, 0..1: the supervisor's, or less where an arm at its
   * greatest joint speeds could not stop in time before a body, or would be too fast for reduced mode.
   */
  get pace(): number {
    const { pace } = this.guards;
    return pace < this.pace_limit.share ? pace : this.pace_limit.share;
  }

  /** The same, of supervisor and bodies, for an arm that goes at `velocity` (rad/s) at pace 1, which may be slower than it can. */
  paceOf(velocity: Float64Array): number {
    const pace = this.guards.paceOf(velocity);
    return pace < this.pace_limit.share ? pace : this.pace_limit.share;
  }

  /** Share of joint velocities (rad/s) at which the tool and every link's surface keep well below a reduced speed, 0..1. */
  speedShareOf(velocity: Float64Array): number {
    return this.guards.speedShareOf(velocity);
  }

  /** Whether learned policies may command the arm. */
  setPolicies(allowed: boolean): void {
    this.modes.policies = allowed;
  }

  /** Obstacles that stand or move from `t_s` on, in place of those before; frame of the root link. Allocates. */
  setObstacles(obstacles: readonly Obstacle[], t_s: number): void {
    this.guards.setObstacles(obstacles, t_s);
  }

  /**
   * All people and other moving bodies that a source saw, in the root link's frame; none too. With separation in the
   * envelope every source must go on telling; without, they are obstacles that move as they did. Allocates nothing.
   *
   * @param sensed_s  when, on the gate's clock; what is older than what the source told before is left out
   * @param count  how many of the list
   * @param source  number of the source, 0 to 7
   */
  setBodies(bodies: readonly BodyTrack[], sensed_s: number, count = bodies.length, source = 0): void {
    this.modes.wantStop(this.guards.setBodies(bodies, sensed_s, count, source));
  }

  /** Bodies came that cannot be used, as in an unknown frame: stops as requestStop does. */
  rejectBodies(): void {
    this.modes.wantStop(OUT_OF_BOUNDS);
  }

  /** Distance of the arm to the nearest body as it was sensed, and the least that would be enough now, m; null for none. */
  get separation_m(): number | null {
    return this.guards.separation_m;
  }

  get protective_distance_m(): number | null {
    return this.guards.protective_distance_m;
  }

  /** Least distance less margin of the arm at `position` to itself and to obstacles now, m; for measurements. */
  clearanceOf(position: ArrayLike<number>): number {
    return this.guards.clearanceOf(position);
  }

  /**
   * Another envelope for the same joints, also in motion; a state it does not contain is a fault. Allocates, and takes long
   * for one that `assertFeasible` has not seen. Throws InputError for one that cannot be kept or has another tool frame.
   */
  setEnvelope(envelope: Envelope): void {
    const { frame } = this.limits.tool;
    if (envelope.tool.frame !== frame) {
      throw new InputError(`tool.frame ${envelope.tool.frame} of another envelope`, `must stay ${frame}`);
    }
    assertFeasible(envelope, this.robot, this.hz);
    this.limits = envelope;
    this.lease.duration_s = envelope.lease_s;
    this.monitor.setEnvelope(envelope);
    this.torque.setEnvelope(envelope);
    let inside = true;
    for (let i = 0; i < this.joints.length; i++) {
      const bounds = jointBounds(envelope, i, this.torque.jerk[i]);
      if (!this.joints[i].setBounds(bounds, hardBounds(this.robot, i))) inside = false;
    }
    this.guards.setEnvelope(envelope);
    if (!this.assessGuards()) inside = false;
    if (!inside) this.modes.noteFault(TIGHTENED);
  }

  /** The arm as the driver measured it before this cycle; null for an arm that follows exactly. */
  observe(state: MeasuredState | null): void {
    this.monitor.observe(state);
    this.torque.observe(state);
  }

  /** The operator's reset. Returns the empty string, or why it is refused. Motion then waits for a valid lease. */
  acknowledge(): string {
    const { machine } = this.modes;
    const { monitor } = this;
    if (!this.atRest || !monitor.atRest) {
      machine.handle('reset_in_motion', 0);
      return 'the arm is still in motion';
    }
    if (monitor.emergencyStop || machine.mode === 'emergency_stop') {
      return "the arm's emergency stop is pressed; release it first";
    }
    if ((monitor.causes(false) & STATE_NOT_FINITE) !== 0) return 'the arm reports a state that is not finite';
    if (monitor.moved) {
      for (let i = 0; i < this.joints.length; i++) this.joints[i].reset(monitor.position(i));
      this.assessGuards();
    }
    this.guards.forgetSilentBodies(this.times);
    this.times[RESET] = this.times[NOW];
    this.modes.acknowledge();
    return '';
  }

  /** One cycle at `t_s` (s, the gate's own clock, rising). The command returned is overwritten by the next step. */
  step(t_s: number, request: CommandRequest): SafeCommand {
    if (!this.initialised) throw new Error('SafetyGate.step before reset: the gate does not know where the robot is');
    const { modes } = this;
    const causes = this.causes(t_s, request);
    this.lease.issue(this.times[NOW]);
    modes.change(causes, this.atRest, this.leaseValid);

    this.guards.prepare(this.times, modes.reduced);
    let reasons = 0;
    // What was wanted before a reset is not what is wanted after it.
    const { kind } = request;
    this.source = kind === 'none' ? 'none' : request.source;
    if (modes.operating && kind !== 'none' && request.stamp_s > this.times[RESET]) {
      reasons = this.interface.follow(kind, request.values, request.source);
    } else this.interface.stop();
    if (modes.operating) followGripper(this.command, request, this.limits);
    modes.count(reasons, causes, this.times);
    this.send();
    return this.command;
  }

  /** Everything that speaks against motion in this cycle, as a bit mask; looks at the request without using it. */
  private causes(t_s: number, request: CommandRequest): number {
    const { times, modes } = this;
    const { machine } = modes;
    let causes = modes.standing;
    const since = t_s - times[NOW];
    if (!(since >= 0.5 / this.hz) || !(t_s < Number.POSITIVE_INFINITY)) causes |= CLOCK;
    else times[NOW] = t_s;
    // What speaks against an operating mode speaks against coming back to it, too.
    if (machine.mode !== 'initialising' && !machine.latched && !this.leaseValid) causes |= LEASE_LOST;
    if (request.kind !== 'none' && !modes.enables(request.source)) causes |= NOT_ENABLED;
    if (modes.operating && this.pace_limit.exceeded(this.command)) causes |= PACE;
    if (!this.interface.select(request)) causes |= INTERFACE;
    causes |= this.monitor.causes(this.command.drives_on) | this.guards.bodyCauses(times);
    return causes | requestCauses(request, times, this.joints.length, this.limits.stale_s);
  }

  private send(): void {
    const { command, motion } = this;
    this.interface.commit(command);
    const category = this.stopCategory;
    command.drives_on = category === 0 ? false : category === 1 ? !motion.atRest : true;
    command.sequence++;
  }

  private assessGuards(): boolean {
    this.guards.prepare(this.times, this.modes.reduced);
    return this.guards.assess();
  }
}

const NOW = 0;
const RESET = 1;
