import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { forwardKinematics, framePose, RobotData, type RobotModel } from '../dynamics/index.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { randomRobot } from '../test/support/random_robot.ts';
import { JointGuard } from './joint_guard.ts';
import { ToolMotionBound } from './tool_motion_bound.ts';

const HZ = 500;

/** Joints at full speed or slower, about to stop. */
function draw(rng: Rng, joints: readonly JointGuard[]): void {
  const share = rng.uniform() < 0.5 ? 1 : 0.2;
  for (const joint of joints) {
    const { velocity, acceleration } = joint.bounds;
    joint.v = rng.uniform() < 0.3 ? 0 : velocity * share * rng.range(-1, 1);
    joint.next_a = rng.uniform() < 0.5 ? 0 : acceleration * share * rng.range(-1, 1);
    joint.next_v = joint.v + joint.next_a / HZ;
    joint.p = rng.range(-2, 2);
    joint.next_p = joint.p + joint.next_v / HZ;
    joint.tail.velocity = joint.next_v;
    joint.tail.acceleration = joint.next_a;
    joint.tail.solve();
  }
}

/** Tries the bounds of random pieces of random stops; returns how much above the truth they are, per piece. */
function compare(rng: Rng, model: RobotModel, frame: number, joints: readonly JointGuard[], rounds: number) {
  const data = new RobotData(model);
  const q = new Float64Array(model.nq);
  const pose = new Float64Array(12);
  const bound = new ToolMotionBound(model, frame, joints, HZ);
  const place = (count: number): number[] => {
    joints.forEach((joint, k) => {
      joint.tail.locate(count);
      q[k] = count < 0 ? joint.p : joint.next_p + joint.tail.displacement;
    });
    forwardKinematics(model, data, q);
    framePose(model, data, frame, pose);
    return [...pose.subarray(9)];
  };
  const excess: { cycles: number; speed: number; acceleration: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    draw(rng, joints);
    const cycles = Math.max(...joints.map((joint) => joint.tail.cycles));
    const x = Array.from({ length: cycles + 2 }, (_, i) => place(i - 1));
    const norm = (values: readonly number[]) => Math.hypot(...values);
    const speed = x.map((at, i) => (i === 0 ? 0 : HZ * norm(at.map((value, axis) => value - x[i - 1][axis]))));
    const acceleration = x.map((at, i) =>
      i < 2 ? 0 : HZ * HZ * norm(at.map((value, axis) => value - 2 * x[i - 1][axis] + x[i - 2][axis])),
    );
    bound.boundWhole();
    const label = `round ${round}`;
    expect(bound.greatest[0], label).toBeGreaterThanOrEqual(Math.max(...speed) * (1 - 1e-9));
    expect(bound.greatest[1], label).toBeGreaterThanOrEqual(Math.max(...acceleration) * (1 - 1e-9));
    for (let piece = 0; piece < 12; piece++) {
      const from = rng.int(cycles);
      const to = Math.min(cycles, from + 1 + rng.int([4, 20, 200][piece % 3]));
      const middle = (from + to) >> 1;
      place(middle);
      bound.boundPiece(data, pose, from, middle, to);
      // x[i] is cycle i − 1; the piece holds the cycles from + 1 … to, and of the first one the speed of cycle 0 too.
      const greatest_speed = Math.max(...speed.slice(from === 0 ? 1 : from + 2, to + 2));
      const greatest_acceleration = Math.max(...acceleration.slice(from + 2, to + 2));
      const where = `${label}, cycles ${from} to ${to} of ${cycles}`;
      expect(bound.greatest[0], where).toBeGreaterThanOrEqual(greatest_speed * (1 - 1e-9) - 1e-11);
      expect(bound.greatest[1], where).toBeGreaterThanOrEqual(greatest_acceleration * (1 - 1e-9) - 1e-8);
      excess.push({
        cycles: to - from,
        speed: bound.greatest[0] / greatest_speed,
        acceleration: bound.greatest[1] / greatest_acceleration,
      });
    }
  }
  return excess;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

describe('bounds on the motion of the tool', () => {
  it('hold for every piece of a stop, and are near the truth for short ones', () => {
    const robot = plainArm();
    const { limits } = robot;
    const joints = Array.from(
      { length: 7 },
      (_, i) =>
        new JointGuard(
          {
            position_lower: limits.position_lower[i],
            position_upper: limits.position_upper[i],
            velocity: limits.velocity[i],
            acceleration: limits.acceleration[i],
            jerk: limits.jerk[i],
          },
          HZ,
        ),
    );
    const excess = compare(createRng(61), robot.model, 0, joints, 600);
    const short = excess.filter(({ cycles, speed }) => cycles <= 4 && Number.isFinite(speed));
    expect(short.length).toBeGreaterThan(500);
    expect(median(short.map(({ speed }) => speed))).toBeLessThan(1.2);
    expect(median(short.map(({ acceleration }) => acceleration))).toBeLessThan(1.3);
  });

  it('hold for single joints far from the tool, where nothing else hides what is missing', () => {
    const robot = plainArm();
    const bounds = { position_lower: -3, position_upper: 3, velocity: 2, acceleration: 3, jerk: 1500 };
    const rng = createRng(62);
    for (let k = 0; k < 4; k++) {
      const still = { ...bounds, velocity: 1e-9, acceleration: 1e-9 };
      const joints = Array.from({ length: 7 }, (_, i) => new JointGuard(i === k || i === 3 ? bounds : still, HZ));
      compare(rng, robot.model, 0, joints, 80);
    }
  });

  it('hold for random chains with sliding and mimicking joints', () => {
    const rng = createRng(63);
    for (let round = 0; round < 40; round++) {
      const model = randomRobot(rng, { bodies: 6, mimics: 0.3 });
      const bounds = { position_lower: -1, position_upper: 1, velocity: 2, acceleration: rng.range(2, 20), jerk: 3000 };
      const joints = Array.from({ length: model.nq }, () => new JointGuard(bounds, HZ));
      compare(rng, model, model.frames.length - 1, joints, 12);
    }
  });
});
