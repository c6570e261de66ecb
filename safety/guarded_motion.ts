import type { ArmGuards } from './arm_guards.ts';
import { type ArmSpeed, SPEED_SHARE } from './arm_speed.ts';
import { BarrierFilter } from './barrier/barrier_filter.ts';
import { REFUSAL } from './bounded_joint.ts';
import type { JointGuard } from './joint_guard.ts';
import { PathFollower } from './path_follower.ts';
import { reasonBit } from './reasons.ts';

/** Keeps something of the whole arm over the proposals of all joints and the stops from them. */
export interface TailGuard {
  allows(): boolean;
  /** Reason (bit mask, see REASONS) of the last refusal. */
  readonly refusal: number;
  /** After the joints have taken their proposals. */
  committed?(): void;
}

/** Shares of the wanted step that are tried when the whole of it is refused, relative to the share last allowed. */
const TRIES = [1.1, 0.3];
const LEAST_SHARE = 0.02;
const GREATEST_SHARE = 0.9;

/**
 * The next state of all joints at once: as wanted if that and the stop from it are allowed by every joint and every guard;
 * else slowed down along its path; else between it and the stop; else the stop, which is known to be safe since the last
 * cycle. `follow…` and `stop` fill the joints' proposals, `commit` takes them.
 */
export class GuardedMotion {
  readonly joints: readonly JointGuard[];
  /** Whether commands that guards refuse are changed as little as can be, in place of being followed in part. */
  adapt = false;
  readonly filter: BarrierFilter | null;
  private readonly guards: ArmGuards | null;
  private readonly path: PathFollower;
  private readonly scaled: Float64Array;
  private readonly speed: ArmSpeed | null;
  /** Whether velocities wanted are scaled to what tool and links may do, until they need it no more. */
  private slowed = false;
  /** Share of the wanted step that was allowed last. */
  private readonly share = new Float64Array(1).fill(1);
  private tracked: Float64Array | null = null;

  constructor(joints: readonly JointGuard[], hz: number, guards: ArmGuards | null = null) {
    this.joints = joints;
    this.path = new PathFollower(joints, hz, guards?.speed ?? null);
    this.guards = guards;
    this.filter = guards === null ? null : new BarrierFilter(joints, guards, hz);
    this.speed = guards?.speed ?? null;
    this.scaled = new Float64Array(joints.length);
  }

  get atRest(): boolean {
    for (let i = 0; i < this.joints.length; i++) if (!this.joints[i].atRest) return false;
    return true;
  }

  /** Whether a limit is wider than the envelope's, because the arm is on its way back into it. */
  get outside(): boolean {
    for (let i = 0; i < this.joints.length; i++) if (this.joints[i].outside) return true;
    return false;
  }

  /** Cycles until every joint is at rest if it stops from its proposal. */
  get stopCycles(): number {
    let cycles = 0;
    for (let i = 0; i < this.joints.length; i++) {
      const { tail } = this.joints[i];
      const resting = this.joints[i].next_v === 0 && this.joints[i].next_a === 0;
      if (!resting && tail.cycles > cycles) cycles = tail.cycles;
    }
    return cycles;
  }

  stop(): void {
    for (let i = 0; i < this.joints.length; i++) this.joints[i].proposeStop();
    this.path.clear();
    this.tracked = null;
    this.slowed = false;
  }

  /** Proposes the positions wanted at this cycle, rad. Returns the reasons why not, as a bit mask. */
  followPosition(command: Float64Array): number {
    const { path } = this;
    path.update(command);
    let reasons = this.proposePositions(path.target);
    if (path.direct && path.tooFast(command)) reasons |= TOOL_SPEED;
    if (reasons !== 0 && path.direct) {
      path.slowDown(command);
      if (!path.direct) this.proposePositions(path.target);
    } else if (!path.direct) reasons |= VELOCITY;
    path.remember(command);
    this.tracked = path.target;
    return reasons | this.keepGuards();
  }

  /** Proposes to come to the positions (rad) of an arm that others move, joint by joint. Returns the reasons why not, as a bit mask. */
  trackPosition(measured: Float64Array): number {
    this.path.clear();
    this.tracked = measured;
    const reasons = this.proposePositions(measured);
    return reasons | this.keepGuards();
  }

  /** Proposes the velocities wanted at this cycle, rad/s. Returns the reasons why not, as a bit mask. */
  followVelocity(command: Float64Array): number {
    const { joints, scaled } = this;
    this.path.clear();
    this.tracked = null;
    let share = 1;
    for (let i = 0; i < joints.length; i++) {
      const top = joints[i].bounds.velocity;
      const wanted = Math.abs(command[i]);
      if (wanted * share > top) share = top / wanted;
    }
    let reasons = share < 1 ? VELOCITY : 0;
    for (let i = 0; i < joints.length; i++) scaled[i] = share * command[i];
    reasons |= this.slowDown() | this.proposeVelocities();
    return reasons | this.keepGuards();
  }

  /** Proposes the accelerations wanted at this cycle, rad/s². Returns the reasons why not, as a bit mask. */
  followAcceleration(command: Float64Array): number {
    const { joints } = this;
    this.path.clear();
    this.tracked = null;
    let reasons = 0;
    for (let i = 0; i < joints.length; i++) {
      if (joints[i].proposeAcceleration(command, i)) continue;
      reasons |= 1 << (joints[i].refusal - 1);
      joints[i].proposeTowardsAcceleration(command, i);
      if (joints[i].refusal !== REFUSAL.none) reasons |= 1 << (joints[i].refusal - 1);
    }
    return reasons | this.keepGuards();
  }

  /** Takes all proposals as sent. */
  commit(): void {
    const { joints, tracked } = this;
    for (let i = 0; i < joints.length; i++) {
      if (tracked === null) joints[i].commit();
      else joints[i].commitTowards(tracked, i);
    }
    if (this.guards === null) return;
    const { list } = this.guards;
    for (let i = 0; i < list.length; i++) list[i].committed?.();
  }

  private proposePositions(target: Float64Array): number {
    const { joints } = this;
    let reasons = 0;
    for (let i = 0; i < joints.length; i++) {
      const joint = joints[i];
      if (joint.proposePosition(target, i)) continue;
      reasons |= 1 << (joint.refusal - 1);
      joint.proposeTowardsPosition(target, i);
      if (joint.refusal !== REFUSAL.none) reasons |= 1 << (joint.refusal - 1);
    }
    return reasons;
  }

  /**
   * Scales the velocities wanted to what tool and links may do; the reason if it had to. Once begun it goes on while they are
   * faster than the share that is aimed at, so that they do not change to and fro at the limit.
   */
  private slowDown(): number {
    const { joints, scaled, speed } = this;
    if (speed === null || !speed.limited) {
      this.slowed = false;
      return 0;
    }
    speed.compareVelocity(scaled);
    const ratio = speed.ratio[0];
    this.slowed = ratio > (this.slowed ? SPEED_SHARE : 1);
    if (!this.slowed) return 0;
    const share = SPEED_SHARE / ratio;
    for (let i = 0; i < joints.length; i++) scaled[i] *= share;
    return TOOL_SPEED;
  }

  private proposeVelocities(): number {
    const { joints, scaled } = this;
    let reasons = 0;
    for (let i = 0; i < joints.length; i++) {
      const joint = joints[i];
      if (joint.proposeVelocity(scaled, i)) continue;
      reasons |= 1 << (joint.refusal - 1);
      joint.proposeTowardsVelocity(scaled, i);
      if (joint.refusal !== REFUSAL.none) reasons |= 1 << (joint.refusal - 1);
    }
    return reasons;
  }

  /** Where a guard refuses the proposals: as much of them as all guards allow. Returns the guard's reason. */
  private keepGuards(): number {
    const refusal = this.refusedBy();
    if (refusal === 0) {
      this.share[0] = 1;
      return 0;
    }
    const { joints, share } = this;
    for (let i = 0; i < joints.length; i++) joints[i].keepWanted();
    if (this.adapt && this.filter !== null) {
      // A path that is not kept to is none to come back to.
      this.path.clear();
      if (this.filter.change(refusal)) return refusal;
    }
    for (let k = 0; k < TRIES.length; k++) {
      const blend = Math.min(GREATEST_SHARE, TRIES[k] * share[0]);
      if (blend < LEAST_SHARE) break;
      if (!this.blend(blend) || this.refusedBy() !== 0) continue;
      share[0] = blend;
      return refusal;
    }
    share[0] = Math.max(LEAST_SHARE, 0.5 * share[0]);
    for (let i = 0; i < joints.length; i++) joints[i].proposeStop();
    this.tracked = null;
    return refusal;
  }

  private blend(share: number): boolean {
    const { joints } = this;
    for (let i = 0; i < joints.length; i++) {
      joints[i].blend = share;
      if (!joints[i].proposeBlend()) return false;
    }
    return true;
  }

  private refusedBy(): number {
    return this.guards === null ? 0 : this.guards.refusal();
  }
}

const VELOCITY = reasonBit('velocity');
const TOOL_SPEED = reasonBit('tool_speed');
