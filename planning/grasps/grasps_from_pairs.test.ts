import { expect, test } from 'vitest';
import { createRng, type Rng, type Vector3 } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { fingertipReach, graspsFromAbove, USUAL_PADS } from '../grasp.ts';
import { MotionPlanner } from '../motion_planner.ts';
import { PickPlanner } from '../pick_planner.ts';
import type { TableObject } from '../table_objects.ts';
import { compose } from '../view_poses.ts';
import { TABLE_WORKCELL } from '../workcell.ts';
import { graspsFromPairs } from './grasps_from_pairs.ts';
import { pairsFromCloud } from './pairs_from_cloud.ts';
import { pairsFromShape } from './pairs_from_shape.ts';
import { surfaceCloud } from './surface_cloud.ts';

const robot = loadRobot('panda');
const SIZE: Vector3 = [0.04, 0.05, 0.05];
const AT: Vector3 = [0.5, 0.1, SIZE[2] / 2];
const options = {
  ...{ pads: USUAL_PADS, centre: [0, 0, 0] as Vector3, side_clearance_m: 0.006, max_width_m: 0.08 },
  ...{ turns_rad: [0, 0.4], tilts_rad: [0, 0.6] as const, lowest_m: 0.016 },
};

function poseAt(yaw: number): Float64Array {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  return Float64Array.of(c, -s, 0, s, c, 0, 0, 0, 1, ...AT);
}

/** The sides and the top of the box as cameras all round would see them, in its own frame, 0.3 mm of noise. */
function cloudOf(rng: Rng): ReturnType<typeof surfaceCloud> {
  const views = [0, 1, 2, 3].map((k) => {
    const viewpoint: Vector3 = [Math.cos((k * Math.PI) / 2), Math.sin((k * Math.PI) / 2), 0.6];
    const points: number[] = [];
    for (let i = 0; i < 2500; i++) {
      const [axis, side] = [rng.int(3), rng.uniform() < 0.5 ? -1 : 1];
      if (side * viewpoint[axis] < 0.1) continue;
      const p = SIZE.map((size, j) => (j === axis ? (side * size) / 2 : rng.range(-size / 2, size / 2)));
      points.push(...p.map((x) => x + 0.0003 * rng.normal()));
    }
    return { points: Float64Array.from(points), viewpoint };
  });
  return surfaceCloud(views);
}

test('grasps say truly where the object is in the hand, within the tilts and heights allowed, the best hold first', () => {
  for (let seed = 0; seed < sweep(25, 60); seed++) {
    const rng = createRng(seed);
    const T = poseAt(rng.range(-3, 3));
    const grasps = graspsFromPairs(pairsFromShape({ type: 'box', size: SIZE }, options), T, options);
    expect(grasps.length, `seed ${seed}`).toBeGreaterThan(4);
    for (const [i, { tool_pose, T_tool_object, hold, tilt_rad, width_m }] of grasps.entries()) {
      const back = compose(tool_pose, T_tool_object);
      for (let k = 0; k < 12; k++) expect(back[k], `seed ${seed}`).toBeCloseTo(T[k], 12);
      expect(tilt_rad, `seed ${seed}`).toBeLessThanOrEqual(0.6);
      expect(Math.cos(tilt_rad), `seed ${seed}`).toBeCloseTo(-tool_pose[8], 9);
      expect(tool_pose[11], `seed ${seed}`).toBeGreaterThanOrEqual(0.016);
      expect(width_m, `seed ${seed}`).toBeLessThanOrEqual(0.068);
      if (i > 0) expect(hold, `seed ${seed}`).toBeLessThanOrEqual(grasps[i - 1].hold);
    }
  }
});

test('the best hold of a shape from above is that of the grasp through its middle', () => {
  const object: TableObject = {
    ...{
      class: 'box',
      colour: 'red',
      shape: { type: 'box', size: SIZE },
      position: AT,
      yaw_rad: 0.3,
      seen: 3,
      score: 1,
    },
  };
  const above = graspsFromAbove(object, 0.08, fingertipReach(robot), 0);
  const [best] = graspsFromPairs(pairsFromShape(object.shape, options), poseAt(0.3), options);
  expect(best.hold).toBeCloseTo(Math.max(...above.map(({ hold }) => hold)), 9);
});

test('an object is picked and placed by grasps from its point cloud alone', () => {
  const planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
  const start = robot.home_q.slice(0, robot.arm_joints);
  for (let seed = 0; seed < 4; seed++) {
    const rng = createRng(seed, 'pick by cloud');
    const yaw_rad = rng.range(-3, 3);
    const cloud = cloudOf(rng);
    const pairs = pairsFromCloud(cloud, { max_width_m: 0.068, pads: USUAL_PADS, most_pairs: 30 });
    const given = graspsFromPairs(
      pairs.map(({ pair }) => pair),
      poseAt(yaw_rad),
      options,
    );
    const object: TableObject = {
      ...{ class: 'box', colour: 'red', shape: { type: 'box', size: SIZE }, position: AT, yaw_rad, seen: 3, score: 1 },
    };
    const planned = planner.planToAny(start, object, [], [[0.5, -0.15, 0]], rng, { given });
    if (!planned.ok) throw new Error(`seed ${seed}: ${planned.reason}`);
    expect(given, `seed ${seed}`).toContain(planned.value.grasp);
    expect(planned.value.placed.object.position[1], `seed ${seed}`).toBeCloseTo(-0.15, 9);
  }
});
