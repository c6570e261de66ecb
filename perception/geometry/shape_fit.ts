import type { CameraModel } from '../camera_model.ts';
import { CAMERA_ERRORS, rayShifts } from './camera_uncertainty.ts';
import { LeastSquares, type Problem } from './least_squares.ts';
import { Outline } from './outline.ts';
import { EDGE, MOST_EDGES, type RegionEvidence } from './region_evidence.ts';
import type { ShapeModel } from './shape_model.ts';

/** Where a search ended. */
export interface ShapeMinimum {
  /** As the model has them. */
  readonly parameters: Float64Array;
  /** Half the robust sum of squared residuals, each by its standard deviation. */
  readonly cost: number;
  /** Root mean square distance of the outline from the shape, pixels. */
  readonly rms: number;
}

/** A shape fitted to what a region shows. */
export interface ShapeFit extends ShapeMinimum {
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

/**
 * Fits upright shapes to a region by Levenberg–Marquardt: its outline to the silhouette and to the top's outline, depths of
 * its pixels to the surface that their rays enter, where something hides an edge only that the shape reaches so far. Far
 * edges of a silhouette are edges of the top and near ones are on the support, so place, yaw and sizes follow from the
 * outline; depths give the height, and the sides whose edges are hidden.
 */
export class ShapeFitter implements Problem {
  readonly model: ShapeModel;
  private readonly solver: LeastSquares;
  private readonly whole: Outline;
  private readonly upper: Outline;
  private readonly eye = new Float64Array(3);
  private readonly shifts = new Float64Array(CAMERA_ERRORS);
  /** Of every point of the mask's outline, the edge where it was last. */
  private readonly near = new Uint8Array(MOST_EDGES);
  private fresh = true;
  /** What depths contribute to the normal equations. */
  private readonly H: Float64Array;
  private readonly g: Float64Array;
  private outline_squares = 0;
  private camera: CameraModel | null = null;
  private evidence: RegionEvidence | null = null;
  private priors: readonly Prior[] = [];

  constructor(model: ShapeModel) {
    this.model = model;
    this.solver = new LeastSquares(model.size);
    this.whole = new Outline(model, 0);
    this.upper = new Outline(model, model.points.length / 4);
    this.H = new Float64Array(model.size ** 2);
    this.g = new Float64Array(model.size);
  }

  /**
   * Searches from a start; `finish` tells how sure its end is.
   * @param hopeless  costs so far above this that the search cannot come below end it
   */
  search(
    camera: CameraModel,
    evidence: RegionEvidence,
    priors: readonly Prior[],
    start: Float64Array,
    hopeless = Number.POSITIVE_INFINITY,
  ): ShapeMinimum {
    const { solver } = this;
    this.camera = camera;
    this.evidence = evidence;
    this.priors = priors;
    this.fresh = true;
    for (let k = 0; k < 3; k++) this.eye[k] = camera.T[4 * k + 3];
    solver.solve(start, ITERATIONS, this, 2 * hopeless);
    const told = Math.max(1, evidence.edges - evidence.hidden);
    return {
      parameters: solver.parameters.slice(),
      cost: solver.cost / 2,
      rms: EDGE_SIGMA * Math.sqrt(this.outline_squares / told),
    };
  }

  /** @param minimum  of the evidence of the last search */
  finish(minimum: ShapeMinimum): ShapeFit {
    this.returnTo(minimum);
    const cofactor = this.solver.cofactor();
    return { ...minimum, cofactor, ...this.slopes(minimum.parameters, cofactor) };
  }

  /** Area of the silhouette (square pixels). @param minimum  of the evidence of the last search */
  area(minimum: ShapeMinimum): number {
    this.returnTo(minimum);
    return this.whole.area(this.model.points);
  }

  private returnTo({ parameters }: ShapeMinimum): void {
    const { solver } = this;
    if (parameters.some((value, k) => value !== solver.parameters[k])) solver.begin(parameters, this);
  }

  fit(camera: CameraModel, evidence: RegionEvidence, priors: readonly Prior[], start: Float64Array): ShapeFit {
    return this.finish(this.search(camera, evidence, priors, start));
  }

  cost(p: Float64Array): number {
    const { model, camera, evidence } = this;
    if (camera === null || evidence === null) throw new Error('nothing to fit to');
    model.place(camera, p);
    const outline = this.outlineCost(evidence);
    return outline + this.surfaceCost(evidence, p) + this.priorCost(evidence, p);
  }

  normal(H: Float64Array, g: Float64Array): void {
    const { model, evidence } = this;
    const n = model.size;
    for (let k = 0; k < n * n; k++) H[k] = this.H[k];
    for (let k = 0; k < n; k++) g[k] = this.g[k];
    this.whole.addNormal(model, 1 / EDGE_SIGMA, H, g);
    if (evidence !== null && hasTops(evidence)) this.upper.addNormal(model, 1 / EDGE_SIGMA, H, g);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) H[j * n + i] = H[i * n + j];
  }

  private outlineCost(evidence: RegionEvidence): number {
    const { model, whole, upper, near, fresh } = this;
    const { points, kinds, trust, edges } = evidence;
    whole.take(model.points);
    if (hasTops(evidence)) upper.take(model.points);
    let cost = 0;
    let squares = 0;
    for (let i = 0; i < edges; i++) {
      const kind = kinds[i];
      const outline = kind === EDGE.top ? upper : whole;
      const distance = outline.distance(points[2 * i], points[2 * i + 1], fresh ? -1 : near[i]);
      near[i] = outline.edge;
      if (kind === EDGE.reach && distance <= 0) continue;
      const r = distance / EDGE_SIGMA;
      if (kind !== EDGE.reach) squares += r * r;
      const believed = trust[i];
      const size = believed * (r < 0 ? -r : r);
      cost += size <= HUBER ? size * size : HUBER * (2 * size - HUBER);
      outline.add(believed * believed * (size <= HUBER ? 1 : HUBER / size), r);
    }
    this.fresh = false;
    this.outline_squares = squares;
    return cost;
  }

  private surfaceCost({ rays, depths, weights, samples }: RegionEvidence, p: Float64Array): number {
    const { model, eye, H, g } = this;
    const { depthSlopes: J, size: n } = model;
    for (let k = 0; k < n * n; k++) H[k] = 0;
    for (let k = 0; k < n; k++) g[k] = 0;
    const top = n - 2;
    let cost = 0;
    for (let k = 0; k < samples; k++) {
      const depth = model.enter(eye, rays, 3 * k, p);
      if (Number.isNaN(depth)) continue;
      const r = (depth - depths[k]) * weights[k];
      const size = r < 0 ? -r : r;
      cost += size <= HUBER ? r * r : HUBER * (2 * size - HUBER);
      const w = (size <= HUBER ? 1 : HUBER / size) * weights[k];
      if (J[top] !== 0) {
        g[top] += w * J[top] * r;
        H[top * (n + 1)] += w * weights[k] * J[top] * J[top];
        continue;
      }
      for (let i = 0; i < top; i++) {
        if (J[i] === 0) continue;
        g[i] += w * J[i] * r;
        const a = w * weights[k] * J[i];
        for (let j = 0; j <= i; j++) H[i * n + j] += a * J[j];
      }
    }
    return cost;
  }

  private priorCost({ support_m, support_sigma_m }: RegionEvidence, p: Float64Array): number {
    const { H, g, priors } = this;
    const n = p.length;
    const base = n - 1;
    const w = 1 / support_sigma_m ** 2;
    const off = p[base] - support_m;
    H[base * (n + 1)] += w;
    g[base] += w * off;
    let cost = w * off * off;
    for (const { index, less, value, sigma } of priors) {
      const a = 1 / sigma ** 2;
      const d = p[index] - (less >= 0 ? p[less] : 0) - value;
      cost += a * d * d;
      H[index * (n + 1)] += a;
      g[index] += a * d;
      if (less < 0) continue;
      H[less * (n + 1)] += a;
      H[Math.max(index, less) * n + Math.min(index, less)] -= a;
      g[less] -= a * d;
    }
    return cost;
  }

  /** By the implicit function of the minimum: −(JᵀWJ)⁻¹ JᵀW ∂r/∂c. */
  private slopes(p: Float64Array, cofactor: Float64Array): Pick<ShapeFit, 'camera' | 'dilation'> {
    const { model, evidence, camera, whole, upper } = this;
    if (camera === null || evidence === null) throw new Error('nothing was fitted');
    const n = model.size;
    const m = CAMERA_ERRORS;
    const B = new Float64Array(n * m);
    const b = new Float64Array(n);
    whole.addSlopes(model, 1 / EDGE_SIGMA, B, b);
    if (hasTops(evidence)) upper.addSlopes(model, 1 / EDGE_SIGMA, B, b);
    this.addSurface(camera, evidence, p, B);
    this.addSupport(camera, evidence, p, B);
    const slopes = new Float64Array(n * m);
    const dilation = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const a = cofactor[i * n + j];
        dilation[i] -= a * b[j];
        for (let k = 0; k < m; k++) slopes[i * m + k] -= a * B[j * m + k];
      }
    }
    return { camera: slopes, dilation };
  }

  private addSurface(
    camera: CameraModel,
    { rays, depths, weights, samples }: RegionEvidence,
    p: Float64Array,
    B: Float64Array,
  ): void {
    const { model, eye, shifts } = this;
    const { normal, depthSlopes: J, size: n } = model;
    const { T } = camera;
    const top = n - 2;
    // moves of depths on the top are linear in depth and its products with the ray: their mean ray stands for all
    let [sum, deep, across, down] = [0, 0, 0, 0];
    for (let k = 0; k < samples; k++) {
      const depth = model.enter(eye, rays, 3 * k, p);
      if (Number.isNaN(depth)) continue;
      const dx = rays[3 * k];
      const dy = rays[3 * k + 1];
      const dz = rays[3 * k + 2];
      const x = T[0] * dx + T[4] * dy + T[8] * dz;
      const y = T[1] * dx + T[5] * dy + T[9] * dz;
      const size = Math.abs((depth - depths[k]) * weights[k]);
      const w = (size <= HUBER ? 1 : HUBER / size) * weights[k] * weights[k];
      if (J[top] !== 0) {
        const a = (w * J[top]) / dz;
        sum += a;
        deep += a * depth;
        across += a * depth * x;
        down += a * depth * y;
        continue;
      }
      rayShifts(camera, x, y, depth, normal, shifts);
      const along = normal[0] * dx + normal[1] * dy + normal[2] * dz;
      for (let j = 0; j < n; j++) {
        if (J[j] === 0) continue;
        const a = (w * J[j]) / along;
        for (let c = 0; c < CAMERA_ERRORS; c++) B[j * CAMERA_ERRORS + c] -= a * shifts[c];
      }
    }
    if (sum === 0) return;
    rayShifts(camera, across / deep, down / deep, deep / sum, UP, shifts);
    for (let c = 0; c < CAMERA_ERRORS; c++) B[top * CAMERA_ERRORS + c] -= sum * shifts[c];
  }

  /** Moves of the support's measured height below the object by the camera's errors. */
  private addSupport(
    camera: CameraModel,
    { support_m, support_sigma_m }: RegionEvidence,
    p: Float64Array,
    B: Float64Array,
  ): void {
    const { T } = camera;
    const { shifts } = this;
    const [dx, dy, dz] = [p[0] - T[3], p[1] - T[7], support_m - T[11]];
    const depth = T[2] * dx + T[6] * dy + T[10] * dz;
    const x = (T[0] * dx + T[4] * dy + T[8] * dz) / depth;
    const y = (T[1] * dx + T[5] * dy + T[9] * dz) / depth;
    rayShifts(camera, x, y, depth, UP, shifts);
    const at = (p.length - 1) * CAMERA_ERRORS;
    for (let c = 0; c < CAMERA_ERRORS; c++) B[at + c] -= shifts[c] / support_sigma_m ** 2;
  }
}

const UP = Float64Array.of(0, 0, 1);

/** Whether any edge is of the top alone. */
function hasTops({ edges, own, hidden }: RegionEvidence): boolean {
  return edges > own + hidden;
}
