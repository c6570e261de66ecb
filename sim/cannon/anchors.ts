import type { Contacts } from './contacts.ts';
import type { Rows } from './rows.ts';

/** A patch of one or two points may roll: its anchor follows the centre of pressure when this far from it (m). */
const ROLLING = 1e-3;

/**
 * Stick anchors: where two bodies were to each other when a patch began to stick, so that what they creep apart since
 * is undone. Kept in the contacts' memory of the pair.
 */
export class Anchors {
  private readonly contacts: Contacts;
  private readonly rows: Rows;
  private readonly centre: Float64Array;
  private readonly tangent: Float64Array;
  private readonly correction: number;
  private readonly relative = new Float64Array(9);

  /**
   * @param centre  per patch: centre of pressure, 3 (m, frame world)
   * @param tangent  per patch: the two tangents of its friction, 3 each
   * @param correction  part of an anchor's error undone in one step
   */
  constructor(contacts: Contacts, rows: Rows, centre: Float64Array, tangent: Float64Array, correction: number) {
    this.contacts = contacts;
    this.rows = rows;
    this.centre = centre;
    this.tangent = tangent;
    this.correction = correction;
  }

  /** Anchors a patch where it is: its centre of pressure in both bodies, and their relative rotation. */
  set(patch: number, pair: number, a: number, b: number): void {
    const { contacts: c, relative } = this;
    const { rigid_R: R, rigid_p: p } = c.colliders;
    toLocal(R, p, a, this.centre, 3 * patch, c.anchor_a, 3 * pair);
    toLocal(R, p, b, this.centre, 3 * patch, c.anchor_b, 3 * pair);
    relativeRotation(R, a, b, relative);
    for (let k = 0; k < 9; k++) c.anchor_R[9 * pair + k] = relative[k];
    c.anchor_twist[pair] = 0;
    c.anchored[pair] = 1;
  }

  /** Biases of the friction rows from r on, that undo what the two bodies moved apart since they stick. */
  pull(patch: number, pair: number, a: number, b: number, r: number, dt: number): void {
    const { contacts: c, rows, tangent, relative, centre } = this;
    const { rigid_R: R, rigid_p: p } = c.colliders;
    const A = 9 * a;
    const B = 9 * b;
    const k = 3 * pair;
    const la = c.anchor_a;
    const lb = c.anchor_b;
    const ax = p[3 * a] + R[A] * la[k] + R[A + 1] * la[k + 1] + R[A + 2] * la[k + 2];
    const ay = p[3 * a + 1] + R[A + 3] * la[k] + R[A + 4] * la[k + 1] + R[A + 5] * la[k + 2];
    const az = p[3 * a + 2] + R[A + 6] * la[k] + R[A + 7] * la[k + 1] + R[A + 8] * la[k + 2];
    const ex = p[3 * b] + R[B] * lb[k] + R[B + 1] * lb[k + 1] + R[B + 2] * lb[k + 2] - ax;
    const ey = p[3 * b + 1] + R[B + 3] * lb[k] + R[B + 4] * lb[k + 1] + R[B + 5] * lb[k + 2] - ay;
    const ez = p[3 * b + 2] + R[B + 6] * lb[k] + R[B + 7] * lb[k + 1] + R[B + 8] * lb[k + 2] - az;
    const rate = this.correction / dt;
    const t = 6 * patch;
    rows.bias[r] = rate * (ex * tangent[t] + ey * tangent[t + 1] + ez * tangent[t + 2]);
    rows.bias[r + 1] = rate * (ex * tangent[t + 3] + ey * tangent[t + 4] + ez * tangent[t + 5]);

    // Rotation since then, in a's axes: relative · anchorᵀ; the part about the normal.
    relativeRotation(R, a, b, relative);
    const Q = c.anchor_R;
    const q = 9 * pair;
    const vx = 0.5 * (rowDot(relative, 6, Q, q + 3) - rowDot(relative, 3, Q, q + 6));
    const vy = 0.5 * (rowDot(relative, 0, Q, q + 6) - rowDot(relative, 6, Q, q));
    const vz = 0.5 * (rowDot(relative, 3, Q, q) - rowDot(relative, 0, Q, q + 3));
    const nx = c.patch_normal[3 * patch];
    const ny = c.patch_normal[3 * patch + 1];
    const nz = c.patch_normal[3 * patch + 2];
    const twist =
      c.anchor_twist[pair] +
      vx * (R[A] * nx + R[A + 3] * ny + R[A + 6] * nz) +
      vy * (R[A + 1] * nx + R[A + 4] * ny + R[A + 7] * nz) +
      vz * (R[A + 2] * nx + R[A + 5] * ny + R[A + 8] * nz);
    rows.bias[r + 2] = rate * twist;

    if (c.patch_points[patch] > 2) return;
    const dx = centre[3 * patch] - ax;
    const dy = centre[3 * patch + 1] - ay;
    const dz = centre[3 * patch + 2] - az;
    if (dx * dx + dy * dy + dz * dz < ROLLING * ROLLING) return;
    this.set(patch, pair, a, b);
    // Only what is along the surface: height would turn into slip as the body rolls on.
    const en = ex * nx + ey * ny + ez * nz;
    const sx = ex - en * nx;
    const sy = ey - en * ny;
    const sz = ez - en * nz;
    lb[k] += R[B] * sx + R[B + 3] * sy + R[B + 6] * sz;
    lb[k + 1] += R[B + 1] * sx + R[B + 4] * sy + R[B + 7] * sz;
    lb[k + 2] += R[B + 2] * sx + R[B + 5] * sy + R[B + 8] * sz;
    c.anchor_twist[pair] = twist;
  }
}

/** The point points[at ..] of the world in the frame of rigid body b, into out[o ..]. */
function toLocal(
  R: Float64Array,
  p: Float64Array,
  b: number,
  points: Float64Array,
  at: number,
  out: Float64Array,
  o: number,
): void {
  const B = 9 * b;
  const dx = points[at] - p[3 * b];
  const dy = points[at + 1] - p[3 * b + 1];
  const dz = points[at + 2] - p[3 * b + 2];
  for (let k = 0; k < 3; k++) out[o + k] = R[B + k] * dx + R[B + 3 + k] * dy + R[B + 6 + k] * dz;
}

/** R_aᵀ R_b. */
function relativeRotation(R: Float64Array, a: number, b: number, out: Float64Array): void {
  const A = 9 * a;
  const B = 9 * b;
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      out[3 * i + j] = R[A + i] * R[B + j] + R[A + 3 + i] * R[B + 3 + j] + R[A + 6 + i] * R[B + 6 + j];
    }
  }
}

/** Product of rows of two 3×3 matrices, each given by its first element. */
function rowDot(P: Float64Array, p: number, Q: Float64Array, q: number): number {
  return P[p] * Q[q] + P[p + 1] * Q[q + 1] + P[p + 2] * Q[q + 2];
}
