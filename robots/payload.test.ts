import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../contracts/index.ts';
import {
  crba,
  forwardKinematics,
  frameIndex,
  frameJacobian,
  framePose,
  GRAVITY,
  RobotData,
  rnea,
} from '../dynamics/index.ts';
import { loadRobot } from './load.ts';
import { type Payload, withPayload } from './payload.ts';

const PANDA = loadRobot('panda');
const { nq } = PANDA.model;

function randomPayload(rng: ReturnType<typeof createRng>): Required<Payload> {
  const mass_kg = rng.range(0.1, 3);
  // Of a box turned at random: moments of masses.
  const points = Array.from({ length: 6 }, () => [rng.range(-0.1, 0.1), rng.range(-0.1, 0.1), rng.range(-0.1, 0.1)]);
  const mean = [0, 1, 2].map((k) => points.reduce((sum, p) => sum + p[k] / 6, 0));
  const inertia = [0, 0, 0, 0, 0, 0];
  for (const point of points) {
    const [x, y, z] = [0, 1, 2].map((k) => point[k] - mean[k]);
    [y * y + z * z, x * x + z * z, x * x + y * y, -x * y, -x * z, -y * z].forEach((value, k) => {
      inertia[k] += (mass_kg / 6) * value;
    });
  }
  return { mass_kg, com_m: [rng.range(-0.1, 0.1), rng.range(-0.1, 0.1), rng.range(-0.1, 0.2)], inertia };
}

describe('payload', () => {
  it('adds to gravity at the joints what Jᵀ w says, at random poses', () => {
    const rng = createRng(5);
    for (let trial = 0; trial < 50; trial++) {
      const payload = randomPayload(rng);
      const loaded = withPayload(PANDA, payload);
      const q = PANDA.home_q.map((x, i) => (i < 7 ? x + rng.range(-0.8, 0.8) : x));
      const data = new RobotData(PANDA.model);
      const frame = frameIndex(PANDA.model, PANDA.tcp_frame);
      const T = new Float64Array(12);
      const J = new Float64Array(6 * nq);
      const weight = new Float64Array(nq);
      forwardKinematics(PANDA.model, data, q);
      framePose(PANDA.model, data, frame, T);
      frameJacobian(PANDA.model, data, frame, J);
      rnea(PANDA.model, data, null, null, weight);
      const f = [0, 1, 2].map((k) => -payload.mass_kg * GRAVITY[k]);
      const r = [0, 1, 2].map((k) => [0, 1, 2].reduce((sum, j) => sum + T[3 * k + j] * payload.com_m[j], 0));
      const w = [...f, r[1] * f[2] - r[2] * f[1], r[2] * f[0] - r[0] * f[2], r[0] * f[1] - r[1] * f[0]];
      const after = new Float64Array(nq);
      const other = new RobotData(loaded.model);
      forwardKinematics(loaded.model, other, q);
      rnea(loaded.model, other, null, null, after);
      for (let i = 0; i < nq; i++) {
        let added = 0;
        for (let k = 0; k < 6; k++) added += J[k * nq + i] * w[k];
        expect(after[i] - weight[i], `trial ${trial}, joint ${i}`).toBeCloseTo(added, 10);
      }
    }
  });

  it('adds to the inertia the kinetic energy of a body that moves with the tool', () => {
    const rng = createRng(6);
    for (let trial = 0; trial < 30; trial++) {
      const payload = randomPayload(rng);
      const loaded = withPayload(PANDA, payload);
      const q = PANDA.home_q.map((x, i) => (i < 7 ? x + rng.range(-0.8, 0.8) : x));
      const v = Float64Array.from({ length: nq }, () => rng.range(-1, 1));
      const energy = (model: typeof PANDA.model) => {
        const data = new RobotData(model);
        forwardKinematics(model, data, q);
        crba(model, data);
        let sum = 0;
        for (let i = 0; i < nq; i++) for (let j = 0; j < nq; j++) sum += 0.5 * v[i] * data.M[i * nq + j] * v[j];
        return sum;
      };
      const data = new RobotData(PANDA.model);
      const frame = frameIndex(PANDA.model, PANDA.tcp_frame);
      const T = new Float64Array(12);
      const J = new Float64Array(6 * nq);
      forwardKinematics(PANDA.model, data, q);
      framePose(PANDA.model, data, frame, T);
      frameJacobian(PANDA.model, data, frame, J);
      const twist = Array.from({ length: 6 }, (_, k) => v.reduce((sum, x, i) => sum + J[k * nq + i] * x, 0));
      const toTool = (u: readonly number[]) => [0, 1, 2].map((k) => T[k] * u[0] + T[3 + k] * u[1] + T[6 + k] * u[2]);
      const [vx, vy, vz] = toTool(twist.slice(0, 3));
      const [wx, wy, wz] = toTool(twist.slice(3));
      const [x, y, z] = payload.com_m;
      const speed = Math.hypot(vx + wy * z - wz * y, vy + wz * x - wx * z, vz + wx * y - wy * x);
      const [xx, yy, zz, xy, xz, yz] = payload.inertia;
      const spin = xx * wx * wx + yy * wy * wy + zz * wz * wz + 2 * (xy * wx * wy + xz * wx * wz + yz * wy * wz);
      const expected = 0.5 * payload.mass_kg * speed * speed + 0.5 * spin;
      expect(energy(loaded.model) - energy(PANDA.model), `trial ${trial}`).toBeCloseTo(expected, 10);
    }
  });

  it.each([
    [{ mass_kg: 0 }, /mass_kg 0: a finite number above 0/],
    [{ mass_kg: Number.NaN }, /mass_kg NaN/],
    [{ mass_kg: 1, com_m: [0, Number.NaN, 0] }, /com_m/],
    [{ mass_kg: 1, inertia: [1, 1] }, /six finite/],
    [{ mass_kg: 1, inertia: [1, 1, 3, 0, 0, 0] }, /that of a body of mass/],
    [{ mass_kg: 1, inertia: [1, 1, 1, 2, 0, 0] }, /that of a body of mass/],
  ] satisfies [Payload, RegExp][])('%j is refused', (payload, message) => {
    expect(() => withPayload(PANDA, payload)).toThrow(InputError);
    expect(() => withPayload(PANDA, payload)).toThrow(message);
  });
});
