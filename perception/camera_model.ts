import type { CameraInfo } from '../contracts/index.ts';

/**
 * A pinhole camera with plumb-bob distortion (Brown, 1966; OpenCV's k1, k2, p1, p2, k3), posed in the world. A pixel's
 * centre has integer coordinates. Where lengths along a ray are meant, the ray is scaled to optical depth 1.
 */
export class CameraModel {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  /** Row-major 4×4, m. */
  readonly T: readonly number[];
  private readonly D: readonly number[] | null;

  constructor(info: Pick<CameraInfo, 'K' | 'D' | 'T_world_camera_optical'>) {
    this.fx = info.K[0];
    this.fy = info.K[4];
    this.cx = info.K[2];
    this.cy = info.K[5];
    this.T = info.T_world_camera_optical;
    this.D = info.D.some((d) => d !== 0) ? info.D : null;
  }

  /** Pixel to normalised, undistorted image coordinates (x, y at optical depth 1) into `out`. */
  normalise(u: number, v: number, out: Float64Array): void {
    const x0 = (u - this.cx) / this.fx;
    const y0 = (v - this.cy) / this.fy;
    let x = x0;
    let y = y0;
    if (this.D !== null) {
      const [k1, k2, p1, p2, k3] = this.D;
      for (let i = 0; i < 8; i++) {
        const r2 = x * x + y * y;
        const radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3));
        const dx = 2 * p1 * x * y + p2 * (r2 + 2 * x * x);
        const dy = p1 * (r2 + 2 * y * y) + 2 * p2 * x * y;
        x = (x0 - dx) / radial;
        y = (y0 - dy) / radial;
      }
    }
    out[0] = x;
    out[1] = y;
  }

  /**
   * The camera where it truly is, if it is off by a position (m) and a rotation vector (rad), both small and in its own frame.
   */
  moved([px, py, pz, x, y, z]: Float64Array): CameraModel {
    const { T } = this;
    const angle = Math.hypot(x, y, z);
    const a = angle > 0 ? Math.sin(angle) / angle : 1;
    const b = angle > 0 ? (1 - Math.cos(angle)) / angle ** 2 : 0.5;
    const R = [
      [1 - b * (y * y + z * z), b * x * y - a * z, b * x * z + a * y, px],
      [b * x * y + a * z, 1 - b * (x * x + z * z), b * y * z - a * x, py],
      [b * x * z - a * y, b * y * z + a * x, 1 - b * (x * x + y * y), pz],
    ];
    const T_moved = T.map((value, k) => {
      const row = k - (k % 4);
      const c = k % 4;
      if (row === 12) return value;
      return T[row] * R[0][c] + T[row + 1] * R[1][c] + T[row + 2] * R[2][c] + (c === 3 ? value : 0);
    });
    return new CameraModel({
      K: [this.fx, 0, this.cx, 0, this.fy, this.cy, 0, 0, 1],
      D: this.D ?? [0, 0, 0, 0, 0],
      T_world_camera_optical: T_moved,
    });
  }

  /** Height above z = 0 (m) per metre of optical depth, of the ray through a normalised point; add `T[11]`. */
  heightRate(x: number, y: number): number {
    return this.T[8] * x + this.T[9] * y + this.T[10];
  }

  /** World x, y where the ray through a normalised point meets the plane z = height_m, into `out`. */
  onPlane(x: number, y: number, height_m: number, out: Float64Array): void {
    const { T } = this;
    const depth = (height_m - T[11]) / this.heightRate(x, y);
    out[0] = (T[0] * x + T[1] * y + T[2]) * depth + T[3];
    out[1] = (T[4] * x + T[5] * y + T[6]) * depth + T[7];
  }

  /**
   * World point (m) to undistorted pixels about the axis: normalised image coordinates times the focal lengths.
   * @param slopes  derivatives by the world point, row-major 2×3, pixels per m
   */
  projectWithSlopes(X: number, Y: number, Z: number, out: Float64Array, offset: number, slopes: Float64Array): void {
    const { T } = this;
    const dx = X - T[3];
    const dy = Y - T[7];
    const dz = Z - T[11];
    const inverse = 1 / (T[2] * dx + T[6] * dy + T[10] * dz);
    const x = (T[0] * dx + T[4] * dy + T[8] * dz) * inverse;
    const y = (T[1] * dx + T[5] * dy + T[9] * dz) * inverse;
    out[offset] = this.fx * x;
    out[offset + 1] = this.fy * y;
    for (let k = 0; k < 3; k++) {
      slopes[k] = this.fx * inverse * (T[4 * k] - x * T[4 * k + 2]);
      slopes[3 + k] = this.fy * inverse * (T[4 * k + 1] - y * T[4 * k + 2]);
    }
  }
}
