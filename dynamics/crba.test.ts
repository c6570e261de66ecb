import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { randomRobot, randomVector, relativeError } from '../test/support/random_robot.ts';
import { choleskyFactor, crba, forwardKinematics, frameJacobian, RobotData, rnea } from './index.ts';

describe('joint-space inertia', () => {
  test('torque = M a + h on random trees with mimic joints', () => {
    const rng = createRng(21);
    for (let trial = 0; trial < 200; trial++) {
      const model = randomRobot(rng, { bodies: 1 + rng.int(12), mimics: 0.3 });
      const data = new RobotData(model);
      const n = model.nq;
      const [q, v, a] = [randomVector(rng, n, 3), randomVector(rng, n, 3), randomVector(rng, n, 20)];
      const [bias, tau] = [new Float64Array(n), new Float64Array(n)];
      forwardKinematics(model, data, q);
      crba(model, data);
      rnea(model, data, v, null, bias);
      rnea(model, data, v, a, tau);
      const product = bias.map((h, i) => h + a.reduce((sum, x, j) => sum + data.M[i * n + j] * x, 0));
      expect(relativeError(product, tau), `trial ${trial}`).toBeLessThan(1e-11);
    }
  });

  test('is symmetric and positive definite', () => {
    const rng = createRng(22);
    for (let trial = 0; trial < 200; trial++) {
      const model = randomRobot(rng, { bodies: 1 + rng.int(12), mimics: 0.3 });
      const data = new RobotData(model);
      const n = model.nq;
      forwardKinematics(model, data, randomVector(rng, n, 3));
      crba(model, data);
      const transposed = data.M.map((_, k) => data.M[(k % n) * n + Math.floor(k / n)]);
      expect(data.M, `trial ${trial}`).toEqual(transposed);
      expect(() => choleskyFactor(data, null), `trial ${trial}`).not.toThrow();
    }
  });

  test('kinetic energy is that of the links one by one', () => {
    const rng = createRng(23);
    for (let trial = 0; trial < 50; trial++) {
      const base = randomRobot(rng, { bodies: 8, mimics: 0.3 });
      // frames at the centres of mass: their Jacobians give each link's own velocity
      const frames = Array.from({ length: base.nb }, (_, b) => ({
        name: `com_${b}`,
        body: b,
        R: [1, 0, 0, 0, 1, 0, 0, 0, 1],
        p: [...base.com.subarray(3 * b, 3 * b + 3)],
      }));
      const model = { ...base, frames };
      const data = new RobotData(model);
      const n = model.nq;
      const v = randomVector(rng, n, 2);
      forwardKinematics(model, data, randomVector(rng, n, 3));
      crba(model, data);
      let joint = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) joint += 0.5 * v[i] * data.M[i * n + j] * v[j];
      let links = 0;
      const J = new Float64Array(6 * n);
      for (let b = 0; b < model.nb; b++) {
        frameJacobian(model, data, b, J);
        const twist = Array.from({ length: 6 }, (_, r) => v.reduce((sum, x, j) => sum + J[r * n + j] * x, 0));
        const w = [0, 1, 2].map((k) => [0, 1, 2].reduce((s, r) => s + data.R[9 * b + 3 * r + k] * twist[3 + r], 0));
        const [xx, yy, zz, xy, xz, yz] = model.inertia.subarray(6 * b, 6 * b + 6);
        const spin = xx * w[0] ** 2 + yy * w[1] ** 2 + zz * w[2] ** 2;
        const cross = xy * w[0] * w[1] + xz * w[0] * w[2] + yz * w[1] * w[2];
        const speed = twist[0] ** 2 + twist[1] ** 2 + twist[2] ** 2;
        links += 0.5 * (model.mass[b] * speed + spin) + cross;
      }
      expect(relativeError([joint], [links]), `trial ${trial}`).toBeLessThan(1e-12);
    }
  });
});
