import type { Rng, Shape } from '../../contracts/index.ts';
import { type BodyShape, rotationExp } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { randomRobot } from './random_robot.ts';

/** A random tree of joints, all of them the arm's, with one or two random collision shapes on every body. */
export function randomSolidArm(rng: Rng, bodies: number): Robot {
  const model = randomRobot(rng, { bodies, mimics: 0.2 });
  const collision: BodyShape[] = [];
  for (let body = -1; body < model.nb; body++) {
    const count = 1 + rng.int(2);
    for (let i = 0; i < count; i++) {
      const R = new Float64Array(9);
      rotationExp(rng.range(-2, 2), rng.range(-2, 2), rng.range(-2, 2), R);
      collision.push({
        name: `shape_${collision.length}`,
        link: `link_${body}`,
        body,
        R: [...R],
        p: [0, 1, 2].map(() => rng.range(-0.1, 0.1)),
        shape: randomShape(rng),
        rgba: [1, 1, 1, 1],
      });
    }
  }
  const slides = (k: number): boolean => model.coordinate.some((c, body) => c === k && model.joint_type[body] === 1);
  const upper = model.position_upper.map((_, k) => (slides(k) ? 0.3 : 3));
  const lower = upper.map((value) => -value);
  const all = (value: number): Float64Array => new Float64Array(model.nq).fill(value);
  return {
    name: 'random solid arm',
    model: { ...model, collision, position_lower: lower, position_upper: upper },
    arm_joints: model.nq,
    gripper: null,
    tcp_frame: model.frames[model.nb].name,
    limits: {
      position_lower: lower,
      position_upper: upper,
      velocity: all(2),
      acceleration: all(8),
      jerk: all(2000),
      effort: all(100),
    },
    motion_limits: 'assumed',
    home_q: all(0).map(() => rng.range(-0.2, 0.2)),
  };
}

function randomShape(rng: Rng): Shape {
  const size = (): number => rng.range(0.02, 0.12);
  const kind = rng.int(3);
  if (kind === 0) return { type: 'box', size: [size(), size(), size()] };
  if (kind === 1) return { type: 'cylinder', radius: size() / 2, length: size() };
  return { type: 'sphere', radius: size() / 2 };
}
