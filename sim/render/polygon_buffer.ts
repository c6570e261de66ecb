/** Coverage tolerance in pixels: neighbouring faces leave no gap to rounding. */
const EDGE = 1e-9;
/** Faces of a smaller area (pixels², twice) are seen from the side. */
const LEAST_AREA = 1e-9;

/**
 * A z-buffer and the faces that are drawn into it. Every vertex has image coordinates x, y (pixels) and a nearness w that
 * is linear in the image: 1/z of a pinhole camera, metres towards a light far away. The greatest w is seen. Grows with
 * the largest mesh seen, else allocates nothing.
 */
export class PolygonBuffer {
  readonly width: number;
  readonly height: number;
  /** w of what is seen, rounded to single precision. */
  readonly nearest: Float32Array;
  /** Number of the face that is seen, 0 where nothing is; empty where only nearness is wanted. */
  readonly face: Int32Array;
  private readonly numbered: boolean;
  /** Where `draw` also leaves w unrounded; null while it is not wanted. */
  exact: Float64Array | null = null;
  private X = new Float64Array(256);
  private Y = new Float64Array(256);
  private Z = new Float64Array(256);
  private x = new Float64Array(256);
  private y = new Float64Array(256);
  private w = new Float64Array(256);
  private cut = new Int32Array(64);
  private vertices = 0;
  /** fx, fy, cx, cy (pixels), near (m). */
  private readonly lens = new Float64Array(5);
  private least = Number.NaN;
  /** Rows and columns written since they were cleared; none when bottom < top. */
  top = 0;
  bottom = -1;
  left = 0;
  right = -1;

  /** @param numbered whether to keep which face is seen */
  constructor(width: number, height: number, numbered: boolean) {
    this.width = width;
    this.height = height;
    this.numbered = numbered;
    this.nearest = new Float32Array(width * height);
    this.face = new Int32Array(numbered ? width * height : 0);
  }

  /** Empties it; only what is nearer than `least` will be seen. */
  clear(least: number): void {
    const all = least !== this.least;
    this.least = least;
    const top = all ? 0 : this.top;
    const bottom = all ? this.height - 1 : this.bottom;
    const left = all ? 0 : this.left;
    const right = all ? this.width - 1 : this.right;
    for (let row = top; row <= bottom; row++) {
      const start = row * this.width;
      this.nearest.fill(least, start + left, start + right + 1);
      if (this.numbered) this.face.fill(0, start + left, start + right + 1);
    }
    this.empty();
  }

  /** Puts back what was written since it was cleared, from an image of the same size. */
  restore(image: Float32Array): void {
    const { nearest, width, top, bottom, left, right } = this;
    for (let row = top; row <= bottom; row++) {
      for (let i = row * width + left; i <= row * width + right; i++) nearest[i] = image[i];
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
    this.reserve(count);
    this.vertices = count;
    for (let k = 0; k < 5; k++) this.lens[k] = lens[k];
    const { X, Y, Z, x, y, w } = this;
    const fx = lens[0];
    const fy = lens[1];
    const cx = lens[2];
    const cy = lens[3];
    const near = lens[4];
    let behind = 0;
    for (let i = 0, o = 0; i < count; i++, o += 3) {
      const a = positions[o];
      const b = positions[o + 1];
      const c = positions[o + 2];
      const Xi = M[0] * a + M[1] * b + M[2] * c + M[3];
      const Yi = M[4] * a + M[5] * b + M[6] * c + M[7];
      const Zi = M[8] * a + M[9] * b + M[10] * c + M[11];
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
    this.vertices = count;
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

  /** As `draw`, cut off at the near plane (Sutherland and Hodgman, 1974). */
  drawClipped(corners: Int32Array, start: number, end: number, number: number): boolean {
    const { w } = this;
    let behind = 0;
    for (let k = start; k < end; k++) if (w[corners[k]] === 0) behind++;
    if (behind === 0) return this.draw(corners, start, end, number);
    if (behind === end - start) return false;
    if (this.cut.length < end - start + 1) this.cut = new Int32Array(2 * (end - start));
    this.reserve(this.vertices + end - start + 1);
    let count = 0;
    for (let k = start; k < end; k++) {
      const i = corners[k];
      const j = corners[k + 1 < end ? k + 1 : start];
      if (w[i] > 0) this.cut[count++] = i;
      if (w[i] > 0 !== w[j] > 0) {
        const added = this.vertices + count;
        this.addCut(added, i, j);
        this.cut[count++] = added;
      }
    }
    return this.draw(this.cut, 0, count, number);
  }

  /** Vertex `to` becomes the point of the edge i–j on the near plane. */
  private addCut(to: number, i: number, j: number): void {
    const { X, Y, Z, lens } = this;
    const t = (lens[4] - Z[i]) / (Z[j] - Z[i]);
    const inverse = 1 / lens[4];
    this.w[to] = inverse;
    this.x[to] = lens[2] + lens[0] * (X[i] + t * (X[j] - X[i])) * inverse;
    this.y[to] = lens[3] + lens[1] * (Y[i] + t * (Y[j] - Y[i])) * inverse;
  }

  /**
   * Draws the flat convex face of the projected vertices corners[start..end) as face `number`. False if it is a back
   * face or outside the image.
   */
  draw(corners: Int32Array, start: number, end: number, number: number): boolean {
    const { x, y, w, width, face, nearest, exact, numbered } = this;
    const first = corners[start];
    const x0 = x[first];
    const y0 = y[first];
    const w0 = w[first];
    // Newell's normal of the face in x, y, w gives its area and the slope of w.
    let area = 0;
    let nx = 0;
    let ny = 0;
    let px = 0;
    let py = 0;
    let pw = 0;
    let minX = 0;
    let maxX = 0;
    let minY = 0;
    let maxY = 0;
    let highest = start;
    for (let k = start + 1; k < end; k++) {
      const i = corners[k];
      const qx = x[i] - x0;
      const qy = y[i] - y0;
      const qw = w[i] - w0;
      area += px * qy - qx * py;
      nx += py * qw - qy * pw;
      ny += pw * qx - qw * px;
      if (qx < minX) minX = qx;
      if (qx > maxX) maxX = qx;
      if (qy > maxY) maxY = qy;
      if (qy < minY) {
        minY = qy;
        highest = k;
      }
      px = qx;
      py = qy;
      pw = qw;
    }
    if (!(area < -LEAST_AREA)) return false;
    const above = Math.max(0, Math.ceil(y0 + minY - EDGE));
    const below = Math.min(this.height - 1, Math.floor(y0 + maxY + EDGE));
    if (above > below) return false;
    const before = Math.max(0, Math.ceil(x0 + minX - EDGE));
    const behind = Math.min(width - 1, Math.floor(x0 + maxX + EDGE));
    if (before > behind) return false;
    // Integers to V8 too, so that no fraction becomes an index in the loops below.
    const top = above | 0;
    const bottom = below | 0;
    const left = before | 0;
    const right = behind | 0;
    if (top < this.top) this.top = top;
    if (bottom > this.bottom) this.bottom = bottom;
    if (left < this.left) this.left = left;
    if (right > this.right) this.right = right;
    const wx = -nx / area;
    const wy = -ny / area;
    // Counter-clockwise in an image whose rows go down: forward from the highest corner is down its left side.
    const lowest = y0 + maxY;
    let l = highest;
    let r = highest;
    let leftEnd = -Infinity;
    let rightEnd = -Infinity;
    let leftX = 0;
    let rightX = 0;
    let leftSlope = 0;
    let rightSlope = 0;
    for (let row = top; row <= bottom; row++) {
      while (leftEnd <= row && leftEnd < lowest) {
        const from = corners[l];
        l = l + 1 < end ? l + 1 : start;
        const to = corners[l];
        leftEnd = y[to];
        const tall = leftEnd - y[from];
        leftSlope = tall > 0 ? (x[to] - x[from]) / tall : 0;
        leftX = x[from] + leftSlope * (row - y[from]);
      }
      while (rightEnd <= row && rightEnd < lowest) {
        const from = corners[r];
        r = r > start ? r - 1 : end - 1;
        const to = corners[r];
        rightEnd = y[to];
        const tall = rightEnd - y[from];
        rightSlope = tall > 0 ? (x[to] - x[from]) / tall : 0;
        rightX = x[from] + rightSlope * (row - y[from]);
      }
      const low = leftX > left ? Math.ceil(Math.min(leftX, right + 1) - EDGE) | 0 : left;
      const high = rightX < right ? Math.floor(Math.max(rightX, left - 1) + EDGE) | 0 : right;
      leftX += leftSlope;
      rightX += rightSlope;
      if (low > high) continue;
      let nearness = w0 + wx * (low - x0) + wy * (row - y0);
      const stop = row * width + high;
      if (!numbered) {
        for (let pixel = row * width + low; pixel <= stop; pixel++) {
          nearest[pixel] = Math.max(nearest[pixel], nearness);
          nearness += wx;
        }
        continue;
      }
      for (let pixel = row * width + low; pixel <= stop; pixel++) {
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
    for (const name of ['X', 'Y', 'Z', 'x', 'y', 'w'] as const) {
      const longer = new Float64Array(2 * count);
      longer.set(this[name]);
      this[name] = longer;
    }
  }
}
