import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { drawRigid } from '../../test/support/camera_geometry.ts';
import { nearestRotation, symmetricEigen } from './symmetric_eigen.ts';

describe('symmetric eigen-decomposition', () => {
  it('makes the matrix again from orthonormal vectors and falling values', () => {
    const rng = createRng(1, 'eigen');
    for (let round = 0; round < 100; round++) {
      const n = 1 + rng.int(9);
      const A = new Float64Array(n * n);
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = rng.normal();
      const { values, vectors } = symmetricEigen(A, n);
      for (let i = 0; i < n; i++) {
        if (i > 0) expect(values[i - 1]).toBeGreaterThanOrEqual(values[i]);
        for (let j = 0; j < n; j++) {
          let again = 0;
          let dot = 0;
          for (let k = 0; k < n; k++) {
            again += values[k] * vectors[i * n + k] * vectors[j * n + k];
            dot += vectors[k * n + i] * vectors[k * n + j];
          }
          expect(again, `round ${round}`).toBeCloseTo(A[i * n + j], 10);
          expect(dot, `round ${round}`).toBeCloseTo(i === j ? 1 : 0, 10);
        }
      }
    }
  });

  it('finds the rotation in a matrix that noise has bent', () => {
    const rng = createRng(2, 'rotation');
    for (let round = 0; round < 100; round++) {
      const R = drawRigid(rng, 1.8, 0).subarray(0, 9);
      const bent = R.map((value) => 3 * (value + 0.001 * rng.normal()));
      nearestRotation(bent).forEach((value, i) => {
        expect(Math.abs(value - R[i]), `round ${round}`).toBeLessThan(0.01);
      });
    }
  });
});
