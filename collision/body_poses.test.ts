import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { forwardKinematics, RobotData, type RobotModel } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { heapGrowthPerCall } from '../test/support/heap.ts';
import { BodyPoses } from './body_poses.ts';

const TREES = ['tree_0', 'tree_1', 'tree_2', 'tree_3', 'ur_like'].map((name) => `robots/golden/${name}.urdf`);

describe('poses of bodies', () => {
  test.each(['panda', ...TREES])('%s: those that the dynamics are computed on', (spec) => {
    const { model } = loadRobot(spec);
    const poses = new BodyPoses(model);
    const data = new RobotData(model);
    const rng = createRng(1, spec);
    for (let k = 0; k < 200; k++) {
      const q = Float64Array.from({ length: model.nq }, () => rng.range(-3, 3));
      poses.place(q);
      forwardKinematics(model, data, q);
      expect(worstDifference(model, data, poses), `${spec}, q ${q}`).toBeLessThan(1e-13);
    }
  });

  test('are written without allocating', () => {
    const robot = loadRobot('panda');
    const poses = new BodyPoses(robot.model);
    const growth = heapGrowthPerCall(() => {
      for (let k = 0; k < 64; k++) poses.place(robot.home_q);
    }, 200);
    expect(growth / 64).toBeLessThan(1);
  });
});

function worstDifference(model: RobotModel, data: RobotData, poses: BodyPoses): number {
  let worst = 0;
  for (let b = 0; b < model.nb; b++) {
    for (let k = 0; k < 9; k++) worst = Math.max(worst, Math.abs(poses.pose[12 * b + k] - data.R[9 * b + k]));
    for (let k = 0; k < 3; k++) worst = Math.max(worst, Math.abs(poses.pose[12 * b + 9 + k] - data.p[3 * b + k]));
  }
  return worst;
}
