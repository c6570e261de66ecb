import { beforeAll, describe, expect, test } from 'vitest';
import { createRng, type JointTrajectory } from '../contracts/index.ts';
import { rotationAngleBetween } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { BruteForce } from '../test/support/planning_cell.ts';
import { sweep } from '../test/support/sweep.ts';
import { toolDown } from './grasp.ts';
import { MotionPlanner } from './motion_planner.ts';
import { TABLE_WORKCELL } from './workcell.ts';

const robot = loadRobot('panda');
const n = robot.arm_joints;
const home = robot.home_q.slice(0, n);
let planner: MotionPlanner;

beforeAll(() => {
  planner = new MotionPlanner(robot, TABLE_WORKCELL);
});

/** Arm joints of a free grasp from above, anywhere over the table. */
function reach(seed: number): Float64Array {
  const rng = createRng(seed);
  for (;;) {
    const pose = toolDown(rng.range(-3, 3), rng.range(0.38, 0.66), rng.range(-0.26, 0.26), rng.range(0.02, 0.05));
    const solution = planner.ik.solve(pose, home, rng);
    if (solution.ok && !planner.world.collides(solution.q)) return solution.q.slice();
  }
}

/** Largest speed of the tool's origin between samples (m/s). */
function toolSpeed(trajectory: JointTrajectory): number {
  let fastest = 0;
  let last = planner.toolPose(trajectory.position.slice(0, n)).slice(9);
  for (let k = 1; k < trajectory.time_s.length; k++) {
    const now = planner.toolPose(trajectory.position.slice(k * n, k * n + n)).slice(9);
    fastest = Math.max(fastest, Math.hypot(now[0] - last[0], now[1] - last[1], now[2] - last[2]) / planner.dt_s);
    last = now;
  }
  return fastest;
}

describe('motion planner', () => {
  test('a line with a slow end keeps that speed near the bottom, and its own above', () => {
    const bottom = reach(0);
    const line = planner.liftLine(bottom, 0.11);
    if (!line.ok) throw new Error(line.reason);
    const slow = { height_m: 0.045, speed_m_s: 0.06 };
    const { position, time_s } = planner.sample([planner.timeLift(line.value, 'down', 0.25, slow)]);
    const heights = Array.from(time_s, (_, k) => planner.toolPose(position.slice(k * n, k * n + n))[11]);
    const low = heights[heights.length - 1] + slow.height_m;
    const speeds = heights.slice(1).map((z, k) => ({ z, speed: (heights[k] - z) / planner.dt_s }));
    const below = Math.max(...speeds.filter(({ z }) => z < low).map(({ speed }) => speed));
    expect(below).toBeLessThan(slow.speed_m_s * 1.02);
    expect(below).toBeGreaterThan(slow.speed_m_s * 0.9);
    expect(Math.max(...speeds.map(({ speed }) => speed))).toBeGreaterThan(0.2);
  });

  test('lift lines rise straight with the tool held still, to 0.2 mm and 1 mrad', () => {
    let found = 0;
    for (let seed = 0; seed < sweep(16, 40); seed++) {
      const bottom = reach(seed);
      const line = planner.liftLine(bottom, 0.11);
      if (!line.ok) {
        expect(line.reason).toMatch(/straight line/);
        continue;
      }
      found++;
      const start = planner.toolPose(bottom);
      for (const direction of ['up', 'down'] as const) {
        const trajectory = planner.sample([planner.timeLift(line.value, direction, 0.2)]);
        expect(toolSpeed(trajectory), `seed ${seed}`).toBeLessThan(0.2 * 1.005);
        let aside = 0;
        let turned = 0;
        let height = direction === 'up' ? 0 : 0.11;
        let backwards = 0;
        for (let k = 0; k < trajectory.time_s.length; k++) {
          const pose = planner.toolPose(trajectory.position.slice(k * n, k * n + n));
          aside = Math.max(aside, Math.hypot(pose[9] - start[9], pose[10] - start[10]));
          turned = Math.max(turned, rotationAngleBetween(pose, 0, start, 0));
          const step = pose[11] - start[11] - height;
          backwards = Math.max(backwards, direction === 'up' ? -step : step);
          height += step;
        }
        expect(
          [aside < 2e-4, turned < 1e-3, backwards < 1e-5],
          `seed ${seed}: ${aside} ${turned} ${backwards}`,
        ).toEqual([true, true, true]);
        expect(height).toBeCloseTo(direction === 'up' ? 0.11 : 0, 5);
      }
    }
    expect(found).toBeGreaterThanOrEqual(sweep(15, 36));
  });

  test('joint paths keep the tool under its speed bound and the arm off the cell', () => {
    const brute = new BruteForce(robot, planner.world.checkedPairs());
    brute.setBodies(
      TABLE_WORKCELL.obstacles.flatMap(({ name, shape, pose }) =>
        shape.type === 'mesh' || shape.type === 'elements' ? [] : [{ name, shape, position: pose.position, yaw: 0 }],
      ),
    );
    planner.world.setObstacles(TABLE_WORKCELL.obstacles);
    planner.world.setGripperWidth(0.08);
    for (let seed = 0; seed < sweep(5, 10); seed++) {
      const path = planner.jointPath(home, reach(seed), createRng(seed));
      if (!path.ok) throw new Error(path.reason);
      for (const bound of [0.25, 1]) {
        const trajectory = planner.sample(planner.timeJointPath(path.value, bound));
        expect(toolSpeed(trajectory)).toBeLessThan(bound * 1.001);
        if (bound === 1) {
          for (let k = 0; k < trajectory.time_s.length; k += 5)
            expect(brute.contact(trajectory.position, k * n, 0.04)).toBeNull();
        }
      }
    }
  });

  test('a wall between start and goal is gone round; a goal inside it is refused by name', () => {
    const start = home.slice();
    const goal = home.slice();
    start[0] = -1;
    goal[0] = 1;
    const wall = (height: number) => ({
      name: 'wall',
      shape: { type: 'box', size: [0.5, 0.02, height] } as const,
      pose: { position: [0.5, 0, height / 2], orientation: [0, 0, 0, 1] } as const,
    });
    planner.world.setObstacles([...TABLE_WORKCELL.obstacles, wall(0.55)]);
    const round = planner.jointPath(start, goal, createRng(1));
    if (!round.ok) throw new Error(round.reason);
    expect(round.value.length).toBeGreaterThan(2);
    expect(planner.pathFree(round.value)).toBe(true);
    const inside = planner.jointPath(start, home, createRng(1));
    expect(inside).toMatchObject({ ok: false });
    if (!inside.ok) expect(inside.reason).toMatch(/^the goal is in collision: panda_\w+ and wall$/);
    planner.world.setObstacles(TABLE_WORKCELL.obstacles);
  });

  test('a line that cannot be followed to its end says how far it gets', () => {
    const line = planner.liftLine(reach(1), 1.5);
    expect(line.ok).toBe(false);
    if (!line.ok) expect(line.reason).toMatch(/^the straight line/);
  });
});
