/** Most points a manifold keeps. */
export const MAX_POINTS = 5;
/** Most corners of a polygon: eight of an octagon, and one more for each of eight clipping lines, with room. */
const POLYGON = 24;
/** Labels of polygon edges made by clipping begin here; those of the original edges are below. */
export const CLIPPED = 16;

/**
 * What a narrowphase function writes: one normal from a to b and up to MAX_POINTS points, each midway between the two
 * surfaces, with its gap along the normal (m, negative inside) and a feature id that stays the same while the same
 * features touch. Also the reference frame and the polygon buffers for clipping; nothing in it outlives a call.
 */
export class Manifold {
  count = 0;
  /** Unit normal from a to b, frame world. */
  readonly normal = new Float64Array(3);
  /** Points 3·count (m, frame world), their gaps (m) and feature ids. */
  readonly point = new Float64Array(3 * POLYGON);
  readonly gap = new Float64Array(POLYGON);
  readonly id = new Int32Array(POLYGON);

  /**
   * Reference face: origin (m) and unit axes u, v and outward normal n, 3 each, frame world; then the face's height
   * above the origin along n (m). Written by `setFaceFrame` and `setCapFrame`.
   */
  readonly frame = new Float64Array(13);

  /** Polygon to clip: u, v and height above the reference face of each corner (m); label of the edge that leaves it. */
  polygon = new Float64Array(3 * POLYGON);
  labels = new Int32Array(POLYGON);
  corners = 0;
  private readonly line = new Float64Array(3);
  private spare = new Float64Array(3 * POLYGON);
  private spare_labels = new Int32Array(POLYGON);

  /** Appends a corner to the polygon. */
  corner(u: number, v: number, height: number, label: number): void {
    const k = this.corners++;
    this.polygon[3 * k] = u;
    this.polygon[3 * k + 1] = v;
    this.polygon[3 * k + 2] = height;
    this.labels[k] = label;
  }

  /**
   * Keeps the part of the polygon where nu·u + nv·v ≤ limit; new edges get `label` (Sutherland and Hodgman, Reentrant
   * Polygon Clipping, 1974).
   */
  clip(nu: number, nv: number, limit: number, label: number): void {
    const { line } = this;
    line[0] = nu;
    line[1] = nv;
    line[2] = limit;
    this.clipBy(line, 0, label);
  }

  /** As `clip`, by the line nu, nv, limit at lines[o ..]: numbers that cross a call in an array are not boxed. */
  clipBy(lines: Float64Array, o: number, label: number): void {
    const nu = lines[o];
    const nv = lines[o + 1];
    const limit = lines[o + 2];
    const { polygon: from, labels, spare: to, spare_labels } = this;
    const n = this.corners;
    let m = 0;
    for (let k = 0; k < n; k++) {
      const e = k === n - 1 ? 0 : k + 1;
      const d0 = nu * from[3 * k] + nv * from[3 * k + 1] - limit;
      const d1 = nu * from[3 * e] + nv * from[3 * e + 1] - limit;
      if (d0 <= 0) {
        to[3 * m] = from[3 * k];
        to[3 * m + 1] = from[3 * k + 1];
        to[3 * m + 2] = from[3 * k + 2];
        spare_labels[m++] = labels[k];
      }
      if (d0 <= 0 !== d1 <= 0) {
        const t = d0 / (d0 - d1);
        to[3 * m] = from[3 * k] + t * (from[3 * e] - from[3 * k]);
        to[3 * m + 1] = from[3 * k + 1] + t * (from[3 * e + 1] - from[3 * k + 1]);
        to[3 * m + 2] = from[3 * k + 2] + t * (from[3 * e + 2] - from[3 * k + 2]);
        spare_labels[m++] = d0 <= 0 ? label : labels[k];
      }
    }
    this.polygon = to;
    this.spare = from;
    this.labels = spare_labels;
    this.spare_labels = labels;
    this.corners = m;
  }

  /** Copies the reference face's normal, times `sign`, to the contact's. */
  takeNormal(sign: number): void {
    const { frame, normal } = this;
    normal[0] = sign * frame[9];
    normal[1] = sign * frame[10];
    normal[2] = sign * frame[11];
  }

  /**
   * Adds the polygon's corners whose gap is at most `margin` (m) as points, with ids from `base` on. If `rim`, corners
   * of the original polygon (edges labelled below CLIPPED on both sides) get ids that do not depend on how it was
   * clipped.
   */
  addPolygon(margin: number, base: number, rim: boolean): void {
    const { polygon, frame } = this;
    const px = frame[0];
    const py = frame[1];
    const pz = frame[2];
    const ux = frame[3];
    const uy = frame[4];
    const uz = frame[5];
    const vx = frame[6];
    const vy = frame[7];
    const vz = frame[8];
    const nx = frame[9];
    const ny = frame[10];
    const nz = frame[11];
    const height = frame[12];
    for (let k = 0; k < this.corners; k++) {
      const gap = polygon[3 * k + 2];
      if (gap > margin) continue;
      const u = polygon[3 * k];
      const v = polygon[3 * k + 1];
      const h = height + 0.5 * gap;
      this.add(
        px + u * ux + v * vx + h * nx,
        py + u * uy + v * vy + h * ny,
        pz + u * uz + v * vz + h * nz,
        gap,
        base + this.cornerId(k, rim),
      );
    }
  }

  /**
   * Identity of corner k: the edges that meet in it, or, if `rim` and neither is from clipping, the one that leaves it.
   */
  private cornerId(k: number, rim: boolean): number {
    const leaving = this.labels[k];
    const arriving = this.labels[k === 0 ? this.corners - 1 : k - 1];
    if (!rim) return 64 * arriving + leaving;
    return leaving < CLIPPED && arriving < CLIPPED ? leaving : 64 + 64 * arriving + leaving;
  }

  /** Adds a point midway between the surfaces: x, y, z (m, frame world) and its gap (m). */
  add(x: number, y: number, z: number, gap: number, id: number): void {
    const k = this.count++;
    this.point[3 * k] = x;
    this.point[3 * k + 1] = y;
    this.point[3 * k + 2] = z;
    this.gap[k] = gap;
    this.id[k] = id;
  }

  /**
   * Keeps at most four points: the farthest in the directions ±a ± b, or along ±a and ±b if `axial`, where a and b are
   * columns `a` and `b` of the rotation at `R[o]`.
   */
  reduce(R: Float64Array, o: number, a: number, b: number, axial: boolean): void {
    const { point, gap, id } = this;
    if (this.count <= 4) return;
    let keep = 0;
    for (let s = 0; s < 4; s++) {
      let wa = s & 1 ? -1 : 1;
      // Slightly unequal weights decide ties the same way every time.
      let wb = s & 2 ? -1.0001 : 1.0001;
      if (axial) {
        wa = s & 2 ? 0 : wa;
        wb = s & 2 ? (s & 1 ? -1 : 1) : 0;
      }
      const x = wa * R[o + a] + wb * R[o + b];
      const y = wa * R[o + 3 + a] + wb * R[o + 3 + b];
      const z = wa * R[o + 6 + a] + wb * R[o + 6 + b];
      let best = 0;
      let most = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < this.count; k++) {
        const value = x * point[3 * k] + y * point[3 * k + 1] + z * point[3 * k + 2];
        if (value > most + 1e-9) {
          most = value;
          best = k;
        }
      }
      keep |= 1 << best;
    }
    let w = 0;
    for (let k = 0; k < this.count; k++) {
      if (!(keep & (1 << k))) continue;
      if (w !== k) {
        point[3 * w] = point[3 * k];
        point[3 * w + 1] = point[3 * k + 1];
        point[3 * w + 2] = point[3 * k + 2];
        gap[w] = gap[k];
        id[w] = id[k];
      }
      w++;
    }
    this.count = w;
  }
}

/** A separating axis is taken over a better-ranked one only if it separates by this much more: relative part and m. */
export const HYSTERESIS = { face: 0.02, face_m: 1e-4, edge: 0.05, edge_m: 2e-4 } as const;
