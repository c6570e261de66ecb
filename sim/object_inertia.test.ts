import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { sceneObject } from '../test/support/sim_rig.ts';
import { objectInertia, principalAxes } from './object_inertia.ts';

describe('inertia of objects', () => {
  test('principal axes are a rotation that makes the tensor diagonal', () => {
    const rng = createRng(1);
    for (let trial = 0; trial < 300; trial++) {
      // A sum of squares is positive definite; some nearly round, some with two moments alike.
      const rows = Array.from({ length: trial % 3 === 0 ? 2 : 5 }, () => [rng.normal(), rng.normal(), rng.normal()]);
      const entry = (i: number, j: number) => rows.reduce((sum, row) => sum + row[i] * row[j], i === j ? trial % 2 : 0);
      const tensor = [entry(0, 0), entry(1, 1), entry(2, 2), entry(0, 1), entry(0, 2), entry(1, 2)];
      const { moments, axes: R } = principalAxes(tensor);
      const T = [tensor[0], tensor[3], tensor[4], tensor[3], tensor[1], tensor[5], tensor[4], tensor[5], tensor[2]];
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          let inner = 0;
          let turned = 0;
          for (let a = 0; a < 3; a++) {
            inner += R[3 * a + i] * R[3 * a + j];
            for (let b = 0; b < 3; b++) turned += R[3 * a + i] * T[3 * a + b] * R[3 * b + j];
          }
          expect(inner, `trial ${trial}`).toBeCloseTo(i === j ? 1 : 0, 12);
          expect(turned, `trial ${trial} ${i} ${j}`).toBeCloseTo(i === j ? moments[i] : 0, 11);
        }
      }
      const [a, b, c, d, e, f, g, h, i] = R;
      expect(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g), `trial ${trial}`).toBeCloseTo(1, 12);
    }
  });

  test('a diagonal tensor keeps its axes, whatever their order', () => {
    expect(principalAxes([3, 1, 2, 0, 0, 0])).toEqual({ moments: [3, 1, 2], axes: [1, 0, 0, 0, 1, 0, 0, 0, 1] });
  });

  test('what an object states comes before what its shape says', () => {
    const ball = sceneObject({ type: 'sphere', radius: 0.1 }, [0, 0, 0], { mass_kg: 2 });
    expect(objectInertia(ball).moments).toEqual([0.008, 0.008, 0.008].map((x) => expect.closeTo(x, 12)));
    const stated = objectInertia({ ...ball, com_m: [0.01, 0, 0], inertia_kg_m2: [1, 2, 3, 0, 0, 0.1] });
    expect(stated.com).toEqual([0.01, 0, 0]);
    expect(stated.moments[0]).toBe(1);
    expect(stated.moments[1] + stated.moments[2]).toBeCloseTo(5, 12);
  });
});
