import type { CameraModel } from '../camera_model.ts';
import { convexHull, convexHullIndices } from './convex_hull.ts';
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

/** Standard deviation of an edge between two pixel centres, pixels; scales the prior to the outline's residuals. */
const EDGE_SIGMA_PX = 0.3;
const HUBER_PX = 0.8;
const ITERATIONS = 12;
const BOX_PARAMETERS = 6;
const CYLINDER_PARAMETERS = 4;
const BOX_CORNERS = 8;
const RIM = 24;
/** Radius of a regular polygon over that of the circle of equal area. */
const RIM_SCALE = Math.sqrt((2 * Math.PI) / RIM / Math.sin((2 * Math.PI) / RIM));
const RIM_COS = Float64Array.from({ length: RIM }, (_, i) => RIM_SCALE * Math.cos((2 * Math.PI * i) / RIM));
const RIM_SIN = Float64Array.from({ length: RIM }, (_, i) => RIM_SCALE * Math.sin((2 * Math.PI * i) / RIM));

/** Corners of a shape in the image, and how they move with its parameters. */
interface Corners {
  /** x, y pairs, pixels about the optical axis. */
  readonly points: Float64Array;
  /** ∂x/∂p and ∂y/∂p of every corner: row 2k and 2k + 1 of n columns. */
  readonly slopes: Float64Array;
}

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
  const first = Float64Array.of(start.x, start.y, start.yaw, start.a, start.b, prior.height_m);
  const corners = createCorners(BOX_CORNERS, BOX_PARAMETERS);
  const fit = fitSilhouette(outline, prior, first, corners, (p) => placeBox(camera, p, corners));
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
  const first = Float64Array.of(start.x, start.y, start.radius, prior.height_m);
  const corners = createCorners(2 * RIM, CYLINDER_PARAMETERS);
  const fit = fitSilhouette(outline, prior, first, corners, (p) => placeCylinder(camera, p, corners));
  const [x, y, radius, height] = fit.parameters;
  return { x, y, radius: Math.abs(radius), height, rms: fit.rms, cofactor: fit.cofactor };
}

/** What the camera sees of a fitted shape: its whole silhouette, and its top; convex polygons in pixels about the axis. */
export interface Silhouette {
  readonly whole: Float64Array;
  readonly top: Float64Array;
}

export function boxSilhouette(camera: CameraModel, box: BoxFit): Silhouette {
  const corners = createCorners(BOX_CORNERS, BOX_PARAMETERS);
  placeBox(camera, Float64Array.of(box.x, box.y, box.yaw, box.a, box.b, box.height), corners);
  return silhouetteOf(corners);
}

export function cylinderSilhouette(camera: CameraModel, { x, y, radius, height }: CylinderFit): Silhouette {
  const corners = createCorners(2 * RIM, CYLINDER_PARAMETERS);
  placeCylinder(camera, Float64Array.of(x, y, radius, height), corners);
  return silhouetteOf(corners);
}

/** The second half of the corners is the top. */
function silhouetteOf({ points }: Corners): Silhouette {
  return { whole: convexHull(points), top: convexHull(points.subarray(points.length / 2)) };
}

export function polygonArea(polygon: Float64Array): number {
  let sum = 0;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    sum += polygon[j] * polygon[i + 1] - polygon[i] * polygon[j + 1];
  }
  return Math.abs(sum) / 2;
}

/** Outward unit normals of the edges of a polygon of `convexHull`; edge i starts at corner i. */
export function edgeNormals(hull: Float64Array): Float64Array {
  const normals = new Float64Array(hull.length);
  for (let i = 0; i < hull.length; i += 2) {
    const j = i + 2 === hull.length ? 0 : i + 2;
    const dx = hull[j] - hull[i];
    const dy = hull[j + 1] - hull[i + 1];
    const scale = 1 / Math.sqrt(dx * dx + dy * dy);
    normals[i] = dy * scale;
    normals[i + 1] = -dx * scale;
  }
  return normals;
}

/** Greatest signed distance of a point from the edges of a convex polygon of `convexHull`; negative inside. */
export function distanceToHull(hull: Float64Array, normals: Float64Array, x: number, y: number): number {
  const edge = nearestEdge(hull, normals, x, y);
  return (x - hull[edge]) * normals[edge] + (y - hull[edge + 1]) * normals[edge + 1];
}

function nearestEdge(hull: Float64Array, normals: Float64Array, x: number, y: number): number {
  let greatest = Number.NEGATIVE_INFINITY;
  let edge = 0;
  for (let i = 0; i < hull.length; i += 2) {
    const d = (x - hull[i]) * normals[i] + (y - hull[i + 1]) * normals[i + 1];
    if (d > greatest) {
      greatest = d;
      edge = i;
    }
  }
  return edge;
}

function createCorners(count: number, parameters: number): Corners {
  return { points: new Float64Array(2 * count), slopes: new Float64Array(2 * count * parameters) };
}

/** Corners of a box: bottom face, then top. */
function placeBox(camera: CameraModel, [x, y, yaw, a, b, height]: Float64Array, { points, slopes }: Corners): void {
  const c = Math.cos(yaw) / 2;
  const s = Math.sin(yaw) / 2;
  const d = new Float64Array(6);
  for (let i = 0; i < BOX_CORNERS; i++) {
    const su = i & 1 ? 1 : -1;
    const sv = i & 2 ? 1 : -1;
    const top = i & 4 ? 1 : 0;
    const dx = c * su * a - s * sv * b;
    const dy = s * su * a + c * sv * b;
    camera.projectWithSlopes(x + dx, y + dy, top * height, points, 2 * i, d);
    for (let row = 0; row < 2; row++) {
      const o = BOX_PARAMETERS * (2 * i + row);
      const wx = d[3 * row];
      const wy = d[3 * row + 1];
      slopes[o] = wx;
      slopes[o + 1] = wy;
      slopes[o + 2] = wy * dx - wx * dy;
      slopes[o + 3] = su * (wx * c + wy * s);
      slopes[o + 4] = sv * (wy * c - wx * s);
      slopes[o + 5] = top * d[3 * row + 2];
    }
  }
}

/** Corners of both rims of a cylinder: bottom, then top. */
function placeCylinder(camera: CameraModel, [x, y, radius, height]: Float64Array, { points, slopes }: Corners): void {
  const d = new Float64Array(6);
  for (let i = 0; i < 2 * RIM; i++) {
    const k = i < RIM ? i : i - RIM;
    const top = i < RIM ? 0 : 1;
    const c = RIM_COS[k];
    const s = RIM_SIN[k];
    camera.projectWithSlopes(x + radius * c, y + radius * s, top * height, points, 2 * i, d);
    for (let row = 0; row < 2; row++) {
      const o = CYLINDER_PARAMETERS * (2 * i + row);
      slopes[o] = d[3 * row];
      slopes[o + 1] = d[3 * row + 1];
      slopes[o + 2] = d[3 * row] * c + d[3 * row + 1] * s;
      slopes[o + 3] = top * d[3 * row + 2];
    }
  }
}

/**
 * Residuals: distances of the outline's points from the hull of the shape's corners; then the height (the last parameter)
 * against its prior. An edge's distance moves with its two corners in the proportion at which the point divides it.
 */
function fitSilhouette(
  { points }: Outline,
  prior: HeightPrior,
  start: Float64Array,
  corners: Corners,
  place: (parameters: Float64Array) => void,
): LeastSquaresFit {
  const count = points.length / 2;
  const n = start.length;
  const weight = EDGE_SIGMA_PX / prior.sigma_m;
  return leastSquares(
    {
      residuals: count + 1,
      priors: 1,
      huber: HUBER_PX,
      iterations: ITERATIONS,
      evaluate: (p, r, J) => {
        place(p);
        const order = convexHullIndices(corners.points);
        const hull = new Float64Array(2 * order.length);
        for (let k = 0; k < order.length; k++) {
          hull[2 * k] = corners.points[2 * order[k]];
          hull[2 * k + 1] = corners.points[2 * order[k] + 1];
        }
        const normals = edgeNormals(hull);
        for (let i = 0; i < count; i++) {
          const x = points[2 * i];
          const y = points[2 * i + 1];
          const edge = nearestEdge(hull, normals, x, y);
          const nx = normals[edge];
          const ny = normals[edge + 1];
          r[i] = (x - hull[edge]) * nx + (y - hull[edge + 1]) * ny;
          const next = edge + 2 === hull.length ? 0 : edge + 2;
          const ex = hull[next] - hull[edge];
          const ey = hull[next + 1] - hull[edge + 1];
          const t = ((x - hull[edge]) * ex + (y - hull[edge + 1]) * ey) / (ex * ex + ey * ey);
          const from = 2 * n * order[edge / 2];
          const to = 2 * n * order[next / 2];
          for (let j = 0; j < n; j++) {
            const sx = (1 - t) * corners.slopes[from + j] + t * corners.slopes[to + j];
            const sy = (1 - t) * corners.slopes[from + n + j] + t * corners.slopes[to + n + j];
            J[i * n + j] = -(nx * sx + ny * sy);
          }
        }
        r[count] = (p[n - 1] - prior.height_m) * weight;
        J.fill(0, count * n);
        J[count * n + n - 1] = weight;
      },
    },
    start,
  );
}
