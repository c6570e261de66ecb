import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../test/support/heap.ts';
import { freeOfMimics, randomRobot, randomVector, relativeError } from '../test/support/random_robot.ts';
import {
  choleskyFactor,
  choleskySolve,
  crba,
  forwardDynamics,
  forwardKinematics,
  frameJacobian,
  framePose,
  kineticEnergy,
  potentialEnergy,
  RobotData,
  type RobotModel,
  rnea,
} from './index.ts';

/** Energy error of the unforced robot after `seconds`, integrated by semi-implicit Euler. */
function energyDrift(model: RobotModel, q0: Float64Array, v0: Float64Array, dt: number, seconds: number): number {
  const data = new RobotData(model);
  const [q, v] = [q0.slice(), v0.slice()];
  const [tau, qdd] = [new Float64Array(model.nq), new Float64Array(model.nq)];
  const energy = () => {
    forwardKinematics(model, data, q);
    return kineticEnergy(model, data, v) + potentialEnergy(model, data);
  };
  const start = energy();
  for (let k = 0; k < Math.round(seconds / dt); k++) {
    forwardKinematics(model, data, q);
    forwardDynamics(model, data, v, tau, qdd);
    for (let i = 0; i < model.nq; i++) {
      v[i] += dt * qdd[i];
      q[i] += dt * v[i];
    }
  }
  return Math.abs(energy() - start);
}

describe('forward dynamics', () => {
  const rng = createRng(51);

  test('agrees between the articulated bodies and M⁻¹ (tau − h)', () => {
    for (let trial = 0; trial < 100; trial++) {
      const model = randomRobot(rng, { bodies: 1 + rng.int(10) });
      const data = new RobotData(model);
      const n = model.nq;
      const [v, tau] = [randomVector(rng, n, 3), randomVector(rng, n, 30)];
      const [qdd, other] = [new Float64Array(n), new Float64Array(n)];
      forwardKinematics(model, data, randomVector(rng, n, 3));
      forwardDynamics(model, data, v, tau, qdd);
      rnea(model, data, v, null, other);
      crba(model, data);
      choleskyFactor(data, null);
      for (let i = 0; i < n; i++) other[i] = tau[i] - other[i];
      choleskySolve(data, other, 0, other, 0);
      expect(relativeError(qdd, other), `trial ${trial}`).toBeLessThan(1e-9);
    }
  });

  test('a mimic joint is the full tree held by its constraint', () => {
    for (let trial = 0; trial < 100; trial++) {
      const model = randomRobot(rng, { bodies: 8, mimics: 0.4 });
      const free = freeOfMimics(model);
      const [data, all] = [new RobotData(model), new RobotData(free)];
      const n = model.nq;
      const spread = (x: Float64Array, shift: boolean) =>
        Float64Array.from(model.coordinate, (c, b) => model.multiplier[b] * x[c] + (shift ? model.offset[b] : 0));
      const [q, v, tau] = [randomVector(rng, n, 2), randomVector(rng, n, 2), randomVector(rng, n, 20)];
      const qdd = new Float64Array(n);
      forwardKinematics(model, data, q);
      forwardDynamics(model, data, v, tau, qdd);
      // d'Alembert: the tree's torque along G is the drive, so constraint forces do no work along allowed motion
      forwardKinematics(free, all, spread(q, true));
      const tree = new Float64Array(model.nb);
      rnea(free, all, spread(v, false), spread(qdd, false), tree);
      const along = new Float64Array(n);
      for (let b = 0; b < model.nb; b++) along[model.coordinate[b]] += model.multiplier[b] * tree[b];
      expect(relativeError(along, tau), `trial ${trial}`).toBeLessThan(1e-9);
      expect(relativeError(data.R, all.R)).toBeLessThan(1e-12);
    }
  });

  test('keeps the energy of a free robot, the better the smaller the step (first order)', () => {
    for (let trial = 0; trial < 3; trial++) {
      const model = randomRobot(rng, { bodies: 5, mimics: trial === 2 ? 0.5 : 0 });
      const [q, v] = [randomVector(rng, model.nq, 1), randomVector(rng, model.nq, 0.5)];
      const drift = [1e-3, 1e-4, 1e-5].map((dt) => energyDrift(model, q, v, dt, 0.2));
      expect(drift[1], `trial ${trial}: ${drift}`).toBeLessThan(drift[0] / 5);
      expect(drift[2], `trial ${trial}: ${drift}`).toBeLessThan(drift[1] / 5);
    }
  });

  test('nothing is allocated at loop rate', () => {
    for (const mimics of [0, 0.3]) {
      const model = randomRobot(createRng(8), { bodies: 9, mimics });
      const data = new RobotData(model);
      const n = model.nq;
      const [q, v, tau] = [randomVector(rng, n, 1), randomVector(rng, n, 1), randomVector(rng, n, 1)];
      const [out, J, pose] = [new Float64Array(n), new Float64Array(6 * n), new Float64Array(12)];
      const growth = heapGrowthPerCall(() => {
        forwardKinematics(model, data, q);
        forwardDynamics(model, data, v, tau, out);
        rnea(model, data, v, tau, out);
        crba(model, data);
        choleskyFactor(data, null);
        choleskySolve(data, tau, 0, out, 0);
        framePose(model, data, 3, pose);
        frameJacobian(model, data, 3, J);
      });
      expect(growth, `mimics ${mimics}`).toBeLessThanOrEqual(BOXED_NUMBER);
    }
  });
});
