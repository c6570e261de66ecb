import { InputError } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { ArmGuards } from './arm_guards.ts';
import { ArmMonitor, type MeasuredState } from './arm_monitor.ts';
import type { HardBounds, JointBounds } from './bounded_joint.ts';
import type { CommandKind, CommandRequest } from './command_request.ts';
import type { Envelope } from './envelope.ts';
import { assertFeasible } from './feasibility.ts';
import { GuardedMotion } from './guarded_motion.ts';
import { InterventionLog } from './intervention_log.ts';
import { JointGuard } from './joint_guard.ts';
import { Lease } from './lease.ts';
import type { Obstacle } from './obstacle.ts';
import {
  EFFECTS,
  EMERGENCY_REASONS,
  FAULT_REASONS,
  LATCHED_STOP_REASONS,
  PASSING_STOP_REASONS,
  reasonBit,
  type StopCategory,
  stopCategory,
} from './reasons.ts';
import { requestCauses } from './request_check.ts';
import { mintSafeCommand, type SafeCommand } from './safe_command.ts';
import { isOperating, type OperatingMode, type SafetyMode, SafetyStateMachine } from './state_machine.ts';
import type { GateObservation } from './supervisor.ts';
import { TorqueInterface } from './torque_interface.ts';

const LEASE_LOST = reasonBit('lease_lost');
const CLOCK = reasonBit('clock');
const START = reasonBit('start_outside_envelope');
const TIGHTENED = reasonBit('envelope_tightened');
const INTERFACE = reasonBit('interface_changed');
const NOT_ENABLED = reasonBit('not_enabled');
const LATE = reasonBit('late_cycle');
/** Limits that the reference keeps while it follows an arm under torques, which is bound by those and by their rate. */
const MOTION_OF_ARM = reasonBit('velocity') | reasonBit('acceleration') | reasonBit('jerk');
const STATE_NOT_FINITE = reasonBit('state_not_finite');
const STOP_REQUESTED = [
  reasonBit('stop_requested_0'),
  reasonBit('stop_requested_1'),
  reasonBit('stop_requested_2'),
] as const;

const LIMIT_EFFECT = EFFECTS.indexOf('limit');
const STOP_EFFECT = EFFECTS.indexOf('stop');
const LATCHED_EFFECT = EFFECTS.indexOf('latched_stop');
const FAULT_EFFECT = EFFECTS.indexOf('fault');
const EMERGENCY_EFFECT = EFFECTS.indexOf('emergency_stop');

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
  readonly interventions: InterventionLog;
  /** Cycles in which the command passed, was limited, and in which the gate stopped or held the arm. */
  passed = 0;
  limited = 0;
  stopped = 0;
  /** Reasons (bit mask, see REASONS) of the last cycle. */
  reasons = 0;

  private limits: Envelope;
  private readonly joints: readonly JointGuard[];
  private readonly motion: GuardedMotion;
  private readonly monitor: ArmMonitor;
  private readonly torque: TorqueInterface;
  private readonly guards: ArmGuards;
  private readonly machine = new SafetyStateMachine();
  private readonly command: SafeCommand;
  /** Time of the last cycle, and of the cycle before the last reset. */
  private readonly times = new Float64Array(2).fill(Number.NEGATIVE_INFINITY);
  private initialised = false;
  private wanted_stops = 0;
  private fault = 0;
  private enabled = false;
  private torque_on = false;

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
      (_, i) => new JointGuard(this.jointBounds(envelope, i), hz, hardBounds(robot, i)),
    );
    this.guards = new ArmGuards(robot, envelope, this.joints, hz);
    this.motion = new GuardedMotion(this.joints, hz, this.guards);
    this.monitor = new ArmMonitor(this.joints, envelope, robot);
    this.lease = new Lease(envelope.lease_s, lease_salt);
    this.interventions = new InterventionLog();
    this.command = mintSafeCommand(envelope.joints.length);
  }

  get envelope(): Envelope {
    return this.limits;
  }

  get mode(): SafetyMode {
    return this.machine.mode;
  }

  /** The operating mode that is returned to. */
  get selectedMode(): OperatingMode {
    return this.machine.selected;
  }

  get latched(): boolean {
    return this.machine.latched;
  }

  /** Reasons that hold the gate until a reset, bit mask. */
  get latchedReasons(): number {
    return this.machine.latched_reasons;
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
    return isOperating(this.machine.mode) ? -1 : stopCategory(this.reasons);
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
    if (position.length < joints.length || (velocity !== null && velocity.length < joints.length)) {
      throw new InputError(
        `start state of ${Math.min(position.length, velocity?.length ?? position.length)} values`,
        `must have one for each of ${joints.length} joints`,
      );
    }
    for (let i = 0; i < joints.length; i++) {
      const v = velocity === null ? 0 : velocity[i];
      if (!Number.isFinite(position[i]) || !Number.isFinite(v)) {
        throw new InputError(`start position ${position[i]}, velocity ${v} of joint ${i}`, 'must be finite');
      }
    }
    let inside = true;
    for (let i = 0; i < joints.length; i++) {
      const v = velocity === null ? 0 : velocity[i];
      joints[i].selectTorqueInterface(false);
      if (!joints[i].reset(position[i], v)) inside = false;
      command.position[i] = position[i];
      command.velocity[i] = v;
    }
    command.acceleration.fill(0);
    command.stop_time_s = this.motion.stopCycles / this.hz;
    command.gripper_width_m = clamp(gripper_width_m, this.limits.gripper?.max_width_m ?? 0);
    if (!this.assessGuards()) inside = false;
    this.initialised = true;
    this.wanted_stops = 0;
    this.torque_on = false;
    this.lease.revoke();
    this.times.fill(Number.NEGATIVE_INFINITY);
    this.reasons = 0;
    this.fault = inside ? 0 : START;
    this.machine.handle('initialise', 0);
    if (!inside) this.machine.handle('fault', START);
  }

  /** Takes a supervisor's grant; see Lease. */
  grant(nonce: number): boolean {
    return this.lease.grant(nonce);
  }

  /** Stops the arm at the next cycle, by a category of IEC 60204-1, and keeps it stopped until acknowledged. */
  requestStop(category: StopCategory = 1): void {
    this.wanted_stops |= STOP_REQUESTED[category];
  }

  /** A command came that cannot be used, and was not kept: stops as requestStop does. */
  rejectCommand(reason: 'non_finite' | 'wrong_length'): void {
    this.wanted_stops |= reasonBit(reason);
  }

  /** The loop's last cycle began late by more than the envelope allows: stops as requestStop does. */
  reportLate(): void {
    this.wanted_stops |= LATE;
  }

  /** Selects an operating mode. Returns the empty string, or why it is refused. Reduced speed may be selected in motion. */
  selectMode(mode: OperatingMode): string {
    if (mode !== 'reduced' && !this.atRest) return `mode ${mode} can be selected only when the arm is at rest`;
    this.machine.handle(SELECT[mode], 0);
    return '';
  }

  /** The enabling device, without which guided mode does not move. */
  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
  }

  /** Obstacles that stand or move from `t_s` on, in place of those before; frame of the root link. Allocates. */
  setObstacles(obstacles: readonly Obstacle[], t_s: number): void {
    this.guards.setObstacles(obstacles, t_s);
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
      if (!this.joints[i].setBounds(this.jointBounds(envelope, i), hardBounds(this.robot, i))) inside = false;
    }
    this.guards.setEnvelope(envelope);
    if (!this.assessGuards()) inside = false;
    if (!inside) this.fault |= TIGHTENED;
  }

  /** The arm as the driver measured it before this cycle; null for an arm that follows exactly. */
  observe(state: MeasuredState | null): void {
    this.monitor.observe(state);
    this.torque.observe(state);
  }

  /** The operator's reset. Returns the empty string, or why it is refused. Motion then waits for a valid lease. */
  acknowledge(): string {
    const { machine, monitor } = this;
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
    this.wanted_stops = 0;
    this.fault = 0;
    this.times[RESET] = this.times[NOW];
    machine.handle('reset_at_rest', 0);
    return '';
  }

  /** One cycle at `t_s` (s, the gate's own clock, rising). The command returned is overwritten by the next step. */
  step(t_s: number, request: CommandRequest): SafeCommand {
    if (!this.initialised) throw new Error('SafetyGate.step before reset: the gate does not know where the robot is');
    const { machine } = this;
    const causes = this.causes(t_s, request);
    this.lease.issue(this.times[NOW]);
    this.changeMode(causes);

    this.guards.prepare(this.times, this.reduced);
    let reasons = 0;
    // What was wanted before a reset is not what is wanted after it.
    const { kind } = request;
    const moving = isOperating(machine.mode) && kind !== 'none' && request.stamp_s > this.times[RESET];
    if (moving) reasons = this.follow(kind, request.values);
    else {
      this.motion.stop();
      if (this.torque_on) this.torque.stop(this.joints);
    }
    if (isOperating(machine.mode)) this.followGripper(request);
    this.count(reasons, causes);
    this.send();
    return this.command;
  }

  /** Everything that speaks against motion in this cycle, as a bit mask; looks at the request without using it. */
  private causes(t_s: number, request: CommandRequest): number {
    const { times, machine } = this;
    let causes = this.wanted_stops | this.fault;
    const since = t_s - times[NOW];
    if (!(since >= 0.5 / this.hz) || !(t_s < Number.POSITIVE_INFINITY)) causes |= CLOCK;
    else times[NOW] = t_s;
    // What speaks against an operating mode speaks against coming back to it, too.
    if (machine.mode !== 'initialising' && !machine.latched && !this.leaseValid) causes |= LEASE_LOST;
    if (machine.selected === 'guided' && !this.enabled && request.kind !== 'none') causes |= NOT_ENABLED;
    if (!this.selectInterface(request)) causes |= INTERFACE;
    causes |= this.monitor.causes(this.command.drives_on);
    return causes | requestCauses(request, times, this.joints.length, this.limits.stale_s);
  }

  /** Tells the state machine all that holds in this cycle; what means nothing in its mode does not change it. */
  private changeMode(causes: number): void {
    const { machine } = this;
    if ((causes & EMERGENCY_REASONS) !== 0) machine.handle('emergency_stop', causes & EMERGENCY_REASONS);
    else machine.handle('emergency_released', 0);
    if ((causes & FAULT_REASONS) !== 0) machine.handle('fault', causes & FAULT_REASONS);
    if ((causes & LATCHED_STOP_REASONS) !== 0) machine.handle('latched_stop', causes & LATCHED_STOP_REASONS);
    if ((causes & PASSING_STOP_REASONS) !== 0) machine.handle('stop', 0);
    else if (causes === 0 && this.atRest) machine.handle('cleared', 0);
    if (causes === 0 && this.leaseValid) machine.handle('lease_granted', 0);
  }

  /** Changes between the torque interface and the others, which is done at rest. Whether the request fits the one in use. */
  private selectInterface(request: CommandRequest): boolean {
    if (request.kind === 'none') return true;
    const wanted = request.kind === 'torque';
    if (wanted === this.torque_on) return true;
    if (!this.atRest || (wanted && !this.torque.available)) return false;
    this.torque_on = wanted;
    // A reference that follows a measured arm needs all of the jerk; feedback then makes up for what torques lack of it.
    const bound = wanted && !this.torque.followsArm;
    for (let i = 0; i < this.joints.length; i++) this.joints[i].selectTorqueInterface(bound);
    if (wanted) this.torque.begin(this.joints);
    return true;
  }

  private follow(kind: Exclude<CommandKind, 'none'>, values: Float64Array): number {
    const { motion, torque, joints } = this;
    switch (kind) {
      case 'position':
        return motion.followPosition(values);
      case 'velocity':
        return motion.followVelocity(values);
      case 'torque': {
        const cut = torque.toAcceleration(joints, values);
        const refused = torque.followsArm
          ? motion.trackPosition(torque.position) & ~MOTION_OF_ARM
          : motion.followAcceleration(torque.acceleration);
        torque.settle(joints, refused === 0);
        return cut | refused;
      }
    }
  }

  private followGripper(request: CommandRequest): void {
    const { gripper } = this.limits;
    if (gripper === null) return;
    this.command.gripper_width_m = clamp(request.gripper_width_m, gripper.max_width_m);
    this.command.gripper_force_N = clamp(request.gripper_force_N, gripper.max_force_N);
  }

  /** Commits every joint's proposal and writes the command. */
  private send(): void {
    const { joints, command, motion, torque } = this;
    const cycles = motion.stopCycles;
    motion.commit();
    for (let i = 0; i < joints.length; i++) {
      command.position[i] = joints[i].p;
      command.velocity[i] = joints[i].v;
      command.acceleration[i] = joints[i].a;
      command.stop_acceleration[i] = joints[i].tail.acceleration_limit;
      command.stop_jerk[i] = joints[i].tail.acceleration_step * this.hz;
      command.effort[i] = this.torque_on ? torque.torque[i] : 0;
    }
    const category = this.stopCategory;
    command.torque_interface = this.torque_on;
    command.drives_on = category === 0 ? false : category === 1 ? !motion.atRest : true;
    command.stop_time_s = cycles / this.hz;
    command.sequence++;
  }

  private count(limits: number, causes: number): void {
    const { machine } = this;
    let effect = 0;
    let reasons = 0;
    if (machine.mode === 'fault' || machine.mode === 'protective_stop' || machine.mode === 'emergency_stop') {
      this.stopped++;
      reasons = causes | machine.latched_reasons;
      effect = STOP_EFFECT;
      if (machine.latched) effect = LATCHED_EFFECT;
      if (machine.mode === 'fault') effect = FAULT_EFFECT;
      if (machine.mode === 'emergency_stop') effect = EMERGENCY_EFFECT;
    } else if (machine.mode === 'initialising') this.stopped++;
    else if (limits !== 0) {
      this.limited++;
      reasons = limits;
      effect = LIMIT_EFFECT;
    } else this.passed++;
    this.reasons = reasons;
    this.interventions.note(this.times[NOW], effect, reasons);
  }

  private jointBounds(envelope: Envelope, i: number): JointBounds {
    const joint = envelope.joints[i];
    return {
      position_lower: joint.position_lower_rad,
      position_upper: joint.position_upper_rad,
      velocity: joint.velocity_rad_per_s,
      acceleration: joint.acceleration_rad_per_s2,
      jerk: joint.jerk_rad_per_s3,
      torque_jerk: this.torque.jerk[i],
    };
  }

  private get reduced(): boolean {
    return this.machine.selected !== 'automatic';
  }

  private assessGuards(): boolean {
    this.guards.prepare(this.times, this.reduced);
    return this.guards.assess();
  }
}

const NOW = 0;
const RESET = 1;
const SELECT = { automatic: 'select_automatic', reduced: 'select_reduced', guided: 'select_guided' } as const;

function hardBounds({ limits }: Robot, i: number): HardBounds {
  return { acceleration: limits.acceleration[i], jerk: limits.jerk[i] };
}

function clamp(value: number, max: number): number {
  return value > max ? max : value > 0 ? value : 0;
}
