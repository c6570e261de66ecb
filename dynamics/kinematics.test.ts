import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { randomRobot, randomVector, relativeError } from '../test/support/random_robot.ts';
import {
  forwardKinematics,
  frameIndex,
  frameJacobian,
  framePose,
  pointJacobian,
  RobotData,
  rotationLog,
} from './index.ts';

describe('kinematics', () => {
  test('the frame Jacobian is the derivative of the pose', () => {
    const rng = createRng(41);
    const h = 1e-6;
    for (let trial = 0; trial < 60; trial++) {
      const model = randomRobot(rng, { bodies: 1 + rng.int(9), mimics: 0.3 });
      const data = new RobotData(model);
      const n = model.nq;
      const q = randomVector(rng, n, 3);
      const frame = rng.int(model.frames.length);
      const [J, D] = [new Float64Array(6 * n), new Float64Array(6 * n)];
      forwardKinematics(model, data, q);
      frameJacobian(model, data, frame, J);
      const [plus, minus, delta] = [new Float64Array(12), new Float64Array(12), new Float64Array(9)];
      for (let j = 0; j < n; j++) {
        const moved = q.slice();
        moved[j] = q[j] + h;
        forwardKinematics(model, data, moved);
        framePose(model, data, frame, plus);
        moved[j] = q[j] - h;
        forwardKinematics(model, data, moved);
        framePose(model, data, frame, minus);
        for (let r = 0; r < 3; r++) {
          D[r * n + j] = (plus[9 + r] - minus[9 + r]) / (2 * h);
          for (let c = 0; c < 3; c++) {
            delta[3 * r + c] = 0;
            for (let k = 0; k < 3; k++) delta[3 * r + c] += plus[3 * r + k] * minus[3 * c + k];
          }
        }
        rotationLog(delta, 0, delta);
        for (let r = 0; r < 3; r++) D[(3 + r) * n + j] = delta[r] / (2 * h);
      }
      expect(relativeError(J, D), `trial ${trial}`).toBeLessThan(1e-8);
    }
  });

  test('rotations stay rotations', () => {
    const rng = createRng(42);
    const model = randomRobot(rng, { bodies: 12 });
    const data = new RobotData(model);
    let worst = 0;
    for (let trial = 0; trial < 100; trial++) {
      forwardKinematics(model, data, randomVector(rng, model.nq, 10));
      for (let b = 0; b < model.nb; b++) {
        const R = data.R.subarray(9 * b, 9 * b + 9);
        for (let i = 0; i < 3; i++) {
          for (let j = 0; j < 3; j++) {
            const dot = R[i] * R[j] + R[3 + i] * R[3 + j] + R[6 + i] * R[6 + j];
            worst = Math.max(worst, Math.abs(dot - (i === j ? 1 : 0)));
          }
        }
      }
    }
    expect(worst).toBeLessThan(1e-13);
  });

  test('the root link moves with nothing', () => {
    const model = randomRobot(createRng(43), { bodies: 4 });
    const data = new RobotData(model);
    const root = frameIndex(model, 'frame_0');
    const pose = new Float64Array(12);
    const J = new Float64Array(24).fill(7);
    forwardKinematics(model, data, new Float64Array(4).fill(0.3));
    framePose(model, data, root, pose);
    frameJacobian(model, data, root, J);
    expect([...pose]).toEqual([...model.frames[root].R, ...model.frames[root].p]);
    expect([...J].every((x) => x === 0)).toBe(true);
    pointJacobian(model, data, -1, Float64Array.of(1, 2, 3), 0, J);
    expect([...J].every((x) => x === 0)).toBe(true);
    expect(frameIndex(model, 'nothing')).toBe(-1);
  });
});
