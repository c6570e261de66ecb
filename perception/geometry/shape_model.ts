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
  /** Of the last `enter`: ∂depth/∂p, and the surface's normal there (frame world; of any length). */
  readonly depthSlopes: Float64Array;
  readonly normal: Float64Array;
  /** Projects the corners. */
  place(camera: CameraModel, p: Float64Array): void;
  /** Moves of a corner along (nx, ny) by the parameters, times a factor, from `out[at]` on; of the last `place`. */
  slopes(corner: number, nx: number, ny: number, factor: number, out: Float64Array, at: number): void;
  /** The same by the camera's nine errors: the coordinates are those of pixels, so the lens moves them too. */
  imageSlopes(corner: number, nx: number, ny: number, out: Float64Array, at: number): void;
  /** Depth at which the ray eye + depth · direction enters the shape; NaN where it passes by. */
  enter(eye: Float64Array, directions: Float64Array, at: number, p: Float64Array): number;
}

/** Corners of a regular polygon for a rim. */
const RIM = 20;
/** Radius of a regular polygon over that of the circle of equal area. */
const RIM_SCALE = Math.sqrt((2 * Math.PI) / RIM / Math.sin((2 * Math.PI) / RIM));
const RIM_COS = Float64Array.from({ length: RIM }, (_, i) => RIM_SCALE * Math.cos((2 * Math.PI * i) / RIM));
const RIM_SIN = Float64Array.from({ length: RIM }, (_, i) => RIM_SCALE * Math.sin((2 * Math.PI * i) / RIM));
/** Signs of a box's corners along its first and second side, in order round a face. */
const AROUND_U = Float64Array.of(-1, 1, 1, -1);
const AROUND_V = Float64Array.of(-1, -1, 1, 1);

abstract class Corners {
  readonly points: Float64Array;
  readonly depthSlopes: Float64Array;
  readonly normal = new Float64Array(3);
  /** One over the optical depth of every corner (1/m). */
  private readonly inverse: Float64Array;
  /** Pose of the camera, the first three rows; the middle of the face that is placed, in the camera's frame (m). */
  private readonly T = new Float64Array(12);
  private readonly middle = new Float64Array(3);
  private fx = 1;
  private fy = 1;
  /** Moves along a normal by the corner's place in the world. */
  protected readonly along = new Float64Array(3);

  constructor(size: number, corners: number) {
    this.points = new Float64Array(2 * corners);
    this.inverse = new Float64Array(corners);
    this.depthSlopes = new Float64Array(size);
  }

  protected look({ T, fx, fy }: CameraModel): void {
    for (let k = 0; k < 12; k++) this.T[k] = T[k];
    this.fx = fx;
    this.fy = fy;
  }

  /** The corners that follow are about this point of the world. */
  protected about(x: number, y: number, z: number): void {
    const { T, middle } = this;
    const dx = x - T[3];
    const dy = y - T[7];
    const dz = z - T[11];
    for (let k = 0; k < 3; k++) middle[k] = T[k] * dx + T[4 + k] * dy + T[8 + k] * dz;
  }

  protected project(corner: number, dx: number, dy: number): void {
    const { T, middle } = this;
    const inverse = 1 / (middle[2] + T[2] * dx + T[6] * dy);
    this.inverse[corner] = inverse;
    this.points[2 * corner] = this.fx * inverse * (middle[0] + T[0] * dx + T[4] * dy);
    this.points[2 * corner + 1] = this.fy * inverse * (middle[1] + T[1] * dx + T[5] * dy);
  }

  protected moveAlong(corner: number, nx: number, ny: number): void {
    const { T, along, points } = this;
    const inverse = this.inverse[corner];
    const ax = inverse * nx * this.fx;
    const ay = inverse * ny * this.fy;
    const az = inverse * (nx * points[2 * corner] + ny * points[2 * corner + 1]);
    along[0] = ax * T[0] + ay * T[1] - az * T[2];
    along[1] = ax * T[4] + ay * T[5] - az * T[6];
    along[2] = ax * T[8] + ay * T[9] - az * T[10];
  }

  imageSlopes(corner: number, nx: number, ny: number, out: Float64Array, at: number): void {
    const inverse = this.inverse[corner];
    const x = this.points[2 * corner] / this.fx;
    const y = this.points[2 * corner + 1] / this.fy;
    const ax = nx * this.fx;
    const ay = ny * this.fy;
    // a point moves by −position − rotation × q in the frame of a camera that moves
    out[at] = -ax * inverse;
    out[at + 1] = -ay * inverse;
    out[at + 2] = (ax * x + ay * y) * inverse;
    out[at + 3] = ax * x * y + ay * (1 + y * y);
    out[at + 4] = -ax * (1 + x * x) - ay * x * y;
    out[at + 5] = ax * y - ay * x;
    out[at + 6] = ax * x + ay * y;
    out[at + 7] = nx;
    out[at + 8] = ny;
  }
}

/** Box of parameters x, y of its centre (m), yaw of its first side (rad), its side lengths, z of its top and of its base (m). */
export class BoxModel extends Corners implements ShapeModel {
  readonly size = 7;
  private yaw = 0;
  private cos = 1;
  private sin = 0;
  /** Of the four corners of a face: from its middle (m). */
  private readonly dx = new Float64Array(4);
  private readonly dy = new Float64Array(4);

  constructor() {
    super(7, 8);
  }

  place(camera: CameraModel, p: Float64Array): void {
    const { dx, dy } = this;
    this.look(camera);
    this.turn(p[2]);
    for (let k = 0; k < 4; k++) {
      const a = (AROUND_U[k] * p[3]) / 2;
      const b = (AROUND_V[k] * p[4]) / 2;
      dx[k] = this.cos * a - this.sin * b;
      dy[k] = this.sin * a + this.cos * b;
    }
    for (let top = 0; top < 2; top++) {
      this.about(p[0], p[1], top === 1 ? p[5] : p[6]);
      for (let k = 0; k < 4; k++) this.project(4 * top + k, dx[k], dy[k]);
    }
  }

  slopes(corner: number, nx: number, ny: number, factor: number, out: Float64Array, at: number): void {
    const { along, cos, sin } = this;
    this.moveAlong(corner, factor * nx, factor * ny);
    const k = corner & 3;
    const x = along[0];
    const y = along[1];
    out[at] = x;
    out[at + 1] = y;
    out[at + 2] = y * this.dx[k] - x * this.dy[k];
    out[at + 3] = (AROUND_U[k] * (x * cos + y * sin)) / 2;
    out[at + 4] = (AROUND_V[k] * (y * cos - x * sin)) / 2;
    out[at + 5] = corner < 4 ? 0 : along[2];
    out[at + 6] = corner < 4 ? along[2] : 0;
  }

  /** Entry into a convex body is the last of the entries into the half-spaces that the ray enters. */
  enter(eye: Float64Array, directions: Float64Array, at: number, p: Float64Array): number {
    const { normal, depthSlopes } = this;
    if (p[2] !== this.yaw) this.turn(p[2]);
    const c = this.cos;
    const s = this.sin;
    const dx = directions[at];
    const dy = directions[at + 1];
    const dz = directions[at + 2];
    const ex = eye[0] - p[0];
    const ey = eye[1] - p[1];
    const e1 = c * ex + s * ey;
    const e2 = c * ey - s * ex;
    const d1 = c * dx + s * dy;
    const d2 = c * dy - s * dx;
    const s1 = d1 > 0 ? -1 : 1;
    const s2 = d2 > 0 ? -1 : 1;
    const t1 = d1 === 0 ? Number.NEGATIVE_INFINITY : ((s1 * p[3]) / 2 - e1) / d1;
    const t2 = d2 === 0 ? Number.NEGATIVE_INFINITY : ((s2 * p[4]) / 2 - e2) / d2;
    const t3 = (p[5] - eye[2]) / dz;
    for (let k = 0; k < 6; k++) depthSlopes[k] = 0;
    normal[2] = 0;
    if (t3 >= t1 && t3 >= t2) {
      normal[0] = 0;
      normal[1] = 0;
      normal[2] = 1;
      depthSlopes[5] = 1 / dz;
      return t3;
    }
    if (t1 >= t2) {
      normal[0] = s1 * c;
      normal[1] = s1 * s;
      depthSlopes[0] = c / d1;
      depthSlopes[1] = s / d1;
      depthSlopes[2] = -(e2 + t1 * d2) / d1;
      depthSlopes[3] = s1 / (2 * d1);
      return t1;
    }
    normal[0] = -s2 * s;
    normal[1] = s2 * c;
    depthSlopes[0] = -s / d2;
    depthSlopes[1] = c / d2;
    depthSlopes[2] = (e1 + t2 * d1) / d2;
    depthSlopes[4] = s2 / (2 * d2);
    return t2;
  }

  private turn(yaw: number): void {
    this.yaw = yaw;
    this.cos = Math.cos(yaw);
    this.sin = Math.sin(yaw);
  }
}

/** Cylinder of parameters x, y of its axis, radius, z of its top and of its base (m). */
export class CylinderModel extends Corners implements ShapeModel {
  readonly size = 5;

  constructor() {
    super(5, 2 * RIM);
  }

  place(camera: CameraModel, p: Float64Array): void {
    this.look(camera);
    for (let top = 0; top < 2; top++) {
      this.about(p[0], p[1], top === 1 ? p[3] : p[4]);
      for (let k = 0; k < RIM; k++) this.project(top * RIM + k, p[2] * RIM_COS[k], p[2] * RIM_SIN[k]);
    }
  }

  slopes(corner: number, nx: number, ny: number, factor: number, out: Float64Array, at: number): void {
    const { along } = this;
    this.moveAlong(corner, factor * nx, factor * ny);
    const k = corner < RIM ? corner : corner - RIM;
    out[at] = along[0];
    out[at + 1] = along[1];
    out[at + 2] = along[0] * RIM_COS[k] + along[1] * RIM_SIN[k];
    out[at + 3] = corner < RIM ? 0 : along[2];
    out[at + 4] = corner < RIM ? along[2] : 0;
  }

  enter(eye: Float64Array, directions: Float64Array, at: number, p: Float64Array): number {
    const { normal, depthSlopes } = this;
    const ex = eye[0] - p[0];
    const ey = eye[1] - p[1];
    const dx = directions[at];
    const dy = directions[at + 1];
    const dz = directions[at + 2];
    const a = dx * dx + dy * dy;
    const b = ex * dx + ey * dy;
    const root = b * b - a * (ex * ex + ey * ey - p[2] * p[2]);
    if (root <= 0) return Number.NaN;
    const side = (-b - Math.sqrt(root)) / a;
    const top = (p[3] - eye[2]) / dz;
    depthSlopes[3] = 0;
    if (top >= side) {
      normal[0] = 0;
      normal[1] = 0;
      normal[2] = 1;
      for (let k = 0; k < 3; k++) depthSlopes[k] = 0;
      depthSlopes[3] = 1 / dz;
      return top;
    }
    normal[0] = ex + side * dx;
    normal[1] = ey + side * dy;
    normal[2] = 0;
    const along = normal[0] * dx + normal[1] * dy;
    depthSlopes[0] = normal[0] / along;
    depthSlopes[1] = normal[1] / along;
    depthSlopes[2] = Math.abs(p[2]) / along;
    return side;
  }
}
