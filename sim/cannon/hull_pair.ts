import type { Colliders } from './colliders.ts';
import { type Hull, MAX_HULL_VERTICES } from './hull.ts';

/** Up to so many vertices all are looked at; of more only those on the way uphill. */
const FEW = 16;

/**
 * Two convex bodies in the frame of the first, which is a hull; the second is a hull or a cylinder. Measures how far they
 * are apart along a direction. Owned by one narrowphase and loaded anew for every pair.
 */
export class HullPair {
  a: Hull | null = null;
  /** Null: a cylinder. */
  b: Hull | null = null;
  /** Rotation of b's frame in a's, row-major, and its origin (m). */
  readonly R = new Float64Array(9);
  readonly p = new Float64Array(3);
  /** Vertices of hull b in a's frame, or the cylinder's radius, half length and axis. */
  readonly points = new Float64Array(3 * MAX_HULL_VERTICES);
  readonly round = new Float64Array(5);
  /** Unit direction, frame of a, along which `reach` and `floor` measure; numbers cross calls in arrays, not boxed. */
  readonly direction = new Float64Array(3);
  /** Greatest height of a and least height of b along the direction (m): written by `reach` and `floor`. */
  readonly heights = new Float64Array(2);
  /** Their vertices: of a the farthest along the direction, of b the farthest against it. */
  readonly vertex = new Int32Array(2);
  /** The point of b with the least height (m). */
  readonly near = new Float64Array(3);

  load(c: Colliders, i: number, j: number): void {
    const { R, p } = this;
    this.a = c.hulls[i];
    this.b = c.hulls[j];
    const A = 9 * i;
    const B = 9 * j;
    const dx = c.p[3 * j] - c.p[3 * i];
    const dy = c.p[3 * j + 1] - c.p[3 * i + 1];
    const dz = c.p[3 * j + 2] - c.p[3 * i + 2];
    for (let k = 0; k < 3; k++) {
      const x = c.R[A + k];
      const y = c.R[A + 3 + k];
      const z = c.R[A + 6 + k];
      p[k] = x * dx + y * dy + z * dz;
      for (let m = 0; m < 3; m++) R[3 * k + m] = x * c.R[B + m] + y * c.R[B + 3 + m] + z * c.R[B + 6 + m];
    }
    this.vertex[0] = 0;
    this.vertex[1] = 0;
    if (this.b !== null) this.placeVertices(this.b);
    else {
      const { round } = this;
      round[0] = c.size[3 * j];
      round[1] = c.size[3 * j + 1];
      round[2] = R[2];
      round[3] = R[5];
      round[4] = R[8];
    }
  }

  private placeVertices({ vertices }: Hull): void {
    const { R, p, points } = this;
    for (let v = 0; v < vertices.length; v += 3) {
      const x = vertices[v];
      const y = vertices[v + 1];
      const z = vertices[v + 2];
      points[v] = R[0] * x + R[1] * y + R[2] * z + p[0];
      points[v + 1] = R[3] * x + R[4] * y + R[5] * z + p[1];
      points[v + 2] = R[6] * x + R[7] * y + R[8] * z + p[2];
    }
  }

  setDirection(from: Float64Array, at: number, sign: number): void {
    const { direction } = this;
    direction[0] = sign * from[at];
    direction[1] = sign * from[at + 1];
    direction[2] = sign * from[at + 2];
  }

  /** Writes heights[0] and vertex[0]. */
  reach(): void {
    const { a, vertex, direction, heights } = this;
    if (a === null) return;
    const v = farthest(a, a.vertices, direction, 1, vertex[0]);
    const p = a.vertices;
    vertex[0] = v;
    heights[0] = direction[0] * p[3 * v] + direction[1] * p[3 * v + 1] + direction[2] * p[3 * v + 2];
  }

  /** Writes heights[1], vertex[1] of a hull, and `near`. */
  floor(): void {
    const { b, points, near, vertex, direction, heights } = this;
    if (b === null) this.nearOfCylinder();
    else {
      const v = farthest(b, points, direction, -1, vertex[1]);
      vertex[1] = v;
      near[0] = points[3 * v];
      near[1] = points[3 * v + 1];
      near[2] = points[3 * v + 2];
    }
    heights[1] = direction[0] * near[0] + direction[1] * near[1] + direction[2] * near[2];
  }

  private nearOfCylinder(): void {
    const { round, near, p, direction } = this;
    const ax = round[2];
    const ay = round[3];
    const az = round[4];
    const t = direction[0] * ax + direction[1] * ay + direction[2] * az;
    const ux = direction[0] - t * ax;
    const uy = direction[1] - t * ay;
    const uz = direction[2] - t * az;
    const across = Math.sqrt(ux * ux + uy * uy + uz * uz);
    const k = across > 1e-12 ? round[0] / across : 0;
    const l = t < 0 ? round[1] : -round[1];
    near[0] = p[0] + l * ax - k * ux;
    near[1] = p[1] + l * ay - k * uy;
    near[2] = p[2] + l * az - k * uz;
  }
}

/** Vertex of a hull, placed at `points`, farthest along `sign` times the direction: uphill along edges from `start`. */
function farthest(hull: Hull, points: Float64Array, direction: Float64Array, sign: number, start: number): number {
  const { next, next_first } = hull;
  const count = next_first.length - 1;
  const x = sign * direction[0];
  const y = sign * direction[1];
  const z = sign * direction[2];
  let best = count > FEW ? start : 0;
  let most = x * points[3 * best] + y * points[3 * best + 1] + z * points[3 * best + 2];
  if (count <= FEW) {
    for (let v = 1; v < count; v++) {
      const height = x * points[3 * v] + y * points[3 * v + 1] + z * points[3 * v + 2];
      if (height > most) {
        most = height;
        best = v;
      }
    }
    return best;
  }
  for (let from = -1; from !== best; ) {
    from = best;
    for (let i = next_first[from]; i < next_first[from + 1]; i++) {
      const v = next[i];
      const height = x * points[3 * v] + y * points[3 * v + 1] + z * points[3 * v + 2];
      if (height > most) {
        most = height;
        best = v;
      }
    }
  }
  return best;
}
