import { describe, expect, test } from 'vitest';
import { CollisionWorld, type Obstacle } from '../collision/index.ts';
import { createRng, type Rng, type Shape } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { distance } from './configuration_space.ts';
import { type FoundPath, type NoPath, PathPlanner } from './path_planner.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const n = robot.arm_joints;
const home = robot.home_q.slice(0, n);
const { position_lower: lower, position_upper: upper } = robot.limits;
const world = new CollisionWorld(robot, { max_obstacles: 64 });
const planner = new PathPlanner(robot, world);

const box = (name: string, size: [number, number, number], position: [number, number, number]): Obstacle => ({
  name,
  shape: { type: 'box', size },
  pose: { position, orientation: [0, 0, 0, 1] },
});

function clutter(rng: Rng): Obstacle[] {
  return Array.from({ length: 3 + rng.int(8) }, (_, i) => {
    const size = () => rng.range(0.04, 0.3);
    const shapes: Shape[] = [
      { type: 'box', size: [size(), size(), size()] },
      { type: 'cylinder', radius: size() / 2, length: size() },
      { type: 'sphere', radius: size() / 2 },
    ];
    const [reach, angle, turn] = [rng.range(0.4, 0.8), rng.range(-3, 3), rng.range(-1, 1)];
    return {
      name: `body ${i}`,
      shape: shapes[rng.int(3)],
      pose: {
        position: [reach * Math.cos(angle), reach * Math.sin(angle), rng.range(0, 0.9)],
        orientation: [Math.sin(turn), 0, 0, Math.cos(turn)],
      },
    };
  });
}

function freePosition(rng: Rng): Float64Array {
  for (;;) {
    const q = Float64Array.from({ length: n }, (_, j) => rng.range(lower[j], upper[j]));
    if (!world.collides(q)) return q;
  }
}

/** First state in contact along a path, looked for every 0.002 rad from the end, or null. */
function contactOn(path: readonly Float64Array[]): string | null {
  const q = new Float64Array(n);
  for (let i = path.length - 1; i > 0; i--) {
    const pieces = Math.ceil(distance(path[i], 0, path[i - 1], 0, n) / 0.002);
    for (let k = 0; k <= pieces; k++) {
      for (let j = 0; j < n; j++) q[j] = path[i][j] + (k / pieces) * (path[i - 1][j] - path[i][j]);
      if (world.collides(q)) return `edge ${i} at ${k / pieces}: ${world.lastContact().join(' and ')}`;
    }
  }
  return null;
}

function failed(outcome: FoundPath | NoPath): NoPath {
  if (outcome.ok) throw new Error('a path was found');
  return outcome;
}

describe('path planner', () => {
  test('paths join start and goal, touch nothing in between, and are the same for the same stream', () => {
    let found = 0;
    let bent = 0;
    const short = { max_iterations: 2000 };
    const planner = new PathPlanner(robot, world, short);
    for (let seed = 0; seed < 16; seed++) {
      const rng = createRng(seed, 'clutter');
      world.setObstacles(clutter(rng));
      const [start, goal] = [freePosition(rng), freePosition(rng)];
      const outcome = planner.plan(start, [goal], createRng(seed));
      expect(new PathPlanner(robot, world, short).plan(start, [goal], createRng(seed)), `seed ${seed}`).toEqual(
        outcome,
      );
      expect(world.margin_m).toBe(0);
      if (!outcome.ok) {
        expect(outcome.stage, `seed ${seed}`).toBe('connect');
        continue;
      }
      found++;
      if (outcome.path.length > 2) bent++;
      expect(outcome.path[0], `seed ${seed}`).toEqual(start);
      expect(outcome.path[outcome.path.length - 1], `seed ${seed}`).toEqual(goal);
      expect(contactOn(outcome.path), `seed ${seed}`).toBeNull();
    }
    expect(found).toBeGreaterThan(12);
    expect(bent).toBeGreaterThan(7);
  });

  test('takes whichever goal can be reached, and says which', () => {
    world.setObstacles([box('block', [0.3, 0.3, 0.3], [0.5, 0, 0.5])]);
    const away = home.map((x, j) => (j === 0 ? 1.2 : x));
    const outcome = planner.plan(away, [home, away.map((x, j) => (j === 0 ? 2 : x))], createRng(1));
    expect(outcome.ok && outcome.goal).toBe(1);
    const none = failed(planner.plan(away, [home, home], createRng(1)));
    expect(none.stage).toBe('goal');
    expect(none.reason).toMatch(/^every goal is in collision: panda_\w+ and block$/);
  });

  test('names the stage and the pair in contact', () => {
    world.setObstacles([box('block', [0.3, 0.3, 0.3], [0.5, 0, 0.5])]);
    const away = home.map((x, j) => (j === 0 ? 1.2 : x));
    const at_start = failed(planner.plan(home, [away], createRng(1)));
    expect([at_start.stage, at_start.contact?.[1]]).toEqual(['start', 'block']);
    expect(at_start.reason).toMatch(/^the start is in collision: panda_\w+ and block$/);
    const at_goal = failed(planner.plan(away, [home], createRng(1)));
    expect([at_goal.stage, at_goal.contact?.[1]]).toEqual(['goal', 'block']);
    const folded = away.map((x, j) => (j === 3 ? -3.05 : j === 5 ? 0.0 : x));
    if (!world.collides(folded)) throw new Error('the folded arm does not touch itself');
    expect(failed(planner.plan(away, [folded], createRng(1))).contact?.every((name) => name.startsWith('panda'))).toBe(
      true,
    );
  });

  test('tells how near the search came where no way leads through', () => {
    // a wall that begins 0.2 m from the first axis and stands in between, higher than the arm
    world.setObstacles([box('wall', [0.02, 1.4, 4], [0, 0.9, 0.5])]);
    const behind = home.map((x, j) => (j === 0 ? 2.6 : x));
    const outcome = failed(new PathPlanner(robot, world, { max_iterations: 5 }).plan(home, [behind], createRng(1)));
    expect(outcome.stage, outcome.reason).toBe('connect');
    expect(outcome.closest?.gap_rad).toBeGreaterThan(0.1);
    expect(outcome.reason).toMatch(/no path found in 5 iterations; the two searches came within [\d.]+ rad/);
  });

  test('an end nearer than the margin lowers it no further than needed, and an end in contact stays refused', () => {
    const away = home.map((x, j) => (j === 0 ? 1.2 : x));
    const sphereAt = (gap_m: number): Obstacle[] => {
      // by bisection a ball under the hand that is exactly so far away
      let low = 0.01;
      let high = 0.6;
      const ball = (radius: number): Obstacle => ({
        name: 'ball',
        shape: { type: 'sphere', radius },
        pose: { position: [0.5, 0, 0], orientation: [0, 0, 0, 1] },
      });
      for (let i = 0; i < 60; i++) {
        const radius = (low + high) / 2;
        world.setObstacles([ball(radius)]);
        if (world.clearance(home) < gap_m) high = radius;
        else low = radius;
      }
      return [ball(low)];
    };
    for (const [gap_m, most_m] of [
      [0.0021, 0.002],
      [0.001, 0.0005],
      [0.0002, 0.0001],
      [0.00005, 0],
    ]) {
      world.setObstacles(sphereAt(gap_m));
      const outcome = planner.plan(away, [home], createRng(1));
      expect(outcome.ok && outcome.margin_m, `gap ${gap_m}`).toBe(most_m);
      const said = most_m === 0.002 ? '' : `a distance of ${1000 * most_m} mm was kept instead of 2 mm`;
      expect(outcome.ok && outcome.note).toBe(said);
      expect(outcome.ok && contactOn(outcome.path)).toBeNull();
    }
  });

  test('refuses what is no position of this arm, and moves an end back by at most a thousandth of a radian', () => {
    world.setObstacles([]);
    const at = (j: number, value: number) => home.map((x, k) => (k === j ? value : x));
    const refused = (q: Float64Array) => failed(planner.plan(home, [q], createRng(1))).reason;
    expect(refused(at(2, Number.NaN))).toBe('the goal has NaN at panda_joint3');
    expect(refused(at(2, Number.POSITIVE_INFINITY))).toBe('the goal has Infinity at panda_joint3');
    expect(refused(home.slice(0, 6))).toBe('the goal has 6 joints; the arm has 7');
    expect(refused(at(3, 0.1))).toMatch(/^the goal has panda_joint4 = 0.1 rad, which is outside \[-3.0718, -0.0698\]$/);
    expect(failed(planner.plan(at(0, 9), [home], createRng(1))).stage).toBe('start');
    expect(failed(planner.plan(home, [], createRng(1))).reason).toBe('there is no goal');
    const beyond = planner.plan(home, [at(0, upper[0] + 5e-4)], createRng(1));
    expect(beyond.ok && beyond.path[beyond.path.length - 1][0]).toBe(upper[0]);
    expect(beyond.ok && beyond.note).toBe('goal: panda_joint1 moved by 5.0e-4 rad to its limit');
    const kept = new PathPlanner(robot, world, { limit_margin_rad: 1e-3 }).plan(home, [at(0, upper[0])], createRng(1));
    expect(kept.ok && kept.path[kept.path.length - 1][0]).toBe(upper[0] - 1e-3);
    const same = planner.plan(home, [home], createRng(1));
    expect(same.ok && same.path).toEqual([home, home]);
  });
});
