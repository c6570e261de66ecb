import type { Colliders } from './colliders.ts';

const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Golden sections of the range of `acrossAxis`, steps of `ascend`. */
const SECTIONS = 24;
const ASCENTS = 24;

/** Two cylinders a and b, frame world (m): b's centre from a's, unit axes, radii and half lengths. */
export class CylinderPair {
  dx = 0;
  dy = 0;
  dz = 0;
  ax = 0;
  ay = 0;
  az = 0;
  bx = 0;
  by = 0;
  bz = 0;
  ra = 0;
  la = 0;
  rb = 0;
  lb = 0;
  /** Range of directions being searched: cos(angle)·u + sin(angle)·v with u, v 3 each, of the length `span`. */
  private readonly range = new Float64Array(6);
  private span = 0;

  /** Takes the colliders a and b where they are. */
  load(c: Colliders, a: number, b: number): void {
    const { R, p, size } = c;
    const A = 9 * a;
    const B = 9 * b;
    this.dx = p[3 * b] - p[3 * a];
    this.dy = p[3 * b + 1] - p[3 * a + 1];
    this.dz = p[3 * b + 2] - p[3 * a + 2];
    this.ax = R[A + 2];
    this.ay = R[A + 5];
    this.az = R[A + 8];
    this.bx = R[B + 2];
    this.by = R[B + 5];
    this.bz = R[B + 8];
    this.ra = size[3 * a];
    this.la = size[3 * a + 1];
    this.rb = size[3 * b];
    this.lb = size[3 * b + 1];
  }

  /** Separation along a unit direction (m, negative if they overlap in it): the greatest of all is their distance. */
  separation(x: number, y: number, z: number): number {
    const t = x * this.ax + y * this.ay + z * this.az;
    const u = x * this.bx + y * this.by + z * this.bz;
    return (
      x * this.dx +
      y * this.dy +
      z * this.dz -
      this.la * Math.abs(t) -
      this.ra * Math.sqrt(Math.max(0, 1 - t * t)) -
      this.lb * Math.abs(u) -
      this.rb * Math.sqrt(Math.max(0, 1 - u * u))
    );
  }

  /**
   * Greatest separation (m) across the axis of a (side 0) or b (side 1), within 1 rad of the way between the centres,
   * by golden sections; −Infinity if the other centre is on the axis. Writes its direction.
   */
  acrossAxis(side: number, direction: Float64Array): number {
    const { range, dx, dy, dz } = this;
    const x = side === 0 ? this.ax : this.bx;
    const y = side === 0 ? this.ay : this.by;
    const z = side === 0 ? this.az : this.bz;
    const t = dx * x + dy * y + dz * z;
    const ux = dx - t * x;
    const uy = dy - t * y;
    const uz = dz - t * z;
    const length = Math.hypot(ux, uy, uz);
    if (length < 1e-9) return Number.NEGATIVE_INFINITY;
    this.span = length;
    range[0] = ux;
    range[1] = uy;
    range[2] = uz;
    range[3] = y * uz - z * uy;
    range[4] = z * ux - x * uz;
    range[5] = x * uy - y * ux;
    let low = -1;
    let high = 1;
    let m0 = high - GOLDEN * (high - low);
    let m1 = low + GOLDEN * (high - low);
    let s0 = this.separationAt(m0, direction);
    let s1 = this.separationAt(m1, direction);
    for (let k = 0; k < SECTIONS; k++) {
      if (s0 > s1) {
        high = m1;
        m1 = m0;
        s1 = s0;
        m0 = high - GOLDEN * (high - low);
        s0 = this.separationAt(m0, direction);
      } else {
        low = m0;
        m0 = m1;
        s0 = s1;
        m1 = low + GOLDEN * (high - low);
        s1 = this.separationAt(m1, direction);
      }
    }
    return this.separationAt(0.5 * (low + high), direction);
  }

  /** Separation along the direction at `angle` of the range (rad), which it writes. */
  private separationAt(angle: number, direction: Float64Array): number {
    const { range, span } = this;
    const cos = Math.cos(angle) / span;
    const sin = Math.sin(angle) / span;
    setVector(
      direction,
      cos * range[0] + sin * range[3],
      cos * range[1] + sin * range[4],
      cos * range[2] + sin * range[5],
    );
    return this.separation(direction[0], direction[1], direction[2]);
  }

  /**
   * Climbs from the direction `n` to a near local maximum of the separation, by gradient steps that are halved when
   * they fail. Writes the direction, returns its separation (m).
   */
  ascend(n: Float64Array): number {
    let value = this.separation(n[0], n[1], n[2]);
    let step = 0.2;
    for (let k = 0; k < ASCENTS; k++) {
      const t = n[0] * this.ax + n[1] * this.ay + n[2] * this.az;
      const u = n[0] * this.bx + n[1] * this.by + n[2] * this.bz;
      const ka = (t < 0 ? -this.la : this.la) - (this.ra * t) / Math.sqrt(Math.max(1e-9, 1 - t * t));
      const kb = (u < 0 ? -this.lb : this.lb) - (this.rb * u) / Math.sqrt(Math.max(1e-9, 1 - u * u));
      let gx = this.dx - ka * this.ax - kb * this.bx;
      let gy = this.dy - ka * this.ay - kb * this.by;
      let gz = this.dz - ka * this.az - kb * this.bz;
      const along = gx * n[0] + gy * n[1] + gz * n[2];
      gx -= along * n[0];
      gy -= along * n[1];
      gz -= along * n[2];
      const length = Math.hypot(gx, gy, gz);
      if (length < 1e-9) break;
      let x = n[0] + (step * gx) / length;
      let y = n[1] + (step * gy) / length;
      let z = n[2] + (step * gz) / length;
      const scale = 1 / Math.hypot(x, y, z);
      x *= scale;
      y *= scale;
      z *= scale;
      const next = this.separation(x, y, z);
      if (next > value) {
        value = next;
        setVector(n, x, y, z);
      } else step *= 0.5;
    }
    return value;
  }
}

/** Writes x, y, z to `v`. */
export function setVector(v: Float64Array, x: number, y: number, z: number): void {
  v[0] = x;
  v[1] = y;
  v[2] = z;
}
