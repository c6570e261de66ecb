import { expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { matrixFromQuaternion } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { InspectTask } from '../sim/index.ts';
import { trueObjects } from '../test/support/task_cell.ts';
import { MotionPlanner } from './motion_planner.ts';
import { PickPlanner } from './pick_planner.ts';
import type { Reached } from './pick_stages.ts';
import { facingYaw, leavesFree, planShow } from './show_pose.ts';
import { connect } from './stages/index.ts';
import { shapeHeight, type TableObject } from './table_objects.ts';
import { TABLE_WORKCELL } from './workcell.ts';

test('every object is shown with the side that faced the camera squarely before it, the fingers at its edges', () => {
  const robot = loadRobot('panda');
  const planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
  const { camera } = TABLE_WORKCELL;
  const start = robot.home_q.slice(0, robot.arm_joints);
  for (let seed = 0; seed < 10; seed++) {
    for (const [i, { shape, x, y, yaw, class: kind, colour }] of trueObjects(
      new InspectTask().reset(createRng(seed)).scene,
    ).entries()) {
      const where = `seed ${seed}, object ${i}`;
      const object: TableObject = {
        class: kind,
        colour,
        shape,
        position: [x, y, shapeHeight(shape) / 2],
        yaw_rad: yaw,
        seen: 3,
        score: 1,
      };
      const facing = facingYaw(object, camera);
      // the side to be inspected is the one along the object's own x axis
      if (shape.type === 'box') expect(Math.cos(facing - yaw), where).toBeCloseTo(1, 9);
      else expect(facing, where).toBeCloseTo(0, 9);
      const found = planner.search(
        start,
        object,
        [],
        createRng(seed),
        { grasp: (grasp) => leavesFree(grasp, facing) },
        connect('show', ({ scene, way }: Reached, rng) => {
          const show = planShow(planner.motions, scene, way, facing, camera, rng);
          return show.ok ? { ok: true, value: { show: show.value, grasp: way.grasp } } : show;
        }),
      );
      if (!found.ok) throw new Error(`${where}: ${found.reason}`);
      const { position, orientation } = found.value.show.object_pose;
      const R = matrixFromQuaternion(orientation);
      // the side's normal, in the object's frame and then the world
      const [c, s] = [Math.cos(facing - yaw), Math.sin(facing - yaw)];
      const side = shape.type === 'box' ? [c, s] : [Math.cos(facing), Math.sin(facing)];
      const normal = [0, 1, 2].map((k) => R[3 * k] * side[0] + R[3 * k + 1] * side[1]);
      const towards = camera.position.map((p, k) => p - position[k]);
      const distance = Math.hypot(...towards);
      expect(distance, where).toBeGreaterThan(0.24);
      expect(distance, where).toBeLessThan(0.36);
      expect(
        normal.reduce((sum, n, k) => sum + (n * towards[k]) / distance, 0),
        where,
      ).toBeGreaterThan(Math.cos(0.55));
    }
  }
}, 60_000);
