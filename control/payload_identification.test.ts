import { describe, expect, it } from 'vitest';
import { createRng, InputError, type Vector3 } from '../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import { loadRobot, withPayload } from '../robots/index.ts';
import { CannonEngine } from '../sim/index.ts';
import { EngineRig, grasp, SimRig, tableScene } from '../test/support/sim_rig.ts';
import { PayloadIdentification } from './payload_identification.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;
const { nq } = PANDA.model;

/** What `n` poses tell, torques with noise of `sigma` Nm; in motion or at rest. */
function identify(seed: number, n: number, sigma: number, moving: boolean) {
  const rng = createRng(seed, 'payload');
  const com_m: Vector3 = [rng.range(-0.05, 0.05), rng.range(-0.05, 0.05), rng.range(-0.02, 0.12)];
  const [a, b, c] = [rng.range(0.004, 0.006), rng.range(0.004, 0.006), rng.range(0.004, 0.006)];
  const payload = { mass_kg: rng.range(0.3, 3), com_m, inertia: [a, b, c, 2e-4, -3e-4, 1e-4] };
  const loaded = withPayload(PANDA, payload);
  const found = new PayloadIdentification(PANDA);
  const data = new RobotData(loaded.model);
  for (let k = 0; k < n; k++) {
    const arm = (low: number, high: number) =>
      Float64Array.from({ length: nq }, (_, i) => (i < N ? rng.range(low, high) : 0));
    const q = PANDA.home_q.map((home, i) => home + (i < N ? rng.range(-0.8, 0.8) : 0));
    const v = moving ? arm(-1, 1) : new Float64Array(nq);
    const acceleration = moving ? arm(-5, 5) : null;
    const tau = new Float64Array(nq);
    forwardKinematics(loaded.model, data, q);
    rnea(loaded.model, data, v, acceleration, tau);
    found.addTorques(
      q,
      v,
      acceleration,
      tau.map((x) => x + sigma * rng.normal()),
    );
  }
  return { found, payload };
}

describe('payload identification', () => {
  it('finds mass and centre of mass exactly from poses at rest without noise', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { found, payload } = identify(seed, 6, 0, false);
      const { payload: estimate } = found.estimate();
      expect(estimate.mass_kg, `seed ${seed}`).toBeCloseTo(payload.mass_kg, 8);
      for (let k = 0; k < 3; k++) expect(estimate.com_m?.[k], `seed ${seed}`).toBeCloseTo(payload.com_m[k], 8);
    }
  });

  it('finds the inertia too from motion', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { found, payload } = identify(seed, 40, 0, true);
      const { payload: estimate } = found.estimate(true);
      expect(estimate.mass_kg).toBeCloseTo(payload.mass_kg, 7);
      for (let k = 0; k < 6; k++) {
        expect(estimate.inertia?.[k], `seed ${seed}, moment ${k}`).toBeCloseTo(payload.inertia[k], 7);
      }
      expect(() => withPayload(PANDA, estimate)).not.toThrow();
    }
  });

  it('states intervals that hold the truth about 95 times in 100', () => {
    let [inside, tried] = [0, 0];
    for (let seed = 0; seed < 60; seed++) {
      const { found, payload } = identify(seed, 20, 0.1, false);
      const { payload: estimate, mass_interval_kg, com_interval_m, residual } = found.estimate();
      expect(residual, `seed ${seed}`).toBeGreaterThan(0.07);
      expect(residual, `seed ${seed}`).toBeLessThan(0.13);
      const com = estimate.com_m ?? [0, 0, 0];
      for (const [error, interval] of [
        [estimate.mass_kg - payload.mass_kg, mass_interval_kg],
        ...com.map((x, k) => [x - payload.com_m[k], com_interval_m[k]]),
      ]) {
        tried++;
        if (Math.abs(error) <= interval) inside++;
      }
    }
    expect(inside / tried).toBeGreaterThan(0.9);
    expect(inside / tried).toBeLessThan(0.995);
  });

  it('says why it cannot tell', () => {
    const found = new PayloadIdentification(PANDA);
    expect(() => found.estimate()).toThrow(InputError);
    expect(() => identify(1, 1, 0, false).found.estimate()).toThrow('turned differently');
    expect(() => identify(1, 10, 0, false).found.estimate(true)).toThrow('motion about more axes');
    const empty = identify(1, 10, 0, false).found;
    empty.reset();
    const data = new RobotData(PANDA.model);
    const rng = createRng(4, 'nothing');
    for (let k = 0; k < 10; k++) {
      const q = PANDA.home_q.map((home, i) => home + (i < N ? rng.range(-0.8, 0.8) : 0));
      const tau = new Float64Array(nq);
      forwardKinematics(PANDA.model, data, q);
      rnea(PANDA.model, data, null, null, tau);
      empty.addTorques(
        q,
        new Float64Array(nq),
        null,
        tau.map((x) => x + 0.05 * rng.normal()),
      );
    }
    expect(() => empty.estimate()).toThrow('above its uncertainty');
  });

  it('weighs what is bolted to the hand of a simulated arm, to 5 %', () => {
    const payload = { mass_kg: 1.2, com_m: [0.02, -0.01, 0.05] as const };
    const rig = new EngineRig(new CannonEngine(withPayload(PANDA, payload), tableScene([])), PANDA.home_q);
    const rng = createRng(5, 'poses');
    const found = new PayloadIdentification(PANDA);
    for (let k = 0; k < 8; k++) {
      const to = PANDA.home_q.map((home, i) => home + (i < N ? rng.range(-0.5, 0.5) : 0));
      for (const way of [1, -1]) {
        // Coming to rest from either side, so that dry friction cancels.
        rig.move(
          to.map((x, i) => (i < N ? x + way * 0.05 : x)),
          200,
        );
        rig.move(to, 150);
        rig.run(250);
        const { position, effort } = rig.arm.read();
        found.addTorques(position, new Float64Array(nq), null, effort);
      }
    }
    const { payload: estimate, mass_interval_kg } = found.estimate();
    expect(Math.abs(estimate.mass_kg - 1.2), `± ${mass_interval_kg} kg`).toBeLessThan(0.06);
    for (let k = 0; k < 3; k++) expect(Math.abs((estimate.com_m?.[k] ?? 0) - payload.com_m[k])).toBeLessThan(0.015);
  });

  it('weighs a held box by the wrench at the wrist', () => {
    const options = { mass_kg: 0.4, friction: 0.9 };
    const rig = grasp({ type: 'box', size: [0.05, 0.05, 0.1] }, 40, options, (scene, q) => new SimRig(scene, q));
    const found = new PayloadIdentification(PANDA);
    const start = rig.engine.q.slice();
    for (const [roll, turn] of [
      [0, 0],
      [0.4, 0.5],
      [-0.4, 0.5],
      [0.4, -0.5],
      [0, 0.8],
    ]) {
      const to = start.slice();
      to[5] += roll;
      to[6] += turn;
      to[4] += 0.5 * turn;
      rig.move(to, 500);
      rig.run(200);
      const { position, wrench } = rig.arm.read();
      found.addWrench(position, new Float64Array(nq), null, wrench);
    }
    const { payload } = found.estimate();
    expect(Math.abs(payload.mass_kg - 0.4)).toBeLessThan(0.02);
  });
});
