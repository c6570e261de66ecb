/** How motions and errors of what is tracked are modelled. */
export interface MotionModel {
  /** Spectral density of what moves a thing at rest (m²/s), and of accelerations of one that moves (m²/s³). */
  readonly rest_density: number;
  readonly motion_density: number;
  /** Deviation of the velocity of what starts to move, m/s. */
  readonly speed_mps: number;
  /**
   * Share of a measurement's covariance that stays from picture to picture of one camera: its mounting, the outline seen from
   * there. It is not averaged away.
   */
  readonly persistent: number;
  /** Way of camera or object over which the persistent error falls to 1/e, m. */
  readonly decorrelation_m: number;
}

export const DEFAULT_MOTION: MotionModel = {
  rest_density: 1e-8,
  motion_density: 0.5,
  speed_mps: 0.3,
  persistent: 0.9,
  decorrelation_m: 0.1,
};

const N = 6;

/**
 * Position and velocity of one thing from positions seen by several cameras. Each camera errs by what stays, G u with
 * G Gᵀ = persistent R, and what is new in every picture. The former is considered and not estimated (Schmidt, 1966; Jazwinski,
 * 1970, 8.4): the filter keeps Cov(x, u) of each camera, so that many pictures of one camera never count for more than its
 * mounting allows, and pictures of several do count together. A thing at rest has a velocity of 0 (constant position); one
 * that moves a constant one.
 */
export class PositionFilter {
  /** x, y, z (m), and velocities (m/s). */
  readonly x = new Float64Array(N);
  /** Covariance of x, row-major 6×6. */
  readonly P = new Float64Array(N * N);
  moving = false;
  private readonly model: MotionModel;
  /** Of each camera: covariance of x with its persistent error, 6×3, whitened. */
  private readonly crossed = new Map<string, Float64Array>();
  private readonly S = new Float64Array(9);
  private readonly Si = new Float64Array(9);
  private readonly G = new Float64Array(9);
  private readonly K = new Float64Array(18);
  private readonly A = new Float64Array(18);
  private readonly r = new Float64Array(3);

  constructor(model: MotionModel = DEFAULT_MOTION) {
    this.model = model;
  }

  /** Begins at a measurement. @param R  its covariance, row-major 3×3 (m²) */
  start(camera: string, z: ArrayLike<number>, R: Float64Array): void {
    const { x, P, G } = this;
    x.fill(0);
    P.fill(0);
    this.crossed.clear();
    this.moving = false;
    for (let i = 0; i < 3; i++) {
      x[i] = z[i];
      for (let j = 0; j < 3; j++) P[N * i + j] = R[3 * i + j];
    }
    this.factor(R);
    const C = new Float64Array(18);
    for (let i = 0; i < 9; i++) C[i] = -G[i];
    this.crossed.set(camera, C);
  }

  /** Lets time pass. */
  predict(dt_s: number): void {
    if (!(dt_s > 0)) return;
    const { P, x, moving, model } = this;
    if (!moving) {
      for (let i = 0; i < 3; i++) P[7 * i] += model.rest_density * dt_s;
      return;
    }
    for (let i = 0; i < 3; i++) x[i] += dt_s * x[3 + i];
    // F P Fᵀ, rows first, then columns.
    for (let i = 0; i < 3; i++) for (let j = 0; j < N; j++) P[N * i + j] += dt_s * P[N * (3 + i) + j];
    for (let i = 0; i < N; i++) for (let j = 0; j < 3; j++) P[N * i + j] += dt_s * P[N * i + 3 + j];
    const q = model.motion_density;
    for (let i = 0; i < 3; i++) {
      P[7 * i] += (q * dt_s ** 3) / 3;
      P[N * i + 3 + i] += (q * dt_s * dt_s) / 2;
      P[N * (3 + i) + i] += (q * dt_s * dt_s) / 2;
      P[7 * (3 + i)] += q * dt_s;
    }
    for (const C of this.crossed.values()) for (let k = 0; k < 9; k++) C[k] += dt_s * C[9 + k];
    this.decorrelate(null, dt_s * Math.hypot(x[3], x[4], x[5]));
  }

  /** A camera (or with null all of them, since the thing did) has moved by so many metres. */
  decorrelate(camera: string | null, way_m: number): void {
    if (!(way_m > 0)) return;
    const keep = Math.exp(-way_m / this.model.decorrelation_m);
    for (const [name, C] of this.crossed)
      if (camera === null || name === camera) for (let k = 0; k < 18; k++) C[k] *= keep;
  }

  /** The thing has begun to move some time within the last dt: its velocity is unknown. */
  startMoving(dt_s: number): void {
    if (this.moving) return;
    const { P } = this;
    const v = this.model.speed_mps ** 2;
    this.moving = true;
    for (let i = 0; i < 3; i++) {
      P[7 * (3 + i)] = v;
      P[7 * i] += v * dt_s * dt_s;
      P[N * i + 3 + i] = v * dt_s;
      P[N * (3 + i) + i] = v * dt_s;
    }
  }

  /** The thing has come to rest. */
  stopMoving(): void {
    const { P, x } = this;
    this.moving = false;
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) if (i >= 3 || j >= 3) P[N * i + j] = 0;
      if (i >= 3) x[i] = 0;
    }
    for (const C of this.crossed.values()) C.fill(0, 9);
  }

  /** Squared Mahalanobis distance of a measurement, before it is taken. @param extra_m  deviation added to each axis (m) */
  distance(camera: string, z: ArrayLike<number>, R: Float64Array, extra_m = 0): number {
    this.innovation(camera, R);
    const { S, Si, r, x } = this;
    for (let i = 0; i < 3; i++) {
      S[4 * i] += extra_m * extra_m;
      r[i] = z[i] - x[i];
    }
    invert3(S, Si);
    return form3(Si, r);
  }

  /** Takes a measurement. @returns its squared Mahalanobis distance, chi-squared with 3 degrees where all is as modelled */
  update(camera: string, z: ArrayLike<number>, R: Float64Array): number {
    const { S, Si, G, K, A, r, x, P } = this;
    const own = this.innovation(camera, R);
    invert3(S, Si);
    for (let i = 0; i < 3; i++) r[i] = z[i] - x[i];
    const d2 = form3(Si, r);
    // A = P Hᵀ + C Gᵀ, K = A S⁻¹
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < 3; j++) {
        let sum = P[N * i + j];
        for (let k = 0; k < 3; k++) sum += own[3 * i + k] * G[3 * j + k];
        A[3 * i + j] = sum;
      }
    }
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < 3; j++) K[3 * i + j] = A[3 * i] * Si[j] + A[3 * i + 1] * Si[3 + j] + A[3 * i + 2] * Si[6 + j];
    }
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < 3; j++) x[i] += K[3 * i + j] * r[j];
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < 3; k++) sum += K[3 * i + k] * A[3 * j + k];
        P[N * i + j] -= sum;
        P[N * j + i] = P[N * i + j];
      }
    }
    for (const C of this.crossed.values()) {
      const [a, b] = [C.slice(0, 9), C === own];
      for (let i = 0; i < N; i++) {
        for (let j = 0; j < 3; j++) {
          let sum = 0;
          for (let k = 0; k < 3; k++) sum += K[3 * i + k] * (a[3 * k + j] + (b ? G[3 * k + j] : 0));
          C[3 * i + j] -= sum;
        }
      }
    }
    return d2;
  }

  /** S = H P Hᵀ + C Gᵀ + G Cᵀ + R, and G; the camera's covariance with x. */
  private innovation(camera: string, R: Float64Array): Float64Array {
    const { S, G, P } = this;
    this.factor(R);
    let C = this.crossed.get(camera);
    if (C === undefined) {
      C = new Float64Array(18);
      this.crossed.set(camera, C);
    }
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        let sum = P[N * i + j] + R[3 * i + j];
        for (let k = 0; k < 3; k++) sum += C[3 * i + k] * G[3 * j + k] + G[3 * i + k] * C[3 * j + k];
        S[3 * i + j] = sum;
      }
    }
    return C;
  }

  /** Lower triangular G with G Gᵀ = persistent R (Cholesky). */
  private factor(R: Float64Array): void {
    const { G } = this;
    G.fill(0);
    for (let j = 0; j < 3; j++) {
      let pivot = this.model.persistent * R[4 * j];
      for (let k = 0; k < j; k++) pivot -= G[3 * j + k] ** 2;
      G[4 * j] = Math.sqrt(Math.max(0, pivot));
      for (let i = j + 1; i < 3; i++) {
        let sum = this.model.persistent * R[3 * i + j];
        for (let k = 0; k < j; k++) sum -= G[3 * i + k] * G[3 * j + k];
        G[3 * i + j] = G[4 * j] > 0 ? sum / G[4 * j] : 0;
      }
    }
  }
}

/** Inverse of a symmetric positive definite 3×3 by cofactors. */
function invert3(S: Float64Array, out: Float64Array): void {
  const [a, b, c, e, f, g] = [S[0], S[1], S[2], S[4], S[5], S[8]];
  const [A, B, C] = [e * g - f * f, c * f - b * g, b * f - c * e];
  const det = a * A + b * B + c * C;
  out[0] = A / det;
  out[1] = out[3] = B / det;
  out[2] = out[6] = C / det;
  out[4] = (a * g - c * c) / det;
  out[5] = out[7] = (b * c - a * f) / det;
  out[8] = (a * e - b * b) / det;
}

function form3(M: Float64Array, r: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) sum += r[i] * M[3 * i + j] * r[j];
  return sum;
}
