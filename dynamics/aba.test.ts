import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { randomRobot, randomVector, relativeError } from '../test/support/random_robot.ts';
import { aba, forwardKinematics, RobotData, rnea } from './index.ts';

describe('articulated body algorithm', () => {
  test('inverts inverse dynamics on 2,000 random states of random trees', () => {
    const rng = createRng(12);
    for (let robot = 0; robot < 40; robot++) {
      const model = randomRobot(rng, { bodies: 1 + rng.int(12) });
      const data = new RobotData(model);
      const n = model.nq;
      const [qdd, tau] = [new Float64Array(n), new Float64Array(n)];
      for (let state = 0; state < 50; state++) {
        const [q, v, drive] = [randomVector(rng, n, 3), randomVector(rng, n, 3), randomVector(rng, n, 50)];
        forwardKinematics(model, data, q);
        aba(model, data, v, drive, qdd);
        rnea(model, data, v, qdd, tau);
        expect(relativeError(tau, drive), `robot ${robot} state ${state}`).toBeLessThan(1e-9);
      }
    }
  });

  test('armature adds its inertia to each joint', () => {
    const rng = createRng(13);
    const model = randomRobot(rng, { bodies: 7 });
    const data = new RobotData(model);
    const n = model.nq;
    const armature = randomVector(rng, n, 1).map(Math.abs);
    const [v, drive] = [randomVector(rng, n, 2), randomVector(rng, n, 20)];
    const [qdd, tau] = [new Float64Array(n), new Float64Array(n)];
    forwardKinematics(model, data, randomVector(rng, n, 2));
    aba(model, data, v, drive, qdd, armature);
    rnea(model, data, v, qdd, tau);
    expect(
      relativeError(
        tau.map((x, i) => x + armature[i] * qdd[i]),
        drive,
      ),
    ).toBeLessThan(1e-9);
  });

  test('refuses a model with mimic joints', () => {
    const model = randomRobot(createRng(3), { bodies: 6, mimics: 0.9 });
    const zero = new Float64Array(model.nq);
    expect(() => aba(model, new RobotData(model), zero, zero, zero)).toThrow(/mimic/);
  });
});
