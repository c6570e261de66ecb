import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { randomSolidArm } from '../../test/support/random_solid_arm.ts';
import { sweep } from '../../test/support/sweep.ts';
import { guardsOf, scatter } from '../../test/support/tail_oracle.ts';
import { linkCapsules } from './link_capsules.ts';
import { type MotionPath, motionPath } from './motion_bounds.ts';
import { TailMotion } from './tail_motion.ts';
import { LONGEST_STOP, TailPoses } from './tail_poses.ts';

const HZ = 500;

/** Paths between random pairs of different bodies with capsules. */
function somePaths(rng: Rng, robot: Robot): MotionPath[] {
  const capsules = linkCapsules(robot);
  const bodies = [...new Set(capsules.body)].sort((a, b) => a - b);
  const paths: MotionPath[] = [];
  for (let i = 0; i < 12; i++) {
    const [a, b] = [bodies[rng.int(bodies.length)], bodies[rng.int(bodies.length)]];
    if (a < b) paths.push(motionPath(robot.model, capsules, a, b));
  }
  return paths;
}

/** Ends of the first capsule of the path's moving body in the frame of its fixed body. */
function endsAt(robot: Robot, poses: TailPoses, path: MotionPath, cycle: number): number[] {
  const { body, ends } = linkCapsules(robot);
  const c = body.indexOf(path.moving);
  const base = poses.nb * poses.at(cycle);
  return [0, 3].flatMap((e) => {
    const x = [...ends.subarray(6 * c + e, 6 * c + e + 3)];
    const b = base + path.moving;
    const world = [0, 1, 2].map(
      (r) =>
        poses.R[9 * b + 3 * r] * x[0] +
        poses.R[9 * b + 3 * r + 1] * x[1] +
        poses.R[9 * b + 3 * r + 2] * x[2] +
        poses.p[3 * b + r],
    );
    if (path.fixed < 0) return world;
    const f = base + path.fixed;
    const d = world.map((value, k) => value - poses.p[3 * f + k]);
    return [0, 1, 2].map(
      (k) => poses.R[9 * f + k] * d[0] + poses.R[9 * f + 3 + k] * d[1] + poses.R[9 * f + 6 + k] * d[2],
    );
  });
}

function farthest(a: readonly number[], b: readonly number[]): number {
  const part = (e: number): number => Math.hypot(a[e] - b[e], a[e + 1] - b[e + 1], a[e + 2] - b[e + 2]);
  return Math.max(part(0), part(3));
}

describe('motion of capsules along a stop', () => {
  it('is never more than its bounds, on a Panda and on random trees with sliding and mimicking joints', () => {
    const rng = createRng(8, 'motion');
    const panda = loadRobot('panda');
    let tightest_travel = 0;
    let tightest_bow = 0;
    for (let trial = 0; trial < sweep(30, 60); trial++) {
      const robot = trial % 3 === 0 ? panda : randomSolidArm(createRng(trial, 'arm'), 2 + rng.int(6));
      const joints = guardsOf(robot, HZ);
      const paths = somePaths(rng, robot);
      if (paths.length === 0) continue;
      const poses = new TailPoses(robot.model, joints, 2000);
      const motion = new TailMotion(joints, paths, poses, HZ);
      for (let i = 0; i < 6; i++) {
        scatter(rng, robot, joints, HZ, rng.uniform() < 0.3 ? 0.1 : 1);
        poses.clear();
        motion.update();
        paths.forEach((path, p) => {
          const label = `trial ${trial}.${i}: ${robot.name}, body ${path.moving} from ${path.fixed}`;
          const first = endsAt(robot, poses, path, 0);
          const committed = endsAt(robot, poses, path, poses.present);
          expect(farthest(committed, first), label).toBeLessThan(motion.start[p] + 1e-12);
          for (let cycle = 0; cycle <= motion.cycles; cycle += 7) {
            const here = endsAt(robot, poses, path, cycle);
            expect(farthest(committed, here), label).toBeLessThan(motion.stretch[p] + 1e-12);
          }
          const from = rng.int(motion.cycles);
          const to = from + 1 + rng.int(Math.min(motion.cycles - from, 40));
          const a = endsAt(robot, poses, path, from);
          const b = endsAt(robot, poses, path, to);
          motion.between(p, from, to);
          expect(farthest(a, b), label).toBeLessThan(motion.travel[0] + 1e-12);
          for (let cycle = from + 1; cycle < to; cycle++) {
            const share = (cycle - from) / (to - from);
            const line = a.map((value, k) => value * (1 - share) + b[k] * share);
            const bow = farthest(line, endsAt(robot, poses, path, cycle));
            expect(bow, `${label}, cycle ${cycle} of ${from} to ${to}`).toBeLessThan(motion.bow[0] + 1e-12);
            if (bow > 1e-9) tightest_bow = Math.max(tightest_bow, bow / motion.bow[0]);
          }
          if (motion.travel[0] > 1e-9) tightest_travel = Math.max(tightest_travel, farthest(a, b) / motion.travel[0]);
        });
      }
    }
    // Bounds that nothing comes near would be useless.
    expect(tightest_travel).toBeGreaterThan(0.7);
    expect(tightest_bow).toBeGreaterThan(0.3);
  });

  it('adds up what is committed', () => {
    const robot = loadRobot('panda');
    const joints = guardsOf(robot, HZ);
    joints.forEach((joint, k) => {
      joint.reset(robot.home_q[k]);
    });
    const paths = [motionPath(robot.model, linkCapsules(robot), -1, 6)];
    const poses = new TailPoses(robot.model, joints, 4);
    const motion = new TailMotion(joints, paths, poses, HZ);
    joints[0].p += 0.1;
    motion.update();
    joints[0].p -= 0.1;
    motion.update();
    expect(motion.odometer[0]).toBeCloseTo(0.2 * paths[0].reach[0], 12);
  });

  it('runs out of poses rather than of memory', () => {
    const robot = loadRobot('panda');
    const joints = guardsOf(robot, HZ);
    const poses = new TailPoses(robot.model, joints, 3);
    expect([0, 1, 2, 3, 1].map((cycle) => poses.at(cycle))).toEqual([0, 1, 2, -1, 1]);
    poses.clear();
    expect(poses.at(LONGEST_STOP)).toBe(0);
  });
});
