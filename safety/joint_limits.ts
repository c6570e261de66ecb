import { InputError } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import type { HardBounds, JointBounds } from './bounded_joint.ts';
import type { Envelope } from './envelope.ts';

/** What an envelope allows a joint. */
export function boundsOf(joint: Envelope['joints'][number]): JointBounds {
  return {
    position_lower: joint.position_lower_rad,
    position_upper: joint.position_upper_rad,
    velocity: joint.velocity_rad_per_s,
    acceleration: joint.acceleration_rad_per_s2,
    jerk: joint.jerk_rad_per_s3,
  };
}

/** The same of joint i; `torque_jerk` bounds it in the torque interface (rad/s³). */
export function jointBounds(envelope: Envelope, i: number, torque_jerk: number): JointBounds {
  return { ...boundsOf(envelope.joints[i]), torque_jerk };
}

/** What joint i may use to stop when the envelope is left anyway. */
export function hardBounds({ limits }: Robot, i: number): HardBounds {
  return { acceleration: limits.acceleration[i], jerk: limits.jerk[i] };
}

/** InputError unless a start state has a finite position (rad) and velocity (rad/s; at rest without) for each joint. */
export function checkStartState(position: Float64Array, velocity: Float64Array | null, joints: number): void {
  if (position.length < joints || (velocity !== null && velocity.length < joints)) {
    throw new InputError(
      `start state of ${Math.min(position.length, velocity?.length ?? position.length)} values`,
      `must have one for each of ${joints} joints`,
    );
  }
  for (let i = 0; i < joints; i++) {
    const v = velocity === null ? 0 : velocity[i];
    if (!Number.isFinite(position[i]) || !Number.isFinite(v)) {
      throw new InputError(`start position ${position[i]}, velocity ${v} of joint ${i}`, 'must be finite');
    }
  }
}
