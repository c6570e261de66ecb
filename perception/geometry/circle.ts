export interface Circle {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/**
 * Circle through points by algebraic least squares with Pratt's constraint solved by Newton's method from 0 (Pratt, 1987;
 * Chernov, 2010): unlike the plain algebraic fit it is not drawn to small radii on short arcs.
 * @param points  x, y pairs of at least 3 points that are not all on one line
 */
export function fitCircle(points: Float64Array): Circle {
  const n = points.length / 2;
  let mx = 0;
  let my = 0;
  for (let k = 0; k < points.length; k += 2) {
    mx += points[k] / n;
    my += points[k + 1] / n;
  }
  let [Mxx, Myy, Mxy, Mxz, Myz, Mzz] = [0, 0, 0, 0, 0, 0];
  for (let k = 0; k < points.length; k += 2) {
    const x = points[k] - mx;
    const y = points[k + 1] - my;
    const z = x * x + y * y;
    Mxx += (x * x) / n;
    Myy += (y * y) / n;
    Mxy += (x * y) / n;
    Mxz += (x * z) / n;
    Myz += (y * z) / n;
    Mzz += (z * z) / n;
  }
  const Mz = Mxx + Myy;
  const covariance = Mxx * Myy - Mxy * Mxy;
  const A2 = 4 * covariance - 3 * Mz * Mz - Mzz;
  const A1 = Mzz * Mz + 4 * covariance * Mz - Mxz * Mxz - Myz * Myz - Mz * Mz * Mz;
  const A0 = Mxz * Mxz * Myy + Myz * Myz * Mxx - Mzz * covariance - 2 * Mxz * Myz * Mxy + Mz * Mz * covariance;
  let t = 0;
  let value = A0;
  for (let i = 0; i < 40; i++) {
    const slope = A1 + t * (2 * A2 + 16 * t * t);
    const next = t - value / slope;
    if (next === t || !Number.isFinite(next)) break;
    const at = A0 + next * (A1 + next * (A2 + 4 * next * next));
    if (Math.abs(at) >= Math.abs(value)) break;
    t = next;
    value = at;
  }
  const D = t * t - t * Mz + covariance;
  const x = (Mxz * (Myy - t) - Myz * Mxy) / D / 2;
  const y = (Myz * (Mxx - t) - Mxz * Mxy) / D / 2;
  return { x: x + mx, y: y + my, radius: Math.sqrt(x * x + y * y + Mz + 2 * t) };
}
