import { InputError } from '../contracts/index.ts';

/** Inverse of a 3×3 matrix, row-major. Throws InputError for one that is singular to working precision. */
export function inverse3(M: ArrayLike<number>): Float64Array {
  const [a, b, c, d, e, f, g, h, i] = Array.from(M);
  const cofactors = [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f];
  const last = [d * h - e * g, b * g - a * h, a * e - b * d];
  const determinant = a * cofactors[0] + b * cofactors[3] + c * last[0];
  const size = Math.max(...Array.from(M, Math.abs));
  if (!(Math.abs(determinant) > 1e-14 * size ** 3)) {
    throw new InputError(`3×3 matrix with determinant ${determinant}`, 'must be invertible');
  }
  return Float64Array.from([...cofactors, ...last], (value) => value / determinant);
}

/**
 * The rotation nearest to M, its orthogonal polar factor, by Newton's iteration (Higham, "Computing the polar decomposition",
 * SIAM J. Sci. Stat. Comput. 7, 1986). Throws InputError where M is singular or mirrors.
 */
export function polarRotation(M: ArrayLike<number>): Float64Array {
  const size = Math.max(...Array.from(M, Math.abs));
  let Q = Float64Array.from(M, (value) => value / size);
  for (let step = 0; step < 100; step++) {
    const inverse = inverse3(Q);
    const next = Q.map((value, k) => 0.5 * (value + inverse[3 * (k % 3) + Math.floor(k / 3)]));
    const change = Math.max(...next.map((value, k) => Math.abs(value - Q[k])));
    Q = next;
    if (change < 1e-15) break;
  }
  const determinant =
    Q[0] * (Q[4] * Q[8] - Q[5] * Q[7]) - Q[1] * (Q[3] * Q[8] - Q[5] * Q[6]) + Q[2] * (Q[3] * Q[7] - Q[4] * Q[6]);
  if (determinant < 0) throw new InputError('nearest rotation', 'the matrix must not mirror');
  return Q;
}
