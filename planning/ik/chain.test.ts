import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, frameJacobian, framePose, RobotData } from '../../dynamics/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { armOf, type ChainJoint } from '../../test/support/urdf_arm.ts';
import { SerialChain } from './chain.ts';

const panda = loadRobot('panda');

function drawnArm(seed: number): Robot {
  const rng = createRng(seed, 'arm');
  const draw = (r: number): [number, number, number] => [rng.range(-r, r), rng.range(-r, r), rng.range(-r, r)];
  const joints = Array.from(
    { length: 3 + rng.int(6) },
    (): ChainJoint => ({
      xyz: draw(0.4),
      rpy: draw(3),
      axis: rng.uniform() < 0.3 ? [0, 0, -1] : draw(1),
      type: rng.uniform() < 0.25 ? 'prismatic' : 'revolute',
    }),
  );
  return armOf(`drawn_${seed}`, joints, draw(0.3));
}

/** Largest difference of pose and Jacobian from those of the whole tree over random joint positions. */
function difference(robot: Robot, frame: string, seed: number): number {
  const chain = new SerialChain(robot, frame);
  const data = new RobotData(robot.model);
  const full = robot.home_q.slice();
  const { nq } = robot.model;
  const n = robot.arm_joints;
  const T = new Float64Array(12);
  const J = new Float64Array(6 * nq);
  const rng = createRng(seed, frame);
  let worst = 0;
  for (let trial = 0; trial < 20; trial++) {
    for (let j = 0; j < n; j++) full[j] = rng.range(-3, 3);
    forwardKinematics(robot.model, data, full);
    framePose(robot.model, data, frameIndex(robot.model, frame), T);
    frameJacobian(robot.model, data, frameIndex(robot.model, frame), J);
    chain.place(full);
    chain.differentiate();
    for (let k = 0; k < 12; k++) worst = Math.max(worst, Math.abs(T[k] - chain.tool[k]));
    for (let r = 0; r < 6; r++)
      for (let j = 0; j < n; j++) worst = Math.max(worst, Math.abs(J[r * nq + j] - chain.J[r * n + j]));
  }
  return worst;
}

describe('serial chain', () => {
  test('places every frame of the Panda as the whole tree does, fingers at their home', () => {
    for (const { name, body } of panda.model.frames) {
      if (body >= 0) expect(difference(panda, name, 1), name).toBeLessThan(1e-13);
    }
  });

  test('and the tools of drawn arms with oblique axes and sliding joints', () => {
    for (let seed = 0; seed < 20; seed++)
      expect(difference(drawnArm(seed), 'tool0', seed), `seed ${seed}`).toBeLessThan(1e-12);
  });

  test('refuses a frame that is not there or does not move', () => {
    expect(() => new SerialChain(panda, 'elbow')).toThrow(/frame elbow of panda: must be one of panda_link0, /);
    expect(() => new SerialChain(panda, 'panda_link0')).toThrow(/must be moved by a joint of the arm/);
  });

  test('allocates nothing', () => {
    const chain = new SerialChain(panda);
    const growth = heapGrowthPerCall(() => {
      chain.place(panda.home_q);
      chain.differentiate();
    });
    expect(growth).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
