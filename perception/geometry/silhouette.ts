import type { CameraModel } from '../camera_model.ts';
import { convexHull } from './convex_hull.ts';
import { type LeastSquaresFit, leastSquares } from './least_squares.ts';

/**
 * The outline of one object's mask: midpoints between a pixel inside and its neighbour outside (unbiased for the true
 * edge), undistorted, in pixels about the optical axis.
 */
export interface Outline {
  /** x, y pairs of what is truly the object's edge. */
  readonly points: Float64Array;
  /** Share of the whole outline where something nearer, or the image's border, hides the edge. */
  readonly hidden: number;
}

/** Upright box: centre x, y (m), yaw of its first side (rad), side lengths and height (m). */
export interface BoxFit {
  readonly x: number;
  readonly y: number;
  readonly yaw: number;
  readonly a: number;
  readonly b: number;
  readonly height: number;
  /** Root mean square distance of the outline from the fitted silhouette, pixels. */
  readonly rms: number;
  /** Cofactor matrix of [x, y, yaw, a, b, height] for outline errors of one pixel. */
  readonly cofactor: Float64Array;
}

/** Upright cylinder: centre x, y, radius and height (m). */
export interface CylinderFit {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly height: number;
  readonly rms: number;
  /** Cofactor matrix of [x, y, radius, height]. */
  readonly cofactor: Float64Array;
}

/** Height of an object's top by depth, and how sure that is, m. */
export interface HeightPrior {
  readonly height_m: number;
  readonly sigma_m: number;
}

const HUBER_PX = 0.8;
const ITERATIONS = 12;
const MIN_SIZE_M = 0.004;
/** Standard deviation of an edge between two pixel centres, pixels; scales the prior to the outline's residuals. */
export const EDGE_SIGMA_PX = 0.3;
const RIM = 24;
/** Radius of a regular polygon over that of the circle of equal area. */
const RIM_SCALE = Math.sqrt((2 * Math.PI) / RIM / Math.sin((2 * Math.PI) / RIM));
const RIM_COS = Float64Array.from({ length: RIM }, (_, i) => RIM_SCALE * Math.cos((2 * Math.PI * i) / RIM));
const RIM_SIN = Float64Array.from({ length: RIM }, (_, i) => RIM_SCALE * Math.sin((2 * Math.PI * i) / RIM));

/**
 * Fits an upright box standing on z = 0 to its outline: far edges of the silhouette are edges of the top, near ones lie on
 * the table, so position, yaw and sizes follow from the outline and the height and do not suffer from depth noise.
 */
export function fitBox(
  camera: CameraModel,
  outline: Outline,
  prior: HeightPrior,
  start: Pick<BoxFit, 'x' | 'y' | 'yaw' | 'a' | 'b'>,
): BoxFit {
  const corners = new Float64Array(16);
  const fit = fitSilhouette(
    outline,
    prior,
    5,
    [1e-4, 1e-4, 2e-3, 1e-4, 1e-4, 1e-4],
    Float64Array.of(start.x, start.y, start.yaw, start.a, start.b, prior.height_m),
    (p) => {
      projectBox(camera, p[0], p[1], p[2], p[3], p[4], p[5], corners);
      return convexHull(corners);
    },
  );
  const [x, y, yaw, a, b, height] = fit.parameters;
  return { x, y, yaw, a: Math.abs(a), b: Math.abs(b), height, rms: fit.rms, cofactor: fit.cofactor };
}

/** Fits an upright cylinder standing on z = 0 to its outline. */
export function fitCylinder(
  camera: CameraModel,
  outline: Outline,
  prior: HeightPrior,
  start: Pick<CylinderFit, 'x' | 'y' | 'radius'>,
): CylinderFit {
  const rims = new Float64Array(4 * RIM);
  const fit = fitSilhouette(
    outline,
    prior,
    3,
    [1e-4, 1e-4, 1e-4, 1e-4],
    Float64Array.of(start.x, start.y, start.radius, prior.height_m),
    (p) => {
      projectCylinder(camera, p[0], p[1], p[2], p[3], rims);
      return convexHull(rims);
    },
  );
  const [x, y, radius, height] = fit.parameters;
  return { x, y, radius: Math.abs(radius), height, rms: fit.rms, cofactor: fit.cofactor };
}

/** Eight corners, bottom face first, in pixels about the optical axis. */
export function projectBox(
  camera: CameraModel,
  x: number,
  y: number,
  yaw: number,
  a: number,
  b: number,
  height: number,
  out: Float64Array,
): void {
  const c = Math.cos(yaw) / 2;
  const s = Math.sin(yaw) / 2;
  for (let i = 0; i < 8; i++) {
    const u = i & 1 ? a : -a;
    const v = i & 2 ? b : -b;
    camera.project(x + c * u - s * v, y + s * u + c * v, i & 4 ? height : 0, out, 2 * i);
  }
}

/** Both rims, bottom first, in pixels about the optical axis; out holds 4·RIM values. */
function projectCylinder(
  camera: CameraModel,
  x: number,
  y: number,
  radius: number,
  height: number,
  out: Float64Array,
): void {
  for (let i = 0; i < RIM; i++) {
    const X = x + radius * RIM_COS[i];
    const Y = y + radius * RIM_SIN[i];
    camera.project(X, Y, 0, out, 2 * i);
    camera.project(X, Y, height, out, 2 * (RIM + i));
  }
}

/** Corners of the top face of a box, for telling its pixels from those of the sides. */
export function boxTop(camera: CameraModel, box: BoxFit): Float64Array {
  const corners = new Float64Array(16);
  projectBox(camera, box.x, box.y, box.yaw, box.a, box.b, box.height, corners);
  return convexHull(corners.subarray(8));
}

export function cylinderTop(camera: CameraModel, cylinder: CylinderFit): Float64Array {
  const rims = new Float64Array(4 * RIM);
  projectCylinder(camera, cylinder.x, cylinder.y, cylinder.radius, cylinder.height, rims);
  return convexHull(rims.subarray(2 * RIM));
}

/** Area of the silhouette of a fitted shape, pixels. */
export function polygonArea(polygon: Float64Array): number {
  let sum = 0;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    sum += polygon[j] * polygon[i + 1] - polygon[i] * polygon[j + 1];
  }
  return Math.abs(sum) / 2;
}

export function boxSilhouette(camera: CameraModel, box: BoxFit): Float64Array {
  const corners = new Float64Array(16);
  projectBox(camera, box.x, box.y, box.yaw, box.a, box.b, box.height, corners);
  return convexHull(corners);
}

export function cylinderSilhouette(camera: CameraModel, cylinder: CylinderFit): Float64Array {
  const rims = new Float64Array(4 * RIM);
  projectCylinder(camera, cylinder.x, cylinder.y, cylinder.radius, cylinder.height, rims);
  return convexHull(rims);
}

/** Greatest signed distance of a point from the edges of a convex polygon of `convexHull`; negative inside. */
export function distanceToHull(hull: Float64Array, normals: Float64Array, x: number, y: number): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < hull.length; i += 2) {
    const d = (x - hull[i]) * normals[i] + (y - hull[i + 1]) * normals[i + 1];
    if (d > greatest) greatest = d;
  }
  return greatest;
}

/** Outward unit normals of the edges of a polygon of `convexHull`; edge i starts at corner i. */
export function edgeNormals(hull: Float64Array): Float64Array {
  const normals = new Float64Array(hull.length);
  for (let i = 0; i < hull.length; i += 2) {
    const j = (i + 2) % hull.length;
    const dx = hull[j] - hull[i];
    const dy = hull[j + 1] - hull[i + 1];
    const length = Math.hypot(dx, dy);
    normals[i] = dy / length;
    normals[i + 1] = -dx / length;
  }
  return normals;
}

/** Residuals: distances of the outline's points; small sizes pushed up; the height's prior. Height is the last parameter. */
function fitSilhouette(
  outline: Outline,
  prior: HeightPrior,
  firstHeight: number,
  steps: readonly number[],
  start: Float64Array,
  silhouette: (parameters: Float64Array) => Float64Array,
): LeastSquaresFit {
  const { points } = outline;
  const n = points.length / 2;
  return leastSquares(
    {
      residuals: n + 1,
      priors: 1,
      steps,
      huber: HUBER_PX,
      iterations: ITERATIONS,
      evaluate: (p, out) => {
        const safe = p.map((value, i) => (i === firstHeight ? Math.max(value, MIN_SIZE_M) : value));
        const hull = silhouette(safe);
        const normals = edgeNormals(hull);
        for (let i = 0; i < n; i++) out[i] = distanceToHull(hull, normals, points[2 * i], points[2 * i + 1]);
        out[n] = ((p[firstHeight] - prior.height_m) / prior.sigma_m) * EDGE_SIGMA_PX;
      },
    },
    start,
  );
}
