import { describe, expect, test } from 'vitest';
import { CollisionWorld, type Obstacle } from '../collision/index.ts';
import { createRng, type Vector3 } from '../contracts/index.ts';
import { rotationAngleBetween } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { distance } from './configuration_space.ts';
import { toolDown } from './grasp.ts';
import { FREE_YAW, IkSolver } from './ik/index.ts';
import * as planning from './index.ts';
import { PathPlanner } from './path_planner.ts';
import { goalPositions, planToPoses } from './pose_goals.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const n = robot.arm_joints;
const home = robot.home_q.slice(0, n);
const world = new CollisionWorld(robot, { max_obstacles: 8 });
const planner = new PathPlanner(robot, world);
const ik = new IkSolver(robot);

const box = (name: string, size: Vector3, position: Vector3): Obstacle => ({
  name,
  shape: { type: 'box', size },
  pose: { position, orientation: [0, 0, 0, 1] },
});
const table = box('table', [1, 1.4, 0.05], [0.6, 0, -0.025]);

function toolPose(q: Float64Array): Float64Array {
  ik.chain.place(q);
  return ik.chain.tool.slice();
}

describe('goals given as poses', () => {
  test('several free positions of one pose, apart from each other, nearest first', () => {
    world.setObstacles([table]);
    for (let seed = 0; seed < 10; seed++) {
      const rng = createRng(seed, 'pose goals');
      const target = toolDown(rng.range(-1, 1), rng.range(0.4, 0.6), rng.range(-0.25, 0.25), 0.05);
      const found = goalPositions(planner, ik, [{ target }], home, rng);
      if (!found.ok) throw new Error(`seed ${seed}: ${found.reason}`);
      expect(found.positions.length, `seed ${seed}`).toBeGreaterThan(1);
      found.positions.forEach((q, i) => {
        const pose = toolPose(q);
        expect(Math.hypot(pose[9] - target[9], pose[10] - target[10], pose[11] - target[11])).toBeLessThan(1e-5);
        expect(rotationAngleBetween(pose, 0, target, 0), `seed ${seed}`).toBeLessThan(1e-4);
        expect(world.collides(q), `seed ${seed}`).toBe(false);
        for (const other of found.positions.slice(0, i)) expect(distance(q, 0, other, 0, n)).toBeGreaterThan(0.1);
        if (i > 0) {
          expect(distance(q, 0, home, 0, n)).toBeGreaterThanOrEqual(distance(found.positions[i - 1], 0, home, 0, n));
        }
      });
    }
  });

  test('a path ends in the pose or region that it names', () => {
    world.setObstacles([table, box('post', [0.05, 0.05, 0.8], [0.45, 0.2, 0.4])]);
    const start = home.map((x, j) => (j === 0 ? 1.2 : x));
    for (let seed = 0; seed < 6; seed++) {
      const buried = toolDown(0, 0.5, 0, -0.2);
      const wanted = toolDown(1, 0.5, -0.2, 0.1);
      const goals = [{ target: buried }, { target: wanted, region: FREE_YAW }];
      const outcome = planToPoses(planner, ik, start, goals, createRng(seed));
      if (!outcome.ok) throw new Error(`seed ${seed}: ${outcome.reason}`);
      expect(outcome.goal).toBe(1);
      const end = toolPose(outcome.path[outcome.path.length - 1]);
      expect(Math.hypot(end[9] - 0.5, end[10] + 0.2, end[11] - 0.1), `seed ${seed}`).toBeLessThan(1e-5);
      expect(end[8], `seed ${seed}`).toBeLessThan(-1 + 1e-8);
      expect(planToPoses(planner, ik, start, goals, createRng(seed))).toEqual(outcome);
    }
  });

  test('out of reach is a matter of kinematics with the nearest position; in contact one of the goal, with the pair', () => {
    world.setObstacles([table]);
    const far = planToPoses(planner, ik, home, [{ target: toolDown(0, 2, 0, 0.2) }], createRng(1));
    if (far.ok) throw new Error('a pose out of reach was reached');
    expect(far.stage).toBe('ik');
    expect(far.reason).toContain('no joint position within the limits reaches the pose');
    expect(far.nearest?.position_error_m).toBeGreaterThan(0.5);
    expect(far.nearest?.q.length).toBe(n);
    const buried = planToPoses(planner, ik, home, [{ target: toolDown(0, 0.5, 0, -0.1) }], createRng(1));
    if (buried.ok) throw new Error('a pose in the table was reached');
    expect(buried.stage).toBe('goal');
    expect(buried.contact?.[1]).toBe('table');
  });
});

describe('poses to motions, through what planning exports', () => {
  const moving = new planning.MovingPlanner(planner, robot.limits, { dt_s: 0.002 });
  const judge = new CollisionWorld(robot, { max_obstacles: 8 });

  test('anywhere on a crowded tray, turned as it likes: the motion ends there, upright, within limits and touching nothing', () => {
    const tray: planning.PoseRegion = {
      ...planning.FREE_YAW,
      position_lower_m: [-0.12, -0.2, -0.01],
      position_upper_m: [0.12, 0.2, 0.01],
    };
    const yaws: number[] = [];
    for (let seed = 0; seed < 8; seed++) {
      const rng = createRng(seed, 'tray');
      const centre: Vector3 = [0.5, rng.range(-0.25, 0.25), 0.08];
      // one half of the tray is taken, and a wall stands between it and home
      const side = rng.uniform() < 0.5 ? -1 : 1;
      const all = [
        table,
        box('taken', [0.4, 0.2, 0.2], [centre[0], centre[1] + 0.1 * side, 0.1]),
        box('wall', [0.02, 0.5, 0.25], [0.32, centre[1], 0.125]),
      ];
      world.setObstacles(all);
      judge.setObstacles(all);
      const target = toolDown(rng.range(-3, 3), ...centre);
      const start = home.map((x, j) => (j === 0 ? -Math.sign(centre[1]) * 1.4 : x));
      const goals: planning.PoseGoal[] = [{ target, region: tray }];
      const found = planning.planToPoses(planner, ik, start, goals, rng);
      if (!found.ok) throw new Error(`seed ${seed}: ${found.reason}`);
      const { motion, path } = moving.start(found.path);
      const report = planning.reportMotion(motion.samples(), robot.limits, path);
      expect(Math.max(report.velocity, report.acceleration, report.jerk), `seed ${seed}`).toBeLessThan(1 + 1e-6);
      expect(report.off_path_rad, `seed ${seed}`).toBeLessThan(1e-3);
      const { position, rows } = motion.samples();
      for (let k = 0; k < rows; k++) {
        if (judge.collides(position, k * n))
          expect.fail(`seed ${seed}, row ${k}: ${judge.lastContact().join(' and ')}`);
      }
      const end = toolPose(position.slice(-n));
      expect(end[8], `seed ${seed}`).toBeLessThan(-1 + 1e-8);
      // in the axes of the target
      const off = [0, 1, 2].map((c) =>
        [0, 1, 2].reduce((s, r) => s + target[3 * r + c] * (end[9 + r] - target[9 + r]), 0),
      );
      off.forEach((x, k) => {
        expect(x, `seed ${seed}, axis ${k}`).toBeGreaterThan(tray.position_lower_m[k] - 1e-5);
        expect(x, `seed ${seed}, axis ${k}`).toBeLessThan(tray.position_upper_m[k] + 1e-5);
      });
      yaws.push(Math.atan2(end[3], end[0]) - Math.atan2(target[3], target[0]));
      const again = planning.planToPoses(planner, ik, start, goals, createRng(seed, 'tray'));
      expect(again.ok, `seed ${seed}`).toBe(true);
    }
    expect(yaws.some((yaw) => Math.abs(Math.sin(yaw)) > 0.2)).toBe(true);
  });
});
