/** Velocities and accelerations of a spline at its knots, rows as of its positions. */
export interface SplineRates {
  readonly velocity: Float64Array<ArrayBuffer>;
  readonly acceleration: Float64Array<ArrayBuffer>;
}

/**
 * Rates at the knots of the cubic spline through rows of n positions at rising times (s, at least two), which begins with
 * velocities `first` (n) and ends at rest. Its accelerations are continuous; those of the first and last knot are given as 0,
 * so that a quintic interpolation of the result begins and ends without a jump.
 * Source: C. de Boor, "A Practical Guide to Splines", 1978, ch. IV (complete cubic spline), by the Thomas algorithm.
 */
export function splineVelocities(time_s: Float64Array, position: Float64Array, first: Float64Array): SplineRates {
  const n = first.length;
  const last = time_s.length - 1;
  const velocity = new Float64Array(position.length);
  const acceleration = new Float64Array(position.length);
  const h = (k: number) => time_s[k + 1] - time_s[k];
  const slope = (k: number, i: number) => (position[(k + 1) * n + i] - position[k * n + i]) / h(k);
  const factor = new Float64Array(last + 1);
  for (let i = 0; i < n; i++) {
    velocity[i] = first[i];
    // h(k) v(k−1) + 2 (h(k−1) + h(k)) v(k) + h(k−1) v(k+1) = 3 (h(k) slope(k−1) + h(k−1) slope(k))
    for (let k = 1; k < last; k++) {
      const below = h(k);
      const pivot = 2 * (h(k - 1) + h(k)) - (k > 1 ? below * factor[k - 1] : 0);
      factor[k] = h(k - 1) / pivot;
      const right = 3 * (h(k) * slope(k - 1, i) + h(k - 1) * slope(k, i));
      velocity[k * n + i] = (right - below * velocity[(k - 1) * n + i]) / pivot;
    }
    for (let k = last - 1; k >= 1; k--) velocity[k * n + i] -= factor[k] * velocity[(k + 1) * n + i];
    for (let k = 1; k < last; k++) {
      const [v0, v1] = [velocity[k * n + i], velocity[(k + 1) * n + i]];
      acceleration[k * n + i] = (6 * slope(k, i) - 4 * v0 - 2 * v1) / h(k);
    }
  }
  return { velocity, acceleration };
}
