import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { randomRobot, randomVector, relativeError } from '../test/support/random_robot.ts';
import { forwardKinematics, kineticEnergy, potentialEnergy, RobotData, rnea } from './index.ts';

describe('inverse dynamics', () => {
  const rng = createRng(11);

  test('gravity torque is the slope of the potential energy', () => {
    for (let trial = 0; trial < 30; trial++) {
      const model = randomRobot(rng, { bodies: 8, mimics: 0.3 });
      const data = new RobotData(model);
      const q = randomVector(rng, model.nq, 2);
      const gravity = [rng.range(-5, 5), rng.range(-5, 5), -9.81] as const;
      const tau = new Float64Array(model.nq);
      forwardKinematics(model, data, q);
      rnea(model, data, null, null, tau, gravity);
      const slope = q.map((_, i) => {
        const at = (shift: number) => {
          const moved = q.slice();
          moved[i] += shift;
          forwardKinematics(model, data, moved);
          return potentialEnergy(model, data, gravity);
        };
        return (at(1e-5) - at(-1e-5)) / 2e-5;
      });
      expect(relativeError(tau, slope), `trial ${trial}`).toBeLessThan(1e-8);
    }
  });

  test('torque power is the change of total energy along a smooth motion', () => {
    for (let trial = 0; trial < 30; trial++) {
      const model = randomRobot(rng, { bodies: 7, mimics: 0.3 });
      const data = new RobotData(model);
      const n = model.nq;
      const [amplitude, phase] = [randomVector(rng, n, 1), randomVector(rng, n, 3)];
      const q = (t: number) => amplitude.map((x, i) => x * Math.sin(t + phase[i]));
      const v = (t: number) => amplitude.map((x, i) => x * Math.cos(t + phase[i]));
      const energy = (t: number) => {
        forwardKinematics(model, data, q(t));
        return kineticEnergy(model, data, v(t)) + potentialEnergy(model, data);
      };
      const rate = (energy(1e-5) - energy(-1e-5)) / 2e-5;
      const tau = new Float64Array(n);
      forwardKinematics(model, data, q(0));
      rnea(
        model,
        data,
        v(0),
        q(0).map((x) => -x),
        tau,
      );
      const power = v(0).reduce((sum, rateOfJoint, i) => sum + rateOfJoint * tau[i], 0);
      expect(relativeError([power], [rate]), `trial ${trial}`).toBeLessThan(1e-7);
    }
  });

  test('nulls stand for zeros', () => {
    const model = randomRobot(rng, { bodies: 6, mimics: 0.2 });
    const data = new RobotData(model);
    const zero = new Float64Array(model.nq);
    const [a, b] = [new Float64Array(model.nq), new Float64Array(model.nq)];
    forwardKinematics(model, data, randomVector(rng, model.nq, 2));
    rnea(model, data, null, null, a);
    rnea(model, data, zero, zero, b);
    expect(a).toEqual(b);
  });
});
