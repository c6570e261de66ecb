import { expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { DenseCholesky } from './dense_cholesky.ts';

it('solves what it multiplies, for random positive definite matrices of every size', () => {
  const rng = createRng(1, 'cholesky');
  for (let n = 1; n <= 12; n++) {
    const solver = new DenseCholesky(n);
    for (let c = 0; c < 20; c++) {
      const B = Float64Array.from({ length: n * n }, () => rng.range(-1, 1));
      const damping = c % 2 === 0 ? 0 : rng.uniform();
      const A = Float64Array.from({ length: n * n }, (_, k) => {
        const [i, j] = [Math.floor(k / n), k % n];
        let sum = i === j ? 0.1 : 0;
        for (let l = 0; l < n; l++) sum += B[i * n + l] * B[j * n + l];
        return sum;
      });
      const x = Float64Array.from({ length: n }, () => rng.range(-3, 3));
      const b = x.map((value, i) => x.reduce((sum, y, j) => sum + A[i * n + j] * y, damping * value));
      expect(solver.factor(A, damping)).toBe(true);
      solver.solve(b, 0, b, 0);
      for (let i = 0; i < n; i++) expect(b[i], `size ${n}, case ${c}`).toBeCloseTo(x[i], 9);
    }
  }
});

it('tells a singular matrix, and how near to one another is', () => {
  const solver = new DenseCholesky(2);
  expect(solver.factor(Float64Array.of(1, 1, 1, 1))).toBe(false);
  expect(solver.factor(Float64Array.of(1, 2, 2, 1))).toBe(false);
  expect(solver.factor(Float64Array.of(1, 0.999, 0.999, 1))).toBe(true);
  expect(solver.least_pivot[0]).toBeCloseTo(1 - 0.999 ** 2, 12);
});
