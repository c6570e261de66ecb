import type { CommandKind, CommandRequest, CommandSourceKind } from './command_request.ts';
import type { GuardedMotion } from './guarded_motion.ts';
import type { JointGuard } from './joint_guard.ts';
import { reasonBit } from './reasons.ts';
import type { SafeCommand } from './safe_command.ts';
import type { TorqueInterface } from './torque_interface.ts';

/** Limits that the reference keeps while it follows an arm under torques, which is bound by those and by their rate. */
const MOTION_OF_ARM = reasonBit('velocity') | reasonBit('acceleration') | reasonBit('jerk');

/** What kind of values the arm is commanded by: torques, or positions and velocities. The two are changed between at rest. */
export class CommandInterface {
  private readonly joints: readonly JointGuard[];
  private readonly motion: GuardedMotion;
  private readonly torque: TorqueInterface;
  private readonly hz: number;
  private torque_on = false;

  constructor(joints: readonly JointGuard[], motion: GuardedMotion, torque: TorqueInterface, hz: number) {
    this.joints = joints;
    this.motion = motion;
    this.torque = torque;
    this.hz = hz;
  }

  /**
   * Starts over from positions (rad) and velocities (rad/s; at rest without), without torques, and writes them into the
   * command. Returns whether every joint can be stopped inside its bounds.
   */
  reset(position: Float64Array, velocity: Float64Array | null, command: SafeCommand): boolean {
    const { joints } = this;
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
    this.torque_on = false;
    return inside;
  }

  /** Changes to the request's interface if that can be done now. Returns whether the request fits the one in use. */
  select(request: CommandRequest): boolean {
    if (request.kind === 'none') return true;
    const wanted = request.kind === 'torque';
    if (wanted === this.torque_on) return true;
    if (!this.motion.atRest || (wanted && !this.torque.available)) return false;
    this.torque_on = wanted;
    // A reference that follows a measured arm needs all of the jerk; feedback then makes up for what torques lack of it.
    const bound = wanted && !this.torque.followsArm;
    for (let i = 0; i < this.joints.length; i++) this.joints[i].selectTorqueInterface(bound);
    if (wanted) this.torque.begin(this.joints);
    return true;
  }

  /**
   * Proposes what the values ask for. What stands in the way of a trajectory slows it down along its path; what a person or
   * a policy asks for is changed as little as can be. Returns the reasons why not, as a bit mask.
   */
  follow(kind: Exclude<CommandKind, 'none'>, values: Float64Array, source: CommandSourceKind): number {
    const { motion, torque, joints } = this;
    motion.adapt = source !== 'trajectory' && kind !== 'torque';
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

  /** Proposes the stop. */
  stop(): void {
    this.motion.stop();
    if (this.torque_on) this.torque.stop(this.joints);
  }

  /** Takes every joint's proposal and writes the command's motion. */
  commit(command: SafeCommand): void {
    const { joints, motion, torque } = this;
    command.stop_time_s = motion.stopCycles / this.hz;
    motion.commit();
    for (let i = 0; i < joints.length; i++) {
      command.position[i] = joints[i].p;
      command.velocity[i] = joints[i].v;
      command.acceleration[i] = joints[i].a;
      command.stop_acceleration[i] = joints[i].tail.acceleration_limit;
      command.stop_jerk[i] = joints[i].tail.acceleration_step * this.hz;
      command.effort[i] = this.torque_on ? torque.torque[i] : 0;
    }
    command.torque_interface = this.torque_on;
  }
}
