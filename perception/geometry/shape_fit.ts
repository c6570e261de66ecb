import type { CameraModel } from '../camera_model.ts';
import { CAMERA_ERRORS, imageSlopes, rayShifts } from './camera_uncertainty.ts';
import { hullInto } from './convex_hull.ts';
import { LeastSquares } from './least_squares.ts';
import { EDGE, type RegionEvidence } from './region_evidence.ts';
import type { ShapeModel } from './shape_model.ts';

/** A shape fitted to what a region shows. */
export interface ShapeFit {
  /** As the model has them. */
  readonly parameters: Float64Array;
  /** Half the robust sum of squared residuals, each by its standard deviation. */
  readonly cost: number;
  /** Root mean square distance of the outline from the shape, pixels. */
  readonly rms: number;
  /** Covariance of the parameters for errors as large as they are taken to be, row-major n×n. */
  readonly cofactor: Float64Array;
  /** How the parameters move with the nine errors of the camera, row-major n×9. */
  readonly camera: Float64Array;
  /** And with a mask that is too large by a pixel all round. */
  readonly dilation: Float64Array;
}

/** What is known of a parameter beforehand. */
export interface Prior {
  /** The parameter, or the difference of two of them. */
  readonly index: number;
  readonly less: number;
  readonly value: number;
  readonly sigma: number;
}

/**
 * Standard deviation of an edge between two pixel centres; outline errors of neighbours go together, so that this many
 * edges count as one observation.
 */
export const EDGE_SIGMA_PX = 0.3;
export const EDGES_TOGETHER = 3;
const EDGE_SIGMA = EDGE_SIGMA_PX * Math.sqrt(EDGES_TOGETHER);
/** Residuals of more standard deviations than this count linearly (Huber, 1964). */
const HUBER = 1.6;
const ITERATIONS = 10;
const MOST_RESIDUALS = 4096 + 160 + 8;

/**
 * Fits upright shapes to a region by Levenberg–Marquardt: its outline to the silhouette and to the top's outline, depths of
 * its pixels to the surface that their rays enter, where something hides an edge only that the shape reaches so far. Far
 * edges of a silhouette are edges of the top and near ones are on the support, so place, yaw and sizes follow from the
 * outline; depths give the height, and the sides whose edges are hidden.
 */
export class ShapeFitter {
  readonly model: ShapeModel;
  private readonly solver: LeastSquares;
  private readonly whole: Polygon;
  private readonly upper: Polygon;
  private readonly eye = new Float64Array(3);
  private readonly direction = new Float64Array(3);
  private readonly camera_slopes = new Float64Array(2 * CAMERA_ERRORS);
  private readonly shifts = new Float64Array(CAMERA_ERRORS);

  constructor(model: ShapeModel) {
    this.model = model;
    this.solver = new LeastSquares(MOST_RESIDUALS, model.size);
    const corners = model.points.length / 2;
    this.whole = new Polygon(corners, 0);
    this.upper = new Polygon(corners / 2, corners / 2);
  }

  fit(camera: CameraModel, evidence: RegionEvidence, priors: readonly Prior[], start: Float64Array): ShapeFit {
    const { solver } = this;
    for (let k = 0; k < 3; k++) this.eye[k] = camera.T[4 * k + 3];
    const data = evidence.edges + evidence.samples;
    solver.solve(start, data + 1 + priors.length, 1 + priors.length, HUBER, ITERATIONS, (p, r, J) =>
      this.evaluate(camera, evidence, priors, p, r, J),
    );
    const parameters = solver.parameters.slice();
    this.evaluate(camera, evidence, priors, parameters, solver.residuals, solver.jacobian);
    let [sum, count] = [0, 0];
    for (let i = 0; i < evidence.edges; i++) {
      if (evidence.kinds[i] === EDGE.reach) continue;
      sum += solver.residuals[i] ** 2;
      count++;
    }
    const cofactor = solver.cofactor();
    return {
      parameters,
      cost: solver.cost / 2,
      rms: EDGE_SIGMA * Math.sqrt(sum / Math.max(1, count)),
      cofactor,
      camera: this.cameraSlopes(camera, evidence, parameters, cofactor),
      dilation: this.dilationSlopes(evidence, cofactor),
    };
  }

  private evaluate(
    camera: CameraModel,
    evidence: RegionEvidence,
    priors: readonly Prior[],
    p: Float64Array,
    r: Float64Array,
    J: Float64Array,
  ): void {
    const { model, whole, upper } = this;
    const n = model.size;
    model.place(camera, p);
    whole.take(model.points);
    upper.take(model.points);
    const { points, kinds, edges } = evidence;
    for (let i = 0; i < edges; i++) {
      const polygon = kinds[i] === EDGE.top ? upper : whole;
      const distance = polygon.distance(points[2 * i], points[2 * i + 1]);
      if (kinds[i] === EDGE.reach && distance <= 0) {
        r[i] = 0;
        J.fill(0, i * n, i * n + n);
        continue;
      }
      r[i] = distance / EDGE_SIGMA;
      polygon.slopes(model.slopes, n, -1 / EDGE_SIGMA, J, i * n);
    }
    this.surface(evidence, p, r, J);
    let row = edges + evidence.samples;
    J.fill(0, row * n, row * n + n);
    J[row * n + n - 1] = 1 / evidence.support_sigma_m;
    r[row++] = (p[n - 1] - evidence.support_m) / evidence.support_sigma_m;
    for (const { index, less, value, sigma } of priors) {
      J.fill(0, row * n, row * n + n);
      J[row * n + index] = 1 / sigma;
      if (less >= 0) J[row * n + less] = -1 / sigma;
      r[row++] = (p[index] - (less >= 0 ? p[less] : 0) - value) / sigma;
    }
  }

  private surface(
    { rays, depths, weights, samples, edges }: RegionEvidence,
    p: Float64Array,
    r: Float64Array,
    J: Float64Array,
  ): void {
    const { model, direction, eye } = this;
    const n = model.size;
    for (let k = 0; k < samples; k++) {
      const row = edges + k;
      direction[0] = rays[3 * k];
      direction[1] = rays[3 * k + 1];
      direction[2] = rays[3 * k + 2];
      const depth = model.enter(eye, direction, p);
      if (Number.isNaN(depth)) {
        r[row] = 0;
        J.fill(0, row * n, row * n + n);
        continue;
      }
      const weight = weights[k];
      r[row] = (depth - depths[k]) * weight;
      for (let j = 0; j < n; j++) J[row * n + j] = model.depthSlopes[j] * weight;
    }
  }

  /** By the implicit function of the minimum: −(JᵀWJ)⁻¹ JᵀW ∂r/∂c. */
  private cameraSlopes(
    camera: CameraModel,
    evidence: RegionEvidence,
    p: Float64Array,
    cofactor: Float64Array,
  ): Float64Array {
    const { model, solver, whole, upper, camera_slopes, shifts, direction, eye } = this;
    const n = model.size;
    const m = CAMERA_ERRORS;
    const B = new Float64Array(n * m);
    const add = (row: number, weight: number): void => {
      const w = weight * solver.weightOf(row);
      for (let j = 0; j < n; j++) {
        const a = w * solver.jacobian[row * n + j];
        if (a !== 0) for (let k = 0; k < m; k++) B[j * m + k] += a * shifts[k];
      }
    };
    for (let i = 0; i < evidence.edges; i++) {
      if (solver.residuals[i] === 0) continue;
      const polygon = evidence.kinds[i] === EDGE.top ? upper : whole;
      polygon.distance(evidence.points[2 * i], evidence.points[2 * i + 1]);
      polygon.imageSlopes(camera, model.world, camera_slopes, shifts);
      add(i, -1 / EDGE_SIGMA);
    }
    for (let k = 0; k < evidence.samples; k++) {
      for (let c = 0; c < 3; c++) direction[c] = evidence.rays[3 * k + c];
      const depth = model.enter(eye, direction, p);
      if (Number.isNaN(depth)) continue;
      const { normal } = model;
      const along = normal[0] * direction[0] + normal[1] * direction[1] + normal[2] * direction[2];
      const { T } = camera;
      const x = T[0] * direction[0] + T[4] * direction[1] + T[8] * direction[2];
      const y = T[1] * direction[0] + T[5] * direction[1] + T[9] * direction[2];
      rayShifts(camera, x, y, depth, normal, shifts);
      add(evidence.edges + k, -evidence.weights[k] / along);
    }
    this.addSupport(camera, p, evidence.support_m);
    add(evidence.edges + evidence.samples, -1 / evidence.support_sigma_m);
    const out = new Float64Array(n * m);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) for (let k = 0; k < m; k++) out[i * m + k] -= cofactor[i * n + j] * B[j * m + k];
    }
    return out;
  }

  private dilationSlopes({ edges, kinds }: RegionEvidence, cofactor: Float64Array): Float64Array {
    const { solver } = this;
    const n = this.model.size;
    const b = new Float64Array(n);
    for (let i = 0; i < edges; i++) {
      if (kinds[i] === EDGE.reach && solver.residuals[i] === 0) continue;
      const w = solver.weightOf(i) / EDGE_SIGMA;
      for (let j = 0; j < n; j++) b[j] += w * solver.jacobian[i * n + j];
    }
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i] -= cofactor[i * n + j] * b[j];
    return out;
  }

  /** Moves of the support's measured height below the object by the camera's errors. */
  private addSupport(camera: CameraModel, p: Float64Array, height: number): void {
    const { T } = camera;
    const [dx, dy, dz] = [p[0] - T[3], p[1] - T[7], height - T[11]];
    const depth = T[2] * dx + T[6] * dy + T[10] * dz;
    const x = (T[0] * dx + T[4] * dy + T[8] * dz) / depth;
    const y = (T[1] * dx + T[5] * dy + T[9] * dz) / depth;
    rayShifts(camera, x, y, depth, UP, this.shifts);
  }
}

const UP = Float64Array.of(0, 0, 1);

/** Convex hull of some of a model's corners, and the edge of it that is nearest to a point. */
class Polygon {
  private readonly first: number;
  private readonly chain: Int32Array;
  private readonly order: Int32Array;
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly nx: Float64Array;
  private readonly ny: Float64Array;
  private length = 0;
  private edge = 0;
  private part = 0;

  constructor(corners: number, first: number) {
    this.first = first;
    this.order = new Int32Array(corners);
    this.chain = new Int32Array(2 * corners + 1);
    this.x = new Float64Array(2 * corners + 1);
    this.y = new Float64Array(2 * corners + 1);
    this.nx = new Float64Array(2 * corners + 1);
    this.ny = new Float64Array(2 * corners + 1);
  }

  take(points: Float64Array): void {
    const { chain, x, y, nx, ny } = this;
    this.length = hullInto(points, this.first, this.order, chain);
    for (let k = 0; k < this.length; k++) {
      x[k] = points[2 * chain[k]];
      y[k] = points[2 * chain[k] + 1];
    }
    for (let k = 0; k < this.length; k++) {
      const j = k + 1 === this.length ? 0 : k + 1;
      const scale = 1 / Math.sqrt((x[j] - x[k]) ** 2 + (y[j] - y[k]) ** 2);
      nx[k] = (y[j] - y[k]) * scale;
      ny[k] = (x[k] - x[j]) * scale;
    }
  }

  /** Signed distance, positive outside; remembers the edge. */
  distance(px: number, py: number): number {
    const { x, y, nx, ny, length } = this;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < length; k++) {
      const d = (px - x[k]) * nx[k] + (py - y[k]) * ny[k];
      if (d > most) {
        most = d;
        this.edge = k;
      }
    }
    const a = this.edge;
    const b = a + 1 === length ? 0 : a + 1;
    const ex = x[b] - x[a];
    const ey = y[b] - y[a];
    this.part = ((px - x[a]) * ex + (py - y[a]) * ey) / (ex * ex + ey * ey);
    return most;
  }

  /** Moves of that edge along its normal at the point's place on it, by the parameters, times a factor. */
  slopes(corners: Float64Array, n: number, factor: number, out: Float64Array, at: number): void {
    const { chain, edge, length, part } = this;
    const from = 2 * n * chain[edge];
    const to = 2 * n * chain[edge + 1 === length ? 0 : edge + 1];
    const ax = factor * this.nx[edge];
    const ay = factor * this.ny[edge];
    for (let j = 0; j < n; j++) {
      const sx = (1 - part) * corners[from + j] + part * corners[to + j];
      const sy = (1 - part) * corners[from + n + j] + part * corners[to + n + j];
      out[at + j] = ax * sx + ay * sy;
    }
  }

  /** The same by the camera's errors. */
  imageSlopes(camera: CameraModel, world: Float64Array, scratch: Float64Array, out: Float64Array): void {
    const { chain, edge, length, part } = this;
    const a = 3 * chain[edge];
    const b = 3 * chain[edge + 1 === length ? 0 : edge + 1];
    const at = (k: number): number => (1 - part) * world[a + k] + part * world[b + k];
    imageSlopes(camera, at(0), at(1), at(2), scratch);
    for (let k = 0; k < CAMERA_ERRORS; k++) {
      out[k] = this.nx[edge] * scratch[k] + this.ny[edge] * scratch[CAMERA_ERRORS + k];
    }
  }
}
