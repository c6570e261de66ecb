import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { TwistSolver } from './twist_solver.ts';

/** Eigenvalues of a symmetric matrix by cyclic Jacobi rotations, smallest first. */
function eigenvalues(A: number[][]): number[] {
  const n = A.length;
  const M = A.map((row) => [...row]);
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const angle = 0.5 * Math.atan2(2 * M[p][q], M[q][q] - M[p][p]);
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < n; k++) {
          const [x, y] = [M[k][p], M[k][q]];
          M[k][p] = c * x - s * y;
          M[k][q] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [M[p][k], M[q][k]];
          M[p][k] = c * x - s * y;
          M[q][k] = s * x + c * y;
        }
      }
    }
  }
  return M.map((row, i) => row[i]).sort((a, b) => a - b);
}

const times = (J: Float64Array, n: number, row: number, x: ArrayLike<number>) => {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += J[row * n + k] * x[k];
  return sum;
};

describe('joint velocities for a twist', () => {
  it('meets the twist with the least joint velocities where the task is regular, for any number of rows', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed, 'twist solver');
      const n = 6 + rng.int(3);
      const solver = new TwistSolver(n, 0);
      solver.rows = 1 + rng.int(6);
      for (let k = 0; k < 6 * n; k++) solver.J[k] = rng.normal();
      for (let r = 0; r < 6; r++) solver.wanted[r] = rng.normal();
      solver.solve();
      const { velocity, J, rows, wanted } = solver;
      for (let r = 0; r < rows; r++) expect(times(J, n, r, velocity), `seed ${seed}`).toBeCloseTo(wanted[r], 6);
      // Least norm: nothing in the null space. Any direction less its part in the rows is orthogonal to the solution.
      const other = new TwistSolver(n, 0);
      other.rows = rows;
      other.J.set(J);
      const x = Float64Array.from({ length: n }, () => rng.normal());
      for (let r = 0; r < rows; r++) other.wanted[r] = times(J, n, r, x);
      other.solve();
      const product = velocity.reduce((sum, v, k) => sum + v * (x[k] - other.velocity[k]), 0);
      expect(product, `seed ${seed}`).toBeCloseTo(0, 6);
    }
  });

  it('finds the least singular value, whatever was solved before', () => {
    const solver = new TwistSolver(7, 0.1);
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed, 'singular value');
      for (let k = 0; k < 42; k++) solver.J[k] = rng.normal();
      for (let round = 0; round < 12; round++) solver.solve();
      const A = Array.from({ length: 6 }, (_, r) =>
        Array.from({ length: 6 }, (__, c) => times(solver.J, 7, r, solver.J.subarray(7 * c, 7 * c + 7))),
      );
      const exact = Math.sqrt(eigenvalues(A)[0]);
      expect(solver.least[0], `seed ${seed}`).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
      expect(solver.least[0], `seed ${seed}`).toBeLessThanOrEqual(exact * 1.05);
    }
  });

  it('stays bounded at a singularity, and keeps to the twist across the weak direction', () => {
    const solver = new TwistSolver(6, 0.1);
    for (const weak of [1e-1, 1e-2, 1e-4, 1e-8, 0]) {
      solver.J.fill(0);
      for (let r = 0; r < 6; r++) solver.J[7 * r] = r === 2 ? weak : 1;
      solver.wanted.fill(0.3);
      for (let round = 0; round < 4; round++) solver.solve();
      expect(solver.least[0]).toBeCloseTo(weak, 9);
      for (let k = 0; k < 6; k++) {
        if (k === 2) expect(Math.abs(solver.velocity[k])).toBeLessThanOrEqual(0.3 / 0.05 + 1e-9);
        else expect(solver.velocity[k]).toBeCloseTo(0.3, 6);
      }
    }
  });
});
