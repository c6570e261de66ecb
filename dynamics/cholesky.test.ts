import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { randomRobot, randomVector, relativeError } from '../test/support/random_robot.ts';
import { choleskyFactor, choleskySolve, crba, forwardKinematics, RobotData } from './index.ts';

describe('Cholesky factor of the inertia', () => {
  test('solves (M + diagonal) x = b, in place and at offsets', () => {
    const rng = createRng(31);
    for (let trial = 0; trial < 100; trial++) {
      const model = randomRobot(rng, { bodies: 1 + rng.int(10), mimics: 0.2 });
      const data = new RobotData(model);
      const n = model.nq;
      const diagonal = trial % 2 === 0 ? null : randomVector(rng, n, 1).map(Math.abs);
      const x = randomVector(rng, n, 5);
      forwardKinematics(model, data, randomVector(rng, n, 3));
      crba(model, data);
      choleskyFactor(data, diagonal);
      const b = new Float64Array(n + 3);
      for (let i = 0; i < n; i++) {
        b[i + 2] = (diagonal?.[i] ?? 0) * x[i];
        for (let j = 0; j < n; j++) b[i + 2] += data.M[i * n + j] * x[j];
      }
      const apart = new Float64Array(n + 1);
      choleskySolve(data, b, 2, apart, 1);
      choleskySolve(data, b, 2, b, 2);
      expect(relativeError(apart.subarray(1), x), `trial ${trial}`).toBeLessThan(1e-9);
      expect(b.subarray(2, n + 2)).toEqual(apart.subarray(1));
    }
  });

  test('names the joint of a massless link', () => {
    const model = randomRobot(createRng(5), { bodies: 3 });
    const bare = { ...model, mass: new Float64Array(3), inertia: new Float64Array(18) };
    const data = new RobotData(bare);
    forwardKinematics(bare, data, new Float64Array(3));
    crba(bare, data);
    expect(() => choleskyFactor(data, null)).toThrow(/not positive definite at joint_0/);
  });
});
