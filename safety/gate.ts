import { InputError } from '../contracts/index.ts';
import type { RobotModel } from '../dynamics/index.ts';
import type { CommandRequest } from './command_request.ts';
import type { Envelope } from './envelope.ts';
import { InterventionLog } from './intervention_log.ts';
import { JointGuard, POSITION_ROUNDING } from './joint_guard.ts';
import { Lease } from './lease.ts';
import {
  EFFECTS,
  FAULT_REASONS,
  LATCHED_STOP_REASONS,
  LIMIT_REASONS,
  PASSING_STOP_REASONS,
  reasonBit,
} from './reasons.ts';
import { mintSafeCommand, type SafeCommand } from './safe_command.ts';
import { type SafetyMode, SafetyStateMachine } from './state_machine.ts';
import type { GateObservation } from './supervisor.ts';
import { WorkspaceGuard } from './workspace_guard.ts';

const STALE = reasonBit('stale_command');
const NON_FINITE = reasonBit('non_finite');
const WRONG_LENGTH = reasonBit('wrong_length');
const LEASE_LOST = reasonBit('lease_lost');
const STOP_REQUESTED = reasonBit('stop_requested');
const CLOCK = reasonBit('clock');
const START = reasonBit('start_outside_envelope');
const WORKSPACE = reasonBit('workspace');

const LIMIT_EFFECT = EFFECTS.indexOf('limit');
const STOP_EFFECT = EFFECTS.indexOf('stop');
const LATCHED_EFFECT = EFFECTS.indexOf('latched_stop');
const FAULT_EFFECT = EFFECTS.indexOf('fault');

/**
 * The safety gate: stands between every controller and the driver, once a cycle. A wanted command passes unchanged if it
 * and the jerk-limited stop from it keep every limit of the envelope; else the arm is moved towards it along a step of
 * which this is known; else, or when the command is stale, malformed or not permitted, the stop verified one cycle ago
 * goes on. So at every cycle the arm can be brought to rest inside the envelope. Allocates nothing after construction.
 */
export class SafetyGate implements GateObservation {
  readonly envelope: Envelope;
  readonly hz: number;
  readonly lease: Lease;
  readonly interventions: InterventionLog;
  /** Cycles in which the command passed, was limited, and in which the gate stopped or held the arm. */
  passed = 0;
  limited = 0;
  stopped = 0;
  /** Reasons (bit mask, see REASONS) of the last cycle. */
  reasons = 0;

  private readonly joints: readonly JointGuard[];
  private readonly workspace: WorkspaceGuard | null;
  private readonly machine = new SafetyStateMachine();
  private readonly command: SafeCommand;
  private readonly times = new Float64Array(1).fill(Number.NEGATIVE_INFINITY);
  private initialised = false;
  private stop_wanted = false;
  private start_outside = false;

  /**
   * @param hz  cycles per second; every `step` is one cycle
   * @param lease_salt  see Lease
   */
  constructor(envelope: Envelope, model: RobotModel, hz: number, lease_salt = 0) {
    for (const joint of envelope.joints) {
      const least = 1e6 * POSITION_ROUNDING * hz ** 3;
      if (joint.jerk_rad_per_s3 < least) {
        throw new InputError(
          `jerk_rad_per_s3 ${joint.jerk_rad_per_s3} of ${joint.name}`,
          `must be at least ${least} at ${hz} Hz, where rounding of positions would reach it`,
        );
      }
    }
    if (envelope.joints.length > model.nq) {
      throw new InputError(`envelope with ${envelope.joints.length} joints`, `${model.name} has ${model.nq}`);
    }
    envelope.joints.forEach((joint, i) => {
      if (joint.name !== model.joint_names[i]) {
        throw new InputError(
          `joint ${joint.name} of the envelope`,
          `must be ${model.joint_names[i]}, in the robot's order`,
        );
      }
    });
    this.envelope = envelope;
    this.hz = hz;
    this.joints = envelope.joints.map(
      (joint) =>
        new JointGuard(
          {
            position_lower: joint.position_lower_rad,
            position_upper: joint.position_upper_rad,
            velocity: joint.velocity_rad_per_s,
            acceleration: joint.acceleration_rad_per_s2,
            jerk: joint.jerk_rad_per_s3,
          },
          hz,
        ),
    );
    const box = envelope.workspace;
    this.workspace =
      box === null ? null : new WorkspaceGuard(model, box.tool_frame, box.lower_m, box.upper_m, this.joints);
    this.lease = new Lease(envelope.lease_s, lease_salt);
    this.interventions = new InterventionLog();
    this.command = mintSafeCommand(envelope.joints.length);
  }

  get mode(): SafetyMode {
    return this.machine.mode;
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
    for (let i = 0; i < this.joints.length; i++) if (!this.joints[i].atRest) return false;
    return true;
  }

  get leaseValid(): boolean {
    return this.lease.validAt(this.times[0]);
  }

  /** What was last sent. The same object is overwritten by every step. */
  get lastCommand(): SafeCommand {
    return this.command;
  }

  /**
   * Starts over from the robot at rest. Outside the envelope the gate reports a fault and only holds.
   *
   * @param position  measured positions, at least one for each joint of the envelope (rad)
   * @param gripper_width_m  measured distance between the fingers
   */
  reset(position: Float64Array, gripper_width_m = 0): void {
    const { joints, command } = this;
    if (position.length < joints.length) {
      throw new InputError(
        `start position of ${position.length} values`,
        `must have one for each of ${joints.length} joints`,
      );
    }
    if (this.initialised && !this.atRest) throw new InputError('reset of the gate', 'only when the arm is at rest');
    let inside = true;
    for (let i = 0; i < joints.length; i++) {
      if (!Number.isFinite(position[i]))
        throw new InputError(`start position ${position[i]} of joint ${i}`, 'must be finite');
      const { bounds } = joints[i];
      inside &&= position[i] >= bounds.position_lower && position[i] <= bounds.position_upper;
      joints[i].reset(position[i]);
      command.position[i] = position[i];
    }
    command.velocity.fill(0);
    command.acceleration.fill(0);
    command.stop_time_s = 0;
    command.gripper_width_m = clamp(gripper_width_m, this.envelope.gripper?.max_width_m ?? 0);
    if (inside && this.workspace !== null) inside = this.workspace.allows();
    this.initialised = true;
    this.stop_wanted = false;
    this.start_outside = !inside;
    this.lease.revoke();
    this.times[0] = Number.NEGATIVE_INFINITY;
    this.reasons = 0;
    this.machine.handle('initialise', 0);
    if (!inside) this.machine.handle('fault', START);
  }

  /** Takes a supervisor's grant; see Lease. */
  grant(nonce: number): boolean {
    return this.lease.grant(nonce);
  }

  /** Stops the arm at the next cycle and keeps it stopped until acknowledged. */
  requestStop(): void {
    this.stop_wanted = true;
  }

  /** The operator's reset. Returns the empty string, or why it is refused. Motion then waits for a valid lease. */
  acknowledge(): string {
    if (!this.atRest) {
      this.machine.handle('reset_in_motion', 0);
      return 'the arm is still in motion';
    }
    if (this.start_outside) return 'the robot stands outside its envelope; move it inside and start again';
    this.stop_wanted = false;
    this.machine.handle('reset_at_rest', 0);
    return '';
  }

  /** One cycle at `t_s` (s, the gate's own clock, rising). The command returned is overwritten by the next step. */
  step(t_s: number, request: CommandRequest): SafeCommand {
    if (!this.initialised) throw new Error('SafetyGate.step before reset: the gate does not know where the robot is');
    const { joints, machine } = this;
    const causes = this.causes(t_s, request);
    this.lease.issue(this.times[0]);
    if ((causes & FAULT_REASONS) !== 0) machine.handle('fault', causes & FAULT_REASONS);
    if ((causes & LATCHED_STOP_REASONS) !== 0) machine.handle('latched_stop', causes & LATCHED_STOP_REASONS);
    if ((causes & PASSING_STOP_REASONS) !== 0) machine.handle('stop', 0);
    else if (machine.mode === 'protective_stop' && causes === 0 && this.atRest) machine.handle('cleared', 0);
    if (machine.mode === 'initialising' && causes === 0 && this.leaseValid) machine.handle('lease_granted', 0);

    let reasons = 0;
    const moving = machine.mode === 'automatic' && request.kind !== 'none';
    if (moving)
      reasons = request.kind === 'position' ? this.followPosition(request.values) : this.followVelocity(request.values);
    else for (let i = 0; i < joints.length; i++) joints[i].proposeStop();

    if (machine.mode === 'automatic') this.followGripper(request);
    this.send(moving && request.kind === 'position' && (reasons & WORKSPACE) === 0 ? request.values : null);
    this.count(reasons, causes);
    return this.command;
  }

  /** Everything that speaks against motion in this cycle, as a bit mask; looks at the request without using it. */
  private causes(t_s: number, request: CommandRequest): number {
    let causes = 0;
    const since = t_s - this.times[0];
    if (!(since >= 0.5 / this.hz) || !(t_s < Number.POSITIVE_INFINITY)) causes |= CLOCK;
    else this.times[0] = t_s;
    if (this.stop_wanted) causes |= STOP_REQUESTED;
    if (this.machine.mode === 'automatic' && !this.leaseValid) causes |= LEASE_LOST;
    const { values, gripper_width_m, gripper_force_N } = request;
    if (request.kind !== 'none') {
      const age = t_s - request.stamp_s;
      const stale = this.envelope.stale_s + 1e-9;
      // Neither older than the limit nor from a future that would never grow old; NaN fails both.
      if (!(age <= stale && age >= -stale)) causes |= STALE;
      if (values.length !== this.joints.length) causes |= WRONG_LENGTH;
      else for (let i = 0; i < values.length; i++) if (!(values[i] - values[i] === 0)) causes |= NON_FINITE;
    }
    if (!(gripper_width_m - gripper_width_m === 0) || !(gripper_force_N - gripper_force_N === 0)) causes |= NON_FINITE;
    return causes;
  }

  private followPosition(target: Float64Array): number {
    const { joints } = this;
    let reasons = 0;
    for (let i = 0; i < joints.length; i++) {
      const joint = joints[i];
      if (joint.proposePosition(target, i)) continue;
      reasons |= 1 << (joint.refusal - 1);
      joint.proposeTowardsPosition(target, i);
    }
    return reasons | this.keepInWorkspace();
  }

  private followVelocity(target: Float64Array): number {
    const { joints } = this;
    let reasons = 0;
    for (let i = 0; i < joints.length; i++) {
      const joint = joints[i];
      if (joint.proposeVelocity(target, i)) continue;
      reasons |= 1 << (joint.refusal - 1);
      joint.proposeTowardsVelocity(target, i);
    }
    return reasons | this.keepInWorkspace();
  }

  /** Replaces proposals that would leave the workspace by the stop. */
  private keepInWorkspace(): number {
    if (this.workspace === null || this.workspace.allows()) return 0;
    for (let i = 0; i < this.joints.length; i++) this.joints[i].proposeStop();
    return WORKSPACE;
  }

  private followGripper(request: CommandRequest): void {
    const gripper = this.envelope.gripper;
    if (gripper === null) return;
    this.command.gripper_width_m = clamp(request.gripper_width_m, gripper.max_width_m);
    this.command.gripper_force_N = clamp(request.gripper_force_N, gripper.max_force_N);
  }

  /** Commits every joint's proposal and writes the command. */
  private send(target: Float64Array | null): void {
    const { joints, command } = this;
    let cycles = 0;
    for (let i = 0; i < joints.length; i++) {
      const joint = joints[i];
      if (target === null) joint.commit();
      else joint.commitTowards(target, i);
      command.position[i] = joint.p;
      command.velocity[i] = joint.v;
      command.acceleration[i] = joint.a;
      if (!joint.atRest && joint.tail.cycles > cycles) cycles = joint.tail.cycles;
    }
    command.stop_time_s = cycles / this.hz;
    command.sequence++;
  }

  private count(limits: number, causes: number): void {
    const { machine } = this;
    let effect = 0;
    let reasons = 0;
    if (machine.mode === 'fault' || machine.mode === 'protective_stop') {
      this.stopped++;
      reasons = causes | machine.latched_reasons;
      effect = machine.mode === 'fault' ? FAULT_EFFECT : machine.latched ? LATCHED_EFFECT : STOP_EFFECT;
    } else if (machine.mode === 'initialising') this.stopped++;
    else if ((limits & LIMIT_REASONS) !== 0) {
      this.limited++;
      reasons = limits;
      effect = LIMIT_EFFECT;
    } else this.passed++;
    this.reasons = reasons;
    this.interventions.note(this.times[0], effect, reasons);
  }
}

function clamp(value: number, max: number): number {
  return value > max ? max : value > 0 ? value : 0;
}
