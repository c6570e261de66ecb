import { CAMERA_ERRORS } from './camera_uncertainty.ts';
import { hullInto } from './convex_hull.ts';
import type { ShapeModel } from './shape_model.ts';

/** Outlines of more edges than this are searched from where a point's edge was before. */
const FEW = 8;

/**
 * Convex hull of some of a model's corners, the edge of it that is nearest to a point, and weighted sums over the points of
 * every edge. A point at the share t of its edge moves as the edge's ends do, by (1 − t) A + t B: five sums an edge hold all
 * that the normal equations need of its points.
 */
export class Outline {
  /** Of the last `distance`. */
  edge = 0;
  private readonly chain: Int32Array;
  private readonly order: Int32Array;
  private readonly corners: number;
  /** Normal and its distance from the origin, and what the share along the edge is made of, by edge. */
  private readonly nx: Float64Array;
  private readonly ny: Float64Array;
  private readonly offset: Float64Array;
  private readonly tx: Float64Array;
  private readonly ty: Float64Array;
  private readonly start: Float64Array;
  /** Sums of weight, its products with t and t², of weighted residual and its product with t; five an edge. */
  private readonly sums: Float64Array;
  private readonly from: Float64Array;
  private readonly to: Float64Array;
  private readonly image: Float64Array;
  private length = 0;
  private share = 0;

  /** @param first  the first of the model's corners, which go on to its last */
  constructor({ points, size }: ShapeModel, first: number) {
    const corners = points.length / 2 - first;
    this.corners = corners;
    this.order = new Int32Array(corners);
    for (let i = 0; i < corners; i++) this.order[i] = first + i;
    this.chain = new Int32Array(2 * corners + 1);
    this.nx = new Float64Array(corners);
    this.ny = new Float64Array(corners);
    this.offset = new Float64Array(corners);
    this.tx = new Float64Array(corners);
    this.ty = new Float64Array(corners);
    this.start = new Float64Array(corners);
    this.sums = new Float64Array(5 * corners);
    this.from = new Float64Array(size);
    this.to = new Float64Array(size);
    this.image = new Float64Array(2 * CAMERA_ERRORS);
  }

  /** Takes the hull of the corners as the model has them now, with empty sums. */
  take(points: Float64Array): void {
    const { chain, nx, ny, offset, tx, ty, start, sums } = this;
    const length = hullInto(points, this.order, this.corners, chain);
    this.length = length;
    for (let k = 0; k < length; k++) {
      const a = 2 * chain[k];
      const b = 2 * chain[k + 1 === length ? 0 : k + 1];
      const ex = points[b] - points[a];
      const ey = points[b + 1] - points[a + 1];
      const square = ex * ex + ey * ey;
      const scale = 1 / Math.sqrt(square);
      nx[k] = ey * scale;
      ny[k] = -ex * scale;
      offset[k] = points[a] * nx[k] + points[a + 1] * ny[k];
      tx[k] = ex / square;
      ty[k] = ey / square;
      start[k] = points[a] * tx[k] + points[a + 1] * ty[k];
    }
    for (let k = 0; k < 5 * length; k++) sums[k] = 0;
  }

  /**
   * Signed distance, positive outside; remembers the edge.
   * @param near  an edge to search from; −1 to try all
   */
  distance(x: number, y: number, near: number): number {
    const { nx, ny, offset, tx, ty, start, length } = this;
    let edge = near >= 0 && near < length ? near : 0;
    let most = x * nx[edge] + y * ny[edge] - offset[edge];
    if (near < 0 || length <= FEW) {
      for (let k = 0; k < length; k++) {
        const d = x * nx[k] + y * ny[k] - offset[k];
        if (d > most) {
          most = d;
          edge = k;
        }
      }
    } else {
      for (let way = 1; way >= -1; way -= 2) {
        const before = edge;
        for (;;) {
          const k = edge + way === length ? 0 : edge + way < 0 ? length - 1 : edge + way;
          const d = x * nx[k] + y * ny[k] - offset[k];
          if (d <= most) break;
          most = d;
          edge = k;
        }
        if (edge !== before) break;
      }
    }
    this.edge = edge;
    this.share = x * tx[edge] + y * ty[edge] - start[edge];
    return most;
  }

  /** Area inside (square pixels). */
  area(points: Float64Array): number {
    const { chain, length } = this;
    let sum = 0;
    for (let k = 0; k < length; k++) {
      const a = 2 * chain[k];
      const b = 2 * chain[k + 1 === length ? 0 : k + 1];
      sum += points[a] * points[b + 1] - points[a + 1] * points[b];
    }
    return Math.abs(sum) / 2;
  }

  /** Adds the point of the last `distance` to its edge. */
  add(weight: number, residual: number): void {
    const { sums, share } = this;
    const at = 5 * this.edge;
    const wt = weight * share;
    sums[at] += weight;
    sums[at + 1] += wt;
    sums[at + 2] += wt * share;
    sums[at + 3] += weight * residual;
    sums[at + 4] += wt * residual;
  }

  /** Adds what its points contribute to JᵀWJ (lower triangle) and JᵀWr, of residuals that are distances times a factor. */
  addNormal(model: ShapeModel, factor: number, H: Float64Array, g: Float64Array): void {
    const { sums, from, to } = this;
    const n = model.size;
    for (let k = 0; k < this.length; k++) {
      const at = 5 * k;
      if (sums[at] === 0) continue;
      this.endsOf(k, model, factor);
      for (let i = 0; i < n; i++) {
        const u = sums[at] * from[i] + sums[at + 1] * to[i];
        const v = sums[at + 1] * from[i] + sums[at + 2] * to[i];
        for (let j = 0; j <= i; j++) H[i * n + j] += u * from[j] + v * to[j];
        g[i] += sums[at + 3] * from[i] + sums[at + 4] * to[i];
      }
    }
  }

  /**
   * Adds what its points contribute to JᵀW ∂r/∂c for the nine errors of the camera, and for a mask that is larger all round.
   * @param camera  row-major n×9  @param dilation  n, per pixel
   */
  addSlopes(model: ShapeModel, factor: number, camera: Float64Array, dilation: Float64Array): void {
    const { sums, from, to, image, chain, nx, ny, length } = this;
    const n = model.size;
    const m = CAMERA_ERRORS;
    for (let k = 0; k < length; k++) {
      const at = 5 * k;
      if (sums[at] === 0) continue;
      this.endsOf(k, model, factor);
      model.imageSlopes(chain[k], -factor * nx[k], -factor * ny[k], image, 0);
      model.imageSlopes(chain[k + 1 === length ? 0 : k + 1], -factor * nx[k], -factor * ny[k], image, m);
      for (let i = 0; i < n; i++) {
        const u = sums[at] * from[i] + sums[at + 1] * to[i];
        const v = sums[at + 1] * from[i] + sums[at + 2] * to[i];
        for (let c = 0; c < m; c++) camera[i * m + c] += u * image[c] + v * (image[m + c] - image[c]);
        dilation[i] += factor * u;
      }
    }
  }

  /** How the distance at an edge's start moves, and by how much more at its end. */
  private endsOf(edge: number, model: ShapeModel, factor: number): void {
    const { from, to, chain, nx, ny } = this;
    model.slopes(chain[edge], nx[edge], ny[edge], -factor, from, 0);
    model.slopes(chain[edge + 1 === this.length ? 0 : edge + 1], nx[edge], ny[edge], -factor, to, 0);
    for (let i = 0; i < from.length; i++) to[i] -= from[i];
  }
}
