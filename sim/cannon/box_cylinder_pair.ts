import type { Colliders } from './colliders.ts';
import type { Manifold } from './manifold.ts';

/** A cylinder in the frame of a box: origin at the box's centre, axes along its edges (m). */
export class BoxCylinderPair {
  /** Half extents of the box. */
  readonly half = new Float64Array(3);
  /** Centre and unit axis of the cylinder. */
  readonly centre = new Float64Array(3);
  readonly axis = new Float64Array(3);
  radius = 0;
  half_length = 0;
  /** Unit normal towards the cylinder, and a point of the box. */
  readonly normal = new Float64Array(3);
  readonly point = new Float64Array(3);

  /** Takes the box `a` and the cylinder `b` where they are. */
  load(c: Colliders, a: number, b: number): void {
    const { R, p, size } = c;
    const { half, centre, axis } = this;
    const A = 9 * a;
    const B = 9 * b;
    const xx = R[B + 2];
    const xy = R[B + 5];
    const xz = R[B + 8];
    const wx = p[3 * b] - p[3 * a];
    const wy = p[3 * b + 1] - p[3 * a + 1];
    const wz = p[3 * b + 2] - p[3 * a + 2];
    for (let i = 0; i < 3; i++) {
      const rx = R[A + i];
      const ry = R[A + 3 + i];
      const rz = R[A + 6 + i];
      half[i] = size[3 * a + i];
      centre[i] = rx * wx + ry * wy + rz * wz;
      axis[i] = rx * xx + ry * xy + rz * xz;
    }
    this.radius = size[3 * b];
    this.half_length = size[3 * b + 1];
  }

  /** Sets `point` to the corner of the box farthest along the normal; returns its bits: 1, 2, 4 for +x, +y, +z. */
  supportCorner(): number {
    const { half, normal, point } = this;
    let corner = 0;
    for (let i = 0; i < 3; i++) {
      point[i] = normal[i] > 0 ? half[i] : -half[i];
      if (normal[i] > 0) corner += 1 << i;
    }
    return corner;
  }

  /** Writes the normal as that of the contact, frame world. */
  writeNormal(R: Float64Array, a: number, out: Manifold): void {
    const { normal: n } = this;
    for (let k = 0; k < 3; k++) {
      const o = 9 * a + 3 * k;
      out.normal[k] = R[o] * n[0] + R[o + 1] * n[1] + R[o + 2] * n[2];
    }
  }

  /** Adds `point`, moved midway through `gap` (m) along the normal. */
  addPoint(c: Colliders, a: number, gap: number, id: number, out: Manifold): void {
    const { R, p } = c;
    const { normal, point } = this;
    const A = 9 * a;
    const x = point[0] + 0.5 * gap * normal[0];
    const y = point[1] + 0.5 * gap * normal[1];
    const z = point[2] + 0.5 * gap * normal[2];
    out.add(
      p[3 * a] + R[A] * x + R[A + 1] * y + R[A + 2] * z,
      p[3 * a + 1] + R[A + 3] * x + R[A + 4] * y + R[A + 5] * z,
      p[3 * a + 2] + R[A + 6] * x + R[A + 7] * y + R[A + 8] * z,
      gap,
      id,
    );
  }
}
