import type { Robot } from '../../robots/index.ts';
import { type Envelope, envelopeForRobot } from '../../safety/index.ts';

/** The envelope of a robot with a share (0..1) of its joints' speeds and accelerations: all it allows, the whole one does too. */
export function tightenedEnvelope(robot: Robot, share: number): Envelope {
  const envelope = envelopeForRobot(robot);
  if (share === 1) return envelope;
  return {
    ...envelope,
    joints: envelope.joints.map((joint) => ({
      ...joint,
      velocity_rad_per_s: share * joint.velocity_rad_per_s,
      acceleration_rad_per_s2: share * joint.acceleration_rad_per_s2,
    })),
  };
}
