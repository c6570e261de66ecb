import type { Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { randomRobot } from './random_robot.ts';

/** A serial arm of random revolute and prismatic joints, without collision shapes and gripper. */
export function randomArm(rng: Rng, joints: number): Robot {
  const drawn = randomRobot(rng, { bodies: joints, chain: true });
  // Enough to carry itself stretched out.
  const effort_limit = drawn.effort_limit.map((effort) => effort * joints);
  const model = { ...drawn, name: `random_arm_${joints}`, effort_limit };
  const each = (low: number, high: number) => Float64Array.from({ length: joints }, () => rng.range(low, high));
  const acceleration = each(2, 20);
  return {
    name: model.name,
    model,
    arm_joints: joints,
    gripper: null,
    tcp_frame: `frame_${joints}`,
    limits: {
      position_lower: model.position_lower.slice(),
      position_upper: model.position_upper.slice(),
      velocity: each(0.5, 3),
      acceleration,
      jerk: acceleration.map((a) => a * rng.range(20, 500)),
      effort: model.effort_limit.slice(),
    },
    motion_limits: 'assumed',
    home_q: each(-1, 1),
  };
}
