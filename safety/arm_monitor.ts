import { InputError } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import type { Envelope } from './envelope.ts';
import type { JointGuard } from './joint_guard.ts';
import { reasonBit } from './reasons.ts';

const TRACKING = reasonBit('tracking_error');
const OVERLOAD = reasonBit('overload');
const STATE_NOT_FINITE = reasonBit('state_not_finite');
const EMERGENCY = reasonBit('emergency_stop');

/** The arm as its driver measured it: at least one entry for each joint of the envelope (rad, rad/s, Nm). */
export interface MeasuredState {
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly effort: Float64Array;
  /** The arm's own emergency stop, as its hardware reports it. */
  readonly emergency_stop?: boolean;
}

/** Measured joints slower than this are at rest, rad/s. */
const REST_RAD_PER_S = 0.01;
/** The reference goes on from the measured position after a stop if it is farther from it than this, rad. */
const RESUME_RAD = 1e-3;

/** Compares what the arm reports with what it was sent. Without a report there is nothing to compare. */
export class ArmMonitor {
  private readonly joints: readonly JointGuard[];
  private tolerance: number;
  private readonly effort: Float64Array;
  private state: MeasuredState | null = null;

  constructor(joints: readonly JointGuard[], envelope: Envelope, robot: Robot) {
    this.joints = joints;
    this.tolerance = envelope.tracking_error_rad;
    this.effort = robot.limits.effort.map((limit) => limit * (1 + 1e-6));
  }

  /** Another envelope from now on. */
  setEnvelope(envelope: Envelope): void {
    this.tolerance = envelope.tracking_error_rad;
  }

  /** The arm as last measured; null for an arm that follows exactly. */
  observe(state: MeasuredState | null): void {
    if (state !== null && state.position.length < this.joints.length) {
      throw new InputError(
        `measured state of ${state.position.length} joints`,
        `must have one for each of ${this.joints.length}`,
      );
    }
    this.state = state;
  }

  get emergencyStop(): boolean {
    return this.state?.emergency_stop === true;
  }

  /** What the report says against motion, as a bit mask. @param powered  whether the arm should follow */
  causes(powered: boolean): number {
    const { state, joints } = this;
    if (state === null) return 0;
    let causes = state.emergency_stop === true ? EMERGENCY : 0;
    for (let i = 0; i < joints.length; i++) {
      const error = Math.abs(state.position[i] - joints[i].p);
      if (!(error < Number.POSITIVE_INFINITY) || state.velocity[i] - state.velocity[i] !== 0) {
        causes |= STATE_NOT_FINITE;
      } else if (powered && error > this.tolerance) causes |= TRACKING;
      if (Math.abs(state.effort[i]) > this.effort[i]) causes |= OVERLOAD;
    }
    return causes;
  }

  /** Whether the arm itself is still; true for one that follows exactly. */
  get atRest(): boolean {
    const { state, joints } = this;
    if (state === null) return true;
    for (let i = 0; i < joints.length; i++) if (!(Math.abs(state.velocity[i]) < REST_RAD_PER_S)) return false;
    return true;
  }

  /** Whether the arm at rest is somewhere else than its reference. */
  get moved(): boolean {
    const { state, joints } = this;
    if (state === null) return false;
    for (let i = 0; i < joints.length; i++) {
      if (Math.abs(state.position[i] - joints[i].p) > RESUME_RAD) return true;
    }
    return false;
  }

  /** Measured position of joint i, rad. */
  position(i: number): number {
    return this.state === null ? this.joints[i].p : this.state.position[i];
  }
}
