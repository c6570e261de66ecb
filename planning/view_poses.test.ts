import { describe, expect, test } from 'vitest';
import { type Container, createRng } from '../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { ClutterTask, InspectTask, SortTask } from '../sim/index.ts';
import { MotionPlanner } from './motion_planner.ts';
import { PickPlanner } from './pick_planner.ts';
import { compose, HAND_CAMERA_FRAME, inverse, viewFromAbove } from './view_poses.ts';
import { containerObstacles, furnished, TABLE_WORKCELL } from './workcell.ts';

const robot = loadRobot('panda');

describe('view from above', () => {
  test('holds the camera over the middle of the bin, straight down, with all of the rim in its field', () => {
    for (let seed = 0; seed < 8; seed++) {
      const { goal } = new ClutterTask().reset(createRng(seed));
      const planner = new PickPlanner(new MotionPlanner(robot, furnished(TABLE_WORKCELL, goal)));
      const q = viewFromAbove(planner, goal.bin, createRng(seed));
      if (q === null) throw new Error(`seed ${seed}: no view`);
      const data = new RobotData(robot.model);
      const full = robot.home_q.slice();
      full.set(q);
      forwardKinematics(robot.model, data, full);
      const T = new Float64Array(12);
      framePose(robot.model, data, frameIndex(robot.model, HAND_CAMERA_FRAME), T);
      const { centre, inner } = goal.bin;
      expect(Math.hypot(T[9] - centre[0], T[10] - centre[1]), `seed ${seed}`).toBeLessThan(1e-5);
      expect(T[8], `seed ${seed}`).toBeLessThan(-1 + 1e-9);
      const above_rim = T[11] - centre[2] - inner[2];
      expect(Math.atan2(Math.max(inner[0], inner[1]) / 2, above_rim), `seed ${seed}`).toBeLessThan(Math.PI / 6);
      expect(planner.motion.world.collides(q), `seed ${seed}`).toBe(false);
    }
  });

  test('a bin out of reach has none', () => {
    const far: Container = { centre: [1.6, 0, 0], inner: [0.2, 0.2, 0.04] };
    expect(viewFromAbove(new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL)), far, createRng(1))).toBeNull();
  });

  test('a pose times its inverse is none', () => {
    const A = Float64Array.of(0, -1, 0, 1, 0, 0, 0, 0, 1, 0.1, -0.2, 0.3);
    const I = compose(A, inverse(A));
    [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0].forEach((x, k) => {
      expect(I[k]).toBeCloseTo(x, 12);
    });
  });
});

describe('containers as obstacles', () => {
  test('leave the inside free and enclose what the scene has as walls and floor', () => {
    for (let seed = 0; seed < 8; seed++) {
      const { scene, goal } = new ClutterTask().reset(createRng(seed));
      for (const [name, container] of Object.entries({ bin: goal.bin, tray: goal.tray })) {
        const boxes = containerObstacles(name, container).map(({ shape, pose }) => {
          if (shape.type !== 'box') throw new Error('not a box');
          return { size: shape.size, at: pose.position };
        });
        const inside = (p: readonly number[]): boolean =>
          boxes.some(({ size, at }) => p.every((x, k) => Math.abs(x - at[k]) < size[k] / 2 - 1e-9));
        const { centre, inner } = container;
        const rng = createRng(seed).stream(name);
        for (let k = 0; k < 200; k++) {
          const p = [0, 1].map((i) => centre[i] + (rng.uniform() - 0.5) * inner[i]);
          expect(inside([...p, centre[2] + rng.uniform() * inner[2] + 1e-6])).toBe(false);
          if (centre[2] > 0) expect(inside([...p, rng.uniform() * centre[2] * 0.99 + 1e-6])).toBe(true);
        }
      }
      const walls = [...containerObstacles('bin', goal.bin), ...containerObstacles('tray', goal.tray)];
      for (const { pose } of scene.fixtures ?? []) {
        const near = Math.min(
          ...walls.map((wall) => Math.hypot(...wall.pose.position.map((x, k) => x - pose.position[k]))),
        );
        expect(near, `seed ${seed}`).toBeLessThan(0.003);
      }
    }
  });

  test('only a goal with containers furnishes the cell', () => {
    for (const task of [new SortTask(), new InspectTask()]) {
      expect(furnished(TABLE_WORKCELL, task.reset(createRng(1)).goal)).toBe(TABLE_WORKCELL);
    }
    const cell = furnished(TABLE_WORKCELL, new ClutterTask().reset(createRng(1)).goal);
    expect(cell.supports).toEqual(['table', 'bin floor', 'tray floor']);
    expect(cell.obstacles.length).toBe(TABLE_WORKCELL.obstacles.length + 10);
  });
});
