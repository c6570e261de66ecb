import { expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { offsetZeros } from './zeros.ts';

const robot = loadRobot('panda');

function tool({ model, tcp_frame }: Robot, q: Float64Array): Float64Array {
  const data = new RobotData(model);
  const pose = new Float64Array(12);
  forwardKinematics(model, data, q);
  framePose(model, data, frameIndex(model, tcp_frame), pose);
  return pose;
}

test('a robot whose encoders read too much stands where the nominal one does at so much less', () => {
  const rng = createRng(4, 'zeros');
  for (let trial = 0; trial < 50; trial++) {
    const offset = Array.from({ length: robot.arm_joints }, () => rng.range(-0.01, 0.01));
    const q = robot.home_q.map((value) => value + rng.range(-0.5, 0.5));
    const turned = q.map((value, i) => value - (offset[i] ?? 0));
    const [erring, nominal] = [tool(offsetZeros(robot, offset), q), tool(robot, turned)];
    erring.forEach((value, k) => void expect(value, `trial ${trial}, entry ${k}`).toBeCloseTo(nominal[k], 12));
    expect(Math.hypot(...tool(robot, q).map((value, k) => value - nominal[k]))).toBeGreaterThan(1e-4);
  }
});

test('without an error it is the same robot', () => {
  expect(offsetZeros(robot, [])).toBe(robot);
  expect(offsetZeros(robot, [0, 0, 0, 0, 0, 0, 0])).toBe(robot);
});
