/** Coverage tolerance in pixels: neighbouring triangles leave no gap to rounding. */
const EDGE = 1e-9;

/**
 * A z-buffer and the triangles that are drawn into it. Every vertex has image coordinates x, y (pixels) and a nearness w
 * that is linear in the image: 1/z of a pinhole camera, metres towards a light far away. The greatest w is seen. Grows
 * with the largest mesh seen, else allocates nothing.
 */
export class TriangleBuffer {
  readonly width: number;
  readonly height: number;
  /** w of what is seen, rounded to single precision. */
  readonly nearest: Float32Array;
  /** Number of the face that is seen; 0 where nothing is. */
  readonly face: Int32Array;
  /** Where `fill` also leaves w unrounded; null while it is not wanted. */
  exact: Float64Array | null = null;
  private X = new Float64Array(256);
  private Y = new Float64Array(256);
  private Z = new Float64Array(256);
  private x = new Float64Array(256);
  private y = new Float64Array(256);
  private w = new Float64Array(256);
  /** fx, fy, cx, cy (pixels), near (m). */
  private readonly lens = new Float64Array(5);
  /** Rows and columns written since they were cleared. */
  private top = 0;
  private bottom = -1;
  private left = 0;
  private right = -1;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.nearest = new Float32Array(width * height);
    this.face = new Int32Array(width * height);
  }

  /** Empties all of it; only what is nearer than `least` will be seen. */
  clear(least: number): void {
    this.nearest.fill(least);
    this.face.fill(0);
    this.empty();
  }

  /** As `clear`, where something has been drawn since and `least` is the same. */
  clearDrawn(least: number): void {
    for (let row = this.top; row <= this.bottom; row++) {
      const start = row * this.width;
      this.nearest.fill(least, start + this.left, start + this.right + 1);
      this.face.fill(0, start + this.left, start + this.right + 1);
    }
    this.empty();
  }

  private empty(): void {
    this.top = this.height;
    this.bottom = -1;
    this.left = this.width;
    this.right = -1;
  }

  /**
   * Vertices (3 each, mesh frame) to camera and image; w = 1/z, 0 in front of the near plane. Returns how many are cut
   * off there.
   * @param M mesh to camera, row-major 3×4
   * @param lens fx, fy, cx, cy (pixels), near (m)
   */
  project(positions: Float64Array, M: Float64Array, lens: Float64Array): number {
    const count = positions.length / 3;
    this.reserve(count + 4);
    for (let k = 0; k < 5; k++) this.lens[k] = lens[k];
    const { X, Y, Z, x, y, w } = this;
    const fx = lens[0];
    const fy = lens[1];
    const cx = lens[2];
    const cy = lens[3];
    const near = lens[4];
    const m0 = M[0];
    const m1 = M[1];
    const m2 = M[2];
    const m3 = M[3];
    const m4 = M[4];
    const m5 = M[5];
    const m6 = M[6];
    const m7 = M[7];
    const m8 = M[8];
    const m9 = M[9];
    const m10 = M[10];
    const m11 = M[11];
    let behind = 0;
    for (let i = 0, o = 0; i < count; i++, o += 3) {
      const a = positions[o];
      const b = positions[o + 1];
      const c = positions[o + 2];
      const Xi = m0 * a + m1 * b + m2 * c + m3;
      const Yi = m4 * a + m5 * b + m6 * c + m7;
      const Zi = m8 * a + m9 * b + m10 * c + m11;
      X[i] = Xi;
      Y[i] = Yi;
      Z[i] = Zi;
      if (Zi < near) {
        w[i] = 0;
        behind++;
      } else {
        const inverse = 1 / Zi;
        w[i] = inverse;
        x[i] = cx + fx * Xi * inverse;
        y[i] = cy + fy * Yi * inverse;
      }
    }
    return behind;
  }

  /** Vertices (3 each, mesh frame) to image and w by an affine map, row-major 3×4. */
  projectFlat(positions: Float64Array, M: Float64Array): void {
    const count = positions.length / 3;
    this.reserve(count);
    const { x, y, w } = this;
    for (let i = 0, o = 0; i < count; i++, o += 3) {
      const a = positions[o];
      const b = positions[o + 1];
      const c = positions[o + 2];
      x[i] = M[0] * a + M[1] * b + M[2] * c + M[3];
      y[i] = M[4] * a + M[5] * b + M[6] * c + M[7];
      w[i] = M[8] * a + M[9] * b + M[10] * c + M[11];
    }
  }

  /** Draws a triangle of projected vertices as face `number`, cut off at the near plane. False if none of it is seen. */
  drawClipped(a: number, b: number, c: number, free: number, number: number): boolean {
    const { w } = this;
    if (w[a] > 0 && w[b] > 0 && w[c] > 0) return this.draw(a, b, c, number);
    return this.clip(a, b, c, free, number);
  }

  /** Cuts a triangle at the near plane (Sutherland and Hodgman, 1974) and draws what is left. */
  private clip(a: number, b: number, c: number, free: number, number: number): boolean {
    let count = 0;
    for (let k = 0; k < 3; k++) {
      const i = k === 0 ? a : k === 1 ? b : c;
      const j = k === 0 ? b : k === 1 ? c : a;
      if (this.w[i] > 0) this.addVertex(free + count++, i, j, 0);
      if (this.w[i] > 0 !== this.w[j] > 0) this.addVertex(free + count++, i, j, 1);
    }
    let seen = false;
    for (let k = 1; k + 1 < count; k++) {
      if (this.draw(free, free + k, free + k + 1, number)) seen = true;
    }
    return seen;
  }

  /** Vertex `to` becomes vertex i, or the point of the edge i–j on the near plane. */
  private addVertex(to: number, i: number, j: number, cut: 0 | 1): void {
    const { X, Y, Z, lens } = this;
    const t = cut === 0 ? 0 : (lens[4] - Z[i]) / (Z[j] - Z[i]);
    const inverse = 1 / (cut === 0 ? Z[i] : lens[4]);
    this.w[to] = inverse;
    this.x[to] = lens[2] + lens[0] * (X[i] + t * (X[j] - X[i])) * inverse;
    this.y[to] = lens[3] + lens[1] * (Y[i] + t * (Y[j] - Y[i])) * inverse;
  }

  /** Draws a triangle of projected vertices as face `number`. False if it is a back face or outside the image. */
  draw(a: number, b: number, c: number, number: number): boolean {
    const { x, y, w, width, face, nearest, exact } = this;
    const x0 = x[a];
    const y0 = y[a];
    const x1 = x[b];
    const y1 = y[b];
    const x2 = x[c];
    const y2 = y[c];
    const e01 = x1 - x0;
    const e02 = x2 - x0;
    const d01 = y1 - y0;
    const d20 = y0 - y2;
    const area = -e01 * d20 - e02 * d01;
    if (!(area < -1e-9)) return false;
    const top = Math.max(0, Math.ceil(Math.min(y0, y1, y2) - EDGE));
    const bottom = Math.min(this.height - 1, Math.floor(Math.max(y0, y1, y2) + EDGE));
    if (top > bottom) return false;
    const left = Math.max(0, Math.ceil(Math.min(x0, x1, x2) - EDGE));
    const right = Math.min(width - 1, Math.floor(Math.max(x0, x1, x2) + EDGE));
    if (left > right) return false;
    if (top < this.top) this.top = top;
    if (bottom > this.bottom) this.bottom = bottom;
    if (left < this.left) this.left = left;
    if (right > this.right) this.right = right;
    const w0 = w[a];
    const e12 = x2 - x1;
    const d12 = y2 - y1;
    const wx = (-(w[b] - w0) * d20 - (w[c] - w0) * d01) / area;
    const wy = (e01 * (w[c] - w0) - e02 * (w[b] - w0)) / area;
    const s01 = d01 === 0 ? 0 : e01 / d01;
    const s12 = d12 === 0 ? 0 : e12 / d12;
    const s20 = d20 === 0 ? 0 : -e02 / d20;
    for (let row = top; row <= bottom; row++) {
      let low = left;
      let high = right;
      // Inside is left of an edge that goes up in the image and right of one that goes down.
      if (d01 > 0) low = Math.max(low, x0 + s01 * (row - y0));
      else if (d01 < 0) high = Math.min(high, x0 + s01 * (row - y0));
      else if (e01 * (row - y0) > EDGE) continue;
      if (d12 > 0) low = Math.max(low, x1 + s12 * (row - y1));
      else if (d12 < 0) high = Math.min(high, x1 + s12 * (row - y1));
      else if (e12 * (row - y1) > EDGE) continue;
      if (d20 > 0) low = Math.max(low, x2 + s20 * (row - y2));
      else if (d20 < 0) high = Math.min(high, x2 + s20 * (row - y2));
      else if (-e02 * (row - y2) > EDGE) continue;
      const first = Math.ceil(low - EDGE);
      const last = row * width + Math.floor(high + EDGE);
      let nearness = w0 + wx * (first - x0) + wy * (row - y0);
      for (let pixel = row * width + first; pixel <= last; pixel++) {
        if (nearness > nearest[pixel]) {
          nearest[pixel] = nearness;
          face[pixel] = number;
          if (exact !== null) exact[pixel] = nearness;
        }
        nearness += wx;
      }
    }
    return true;
  }

  private reserve(count: number): void {
    if (count <= this.X.length) return;
    for (const name of ['X', 'Y', 'Z', 'x', 'y', 'w'] as const) this[name] = new Float64Array(2 * count);
  }
}
