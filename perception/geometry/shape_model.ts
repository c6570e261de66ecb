import type { CameraModel } from '../camera_model.ts';

/**
 * An upright shape of a few parameters as a camera meets it: corners whose convex hull is its silhouette, and the depth at
 * which a ray enters it, both with derivatives. Everything is written into arrays that are reserved once.
 */
export interface ShapeModel {
  /** Number of parameters; the last two are the heights of top and base (m). */
  readonly size: number;
  /** Corners in the image, x, y pairs, pixels about the optical axis; the second half is the top, in order round it. */
  readonly points: Float64Array;
  /** ∂x/∂p and ∂y/∂p of every corner: rows 2k and 2k + 1 of `size` columns. */
  readonly slopes: Float64Array;
  /** Corners in the world, x, y, z (m). */
  readonly world: Float64Array;
  /** Of the last `enter`: ∂depth/∂p, and the surface's normal there (frame world; of any length). */
  readonly depthSlopes: Float64Array;
  readonly normal: Float64Array;
  /** Projects the corners. */
  place(camera: CameraModel, p: Float64Array): void;
  /** Depth at which the ray eye + depth · direction enters the shape; NaN where it passes by. */
  enter(eye: Float64Array, direction: Float64Array, p: Float64Array): number;
}

/** Corners of a regular polygon for a rim. */
const RIM = 20;
/** Radius of a regular polygon over that of the circle of equal area. */
const RIM_SCALE = Math.sqrt((2 * Math.PI) / RIM / Math.sin((2 * Math.PI) / RIM));
const RIM_COS = Float64Array.from({ length: RIM }, (_, i) => RIM_SCALE * Math.cos((2 * Math.PI * i) / RIM));
const RIM_SIN = Float64Array.from({ length: RIM }, (_, i) => RIM_SCALE * Math.sin((2 * Math.PI * i) / RIM));
/** Signs of a box's corners along its first and second side, in order round a face. */
const AROUND_U = [-1, 1, 1, -1];
const AROUND_V = [-1, -1, 1, 1];

abstract class Arrays {
  readonly points: Float64Array;
  readonly slopes: Float64Array;
  readonly world: Float64Array;
  readonly depthSlopes: Float64Array;
  readonly normal = new Float64Array(3);
  /** Derivatives of one projection by the world point, row-major 2×3. */
  protected readonly d = new Float64Array(6);

  constructor(size: number, corners: number) {
    this.points = new Float64Array(2 * corners);
    this.slopes = new Float64Array(2 * corners * size);
    this.world = new Float64Array(3 * corners);
    this.depthSlopes = new Float64Array(size);
  }

  protected project(camera: CameraModel, k: number, x: number, y: number, z: number): void {
    this.world[3 * k] = x;
    this.world[3 * k + 1] = y;
    this.world[3 * k + 2] = z;
    camera.projectWithSlopes(x, y, z, this.points, 2 * k, this.d);
  }
}

/** Box of parameters x, y of its centre (m), yaw of its first side (rad), its side lengths, z of its top and of its base (m). */
export class BoxModel extends Arrays implements ShapeModel {
  readonly size = 7;

  constructor() {
    super(7, 8);
  }

  place(camera: CameraModel, p: Float64Array): void {
    const { d, slopes } = this;
    const c = Math.cos(p[2]) / 2;
    const s = Math.sin(p[2]) / 2;
    for (let k = 0; k < 8; k++) {
      const top = k < 4 ? 0 : 1;
      const su = AROUND_U[k & 3];
      const sv = AROUND_V[k & 3];
      const dx = c * su * p[3] - s * sv * p[4];
      const dy = s * su * p[3] + c * sv * p[4];
      this.project(camera, k, p[0] + dx, p[1] + dy, top === 1 ? p[5] : p[6]);
      for (let row = 0; row < 2; row++) {
        const o = 7 * (2 * k + row);
        const wx = d[3 * row];
        const wy = d[3 * row + 1];
        const wz = d[3 * row + 2];
        slopes[o] = wx;
        slopes[o + 1] = wy;
        slopes[o + 2] = wy * dx - wx * dy;
        slopes[o + 3] = su * (wx * c + wy * s);
        slopes[o + 4] = sv * (wy * c - wx * s);
        slopes[o + 5] = top * wz;
        slopes[o + 6] = (1 - top) * wz;
      }
    }
  }

  /** Entry into a convex body is the last of the entries into the half-spaces that the ray enters. */
  enter(eye: Float64Array, direction: Float64Array, p: Float64Array): number {
    const { normal, depthSlopes } = this;
    const c = Math.cos(p[2]);
    const s = Math.sin(p[2]);
    const ex = eye[0] - p[0];
    const ey = eye[1] - p[1];
    const e1 = c * ex + s * ey;
    const e2 = c * ey - s * ex;
    const d1 = c * direction[0] + s * direction[1];
    const d2 = c * direction[1] - s * direction[0];
    const s1 = d1 > 0 ? -1 : 1;
    const s2 = d2 > 0 ? -1 : 1;
    const t1 = d1 === 0 ? Number.NEGATIVE_INFINITY : ((s1 * p[3]) / 2 - e1) / d1;
    const t2 = d2 === 0 ? Number.NEGATIVE_INFINITY : ((s2 * p[4]) / 2 - e2) / d2;
    const t3 = (p[5] - eye[2]) / direction[2];
    const t = Math.max(t1, t2, t3);
    depthSlopes.fill(0);
    normal.fill(0);
    if (t === t3) {
      normal[2] = 1;
      depthSlopes[5] = 1 / direction[2];
    } else if (t === t1) {
      normal[0] = s1 * c;
      normal[1] = s1 * s;
      depthSlopes[0] = c / d1;
      depthSlopes[1] = s / d1;
      depthSlopes[2] = -(e2 + t * d2) / d1;
      depthSlopes[3] = s1 / (2 * d1);
    } else {
      normal[0] = -s2 * s;
      normal[1] = s2 * c;
      depthSlopes[0] = -s / d2;
      depthSlopes[1] = c / d2;
      depthSlopes[2] = (e1 + t * d1) / d2;
      depthSlopes[4] = s2 / (2 * d2);
    }
    return t;
  }
}

/** Cylinder of parameters x, y of its axis, radius, z of its top and of its base (m). */
export class CylinderModel extends Arrays implements ShapeModel {
  readonly size = 5;

  constructor() {
    super(5, 2 * RIM);
  }

  place(camera: CameraModel, p: Float64Array): void {
    const { d, slopes } = this;
    for (let k = 0; k < 2 * RIM; k++) {
      const top = k < RIM ? 0 : 1;
      const c = RIM_COS[k - top * RIM];
      const s = RIM_SIN[k - top * RIM];
      this.project(camera, k, p[0] + p[2] * c, p[1] + p[2] * s, top === 1 ? p[3] : p[4]);
      for (let row = 0; row < 2; row++) {
        const o = 5 * (2 * k + row);
        slopes[o] = d[3 * row];
        slopes[o + 1] = d[3 * row + 1];
        slopes[o + 2] = d[3 * row] * c + d[3 * row + 1] * s;
        slopes[o + 3] = top * d[3 * row + 2];
        slopes[o + 4] = (1 - top) * d[3 * row + 2];
      }
    }
  }

  enter(eye: Float64Array, direction: Float64Array, p: Float64Array): number {
    const { normal, depthSlopes } = this;
    const ex = eye[0] - p[0];
    const ey = eye[1] - p[1];
    const dx = direction[0];
    const dy = direction[1];
    const a = dx * dx + dy * dy;
    const b = ex * dx + ey * dy;
    const root = b * b - a * (ex * ex + ey * ey - p[2] * p[2]);
    if (root <= 0) return Number.NaN;
    const side = (-b - Math.sqrt(root)) / a;
    const top = (p[3] - eye[2]) / direction[2];
    depthSlopes.fill(0);
    normal.fill(0);
    if (top >= side) {
      normal[2] = 1;
      depthSlopes[3] = 1 / direction[2];
      return top;
    }
    normal[0] = ex + side * dx;
    normal[1] = ey + side * dy;
    const along = normal[0] * dx + normal[1] * dy;
    depthSlopes[0] = normal[0] / along;
    depthSlopes[1] = normal[1] / along;
    depthSlopes[2] = Math.abs(p[2]) / along;
    return side;
  }
}
