import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { bytesPerCall } from '../test/support/heap.ts';
import { sweep } from '../test/support/sweep.ts';
import { type ConfigurationSpace, distance, EdgeChecker } from './configuration_space.ts';
import { RrtConnect } from './rrt_connect.ts';
import { simplifyPath } from './simplify.ts';

/** A box of n joints with balls that may not be entered. */
function ballSpace(
  rng: Rng,
  n: number,
  balls: number,
  radius: number,
): ConfigurationSpace & { depth(q: Float64Array): number } {
  const centres = Array.from({ length: balls }, () => Float64Array.from({ length: n }, () => rng.range(-1, 1)));
  const depth = (q: Float64Array, offset = 0): number =>
    Math.max(...centres.map((centre) => radius - distance(centre, 0, q, offset, n)));
  return {
    n,
    lower: new Float64Array(n).fill(-1),
    upper: new Float64Array(n).fill(1),
    collides: (q, offset = 0) => depth(q, offset) > 0,
    depth,
  };
}

/** Two joints and a wall with a gap at its upper end: every path must go round. */
const WALL: ConfigurationSpace = {
  n: 2,
  lower: Float64Array.of(-1, -1),
  upper: Float64Array.of(1, 1),
  collides: (q, o = 0) => Math.abs(q[o]) < 0.1 && q[o + 1] < 0.8,
};

const length = (path: readonly Float64Array[]): number =>
  path.slice(1).reduce((sum, q, i) => sum + distance(path[i], 0, q, 0, q.length), 0);

describe('RRT-Connect', () => {
  test('paths join their ends by free edges within the range, and shortcuts keep them free and never longer', () => {
    const rng = createRng(1);
    let direct = 0;
    for (let trial = 0; trial < sweep(25, 60); trial++) {
      const n = 2 + rng.int(5);
      const space = ballSpace(rng, n, 30, n < 4 ? 0.25 : 0.7);
      const [start, goal] = [0, 0].map(() => {
        for (;;) {
          const q = Float64Array.from({ length: n }, () => rng.range(-1, 1));
          if (space.depth(q) < -0.01) return q;
        }
      });
      const checker = new EdgeChecker(space);
      const result = new RrtConnect(checker).plan(start, goal, createRng(trial));
      if (!result.ok) {
        expect(result.reason).toContain('no path found');
        continue;
      }
      expect([...result.path[0]]).toEqual([...start]);
      expect([...result.path[result.path.length - 1]]).toEqual([...goal]);
      if (result.path.length === 2) direct++;
      else
        for (let i = 1; i < result.path.length; i++)
          expect(distance(result.path[i - 1], 0, result.path[i], 0, n)).toBeLessThan(0.5 + 1e-9);
      const short = simplifyPath(result.path, checker);
      expect(length(short)).toBeLessThanOrEqual(length(result.path) * (1 + 1e-12));
      for (const path of [result.path, short]) {
        // between checked points a path can be at most half a step deep
        const point = new Float64Array(n);
        let deepest = Number.NEGATIVE_INFINITY;
        for (let i = 1; i < path.length; i++) {
          for (let k = 0; k <= 500; k++) {
            for (let j = 0; j < n; j++) point[j] = path[i - 1][j] + (k / 500) * (path[i][j] - path[i - 1][j]);
            deepest = Math.max(deepest, space.depth(point));
          }
        }
        expect(deepest, `trial ${trial}`).toBeLessThan(0.005);
      }
    }
    expect(direct).toBeLessThan(50);
  });

  test('goes round a wall, equally for equal streams, and shortcuts approach the shortest way', () => {
    const start = Float64Array.of(-0.5, -0.5);
    const goal = Float64Array.of(0.5, -0.5);
    const shortest = 2 * Math.hypot(0.4, 1.3) + 0.2;
    const checker = new EdgeChecker(WALL);
    const planner = new RrtConnect(checker);
    for (let seed = 0; seed < sweep(10, 20); seed++) {
      const result = planner.plan(start, goal, createRng(seed));
      const again = new RrtConnect(checker).plan(start, goal, createRng(seed));
      expect(again.path.map((q) => [...q])).toEqual(result.path.map((q) => [...q]));
      expect(result.ok).toBe(true);
      expect(length(result.path)).toBeGreaterThanOrEqual(shortest - 0.05);
      const short = simplifyPath(result.path, checker, { rounds: 20 });
      expect(length(short) / shortest, `seed ${seed}`).toBeLessThan(1.06);
    }
  });

  test('says why there is no path', () => {
    const closed: ConfigurationSpace = { ...WALL, collides: (q, o = 0) => Math.abs(q[o]) < 0.1 };
    const planner = new RrtConnect(new EdgeChecker(closed), { max_iterations: 300 });
    const rng = createRng(1);
    const left = Float64Array.of(-0.5, 0);
    expect(planner.plan(left, Float64Array.of(0.5, 0), rng).reason).toBe('no path found in 300 iterations');
    expect(planner.plan(left, Float64Array.of(0, 0), rng).reason).toBe('the goal is in collision');
    expect(planner.plan(Float64Array.of(0, 0), left, rng).reason).toBe('the start is in collision');
    const { closest } = planner.plan(left, Float64Array.of(0.5, 0), rng);
    expect(closest?.gap_rad).toBeGreaterThanOrEqual(0.2);
    expect(closest?.gap_rad).toBeLessThan(0.5);
    expect([closest?.from_start[0], closest?.from_goal[0]].map((x) => Math.sign(x ?? 0))).toEqual([-1, 1]);
  });

  test('of several goals the free ones count, and the path ends at one of them', () => {
    const planner = new RrtConnect(new EdgeChecker(WALL));
    const goals = [Float64Array.of(0, 0), Float64Array.of(0.6, 0.2), Float64Array.of(0.5, 0.9)];
    for (let seed = 0; seed < 10; seed++) {
      const { ok, path } = planner.plan(Float64Array.of(-0.5, 0), goals, createRng(seed));
      expect(ok, `seed ${seed}`).toBe(true);
      expect(goals.slice(1)).toContainEqual(path[path.length - 1]);
    }
    const none = planner.plan(Float64Array.of(-0.5, 0), [goals[0], goals[0]], createRng(1));
    expect([none.ok, none.stage, none.reason]).toEqual([false, 'goal', 'every goal is in collision']);
  });

  test('iterations allocate nothing: a search of many leaves no more than one of few', () => {
    const closed: ConfigurationSpace = { ...WALL, collides: (q, o = 0) => Math.abs(q[o]) < 0.1 };
    const [left, right] = [Float64Array.of(-0.5, 0), Float64Array.of(0.5, 0)];
    const left_by = (max_iterations: number, enough?: number) => {
      const planner = new RrtConnect(new EdgeChecker(closed), { max_iterations });
      const rng = createRng(1);
      const work = (calls: number) => {
        for (let i = 0; i < calls; i++) planner.plan(left, right, rng);
      };
      work(100);
      return bytesPerCall(30, work, 40, enough);
    };
    // less than one number an iteration
    const most = left_by(20) + 16 * 100;
    expect(left_by(400, most)).toBeLessThan(most);
  });
});
