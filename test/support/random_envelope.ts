import type { Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { checkEnvelope, type Envelope, envelopeForRobot } from '../../safety/index.ts';

/** A feasible envelope inside the robot's own limits and about its home, from generous to very tight. */
export function randomEnvelope(rng: Rng, robot: Robot, hz: number): Envelope {
  for (;;) {
    const envelope = drawEnvelope(rng, robot, hz);
    if (checkEnvelope(envelope, robot, hz).feasible) return envelope;
  }
}

function drawEnvelope(rng: Rng, robot: Robot, hz: number): Envelope {
  const envelope = envelopeForRobot(robot);
  const least_jerk = 1e6 * 4e-14 * hz ** 3;
  const joints = envelope.joints.map((joint, i) => {
    const acceleration_rad_per_s2 = joint.acceleration_rad_per_s2 * 10 ** rng.range(-1.5, 0);
    const home = robot.home_q[i];
    return {
      ...joint,
      position_lower_rad: Math.max(joint.position_lower_rad, home - rng.range(0.05, 2)),
      position_upper_rad: Math.min(joint.position_upper_rad, home + rng.range(0.05, 2)),
      velocity_rad_per_s: joint.velocity_rad_per_s * 10 ** rng.range(-1.5, 0),
      acceleration_rad_per_s2,
      jerk_rad_per_s3: Math.min(
        joint.jerk_rad_per_s3,
        Math.max(2 * least_jerk, 20, acceleration_rad_per_s2 * 10 ** rng.range(1, 3.5)),
      ),
    };
  });
  return {
    ...envelope,
    joints,
    workspace: null,
    tool: {
      ...envelope.tool,
      speed_m_per_s: rng.uniform() < 0.3 ? rng.range(0.1, 2) : null,
      acceleration_m_per_s2: rng.uniform() < 0.2 ? rng.range(3, 20) : null,
    },
  };
}
