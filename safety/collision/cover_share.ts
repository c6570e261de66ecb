import type { Capsule } from './capsule_fit.ts';

/** Points, in a box about a capsule, by which volumes of covers are compared. */
const VOLUME_POINTS = 2000;

let unit_points: Float64Array | null = null;

/** A fixed set of points of the unit cube (Halton, bases 2, 3 and 5). */
function unitPoints(): Float64Array {
  if (unit_points === null) {
    unit_points = new Float64Array(3 * VOLUME_POINTS);
    for (let i = 1; i <= VOLUME_POINTS; i++) {
      for (let k = 0; k < 3; k++) unit_points[3 * (i - 1) + k] = radicalInverse(i, [2, 3, 5][k]);
    }
  }
  return unit_points;
}

function radicalInverse(index: number, base: number): number {
  let value = 0;
  let digit = 1 / base;
  for (let i = index; i > 0; i = Math.floor(i / base)) {
    value += (i % base) * digit;
    digit /= base;
  }
  return value;
}

/** Measures covers by capsules: the share of the box about one capsule that they take up, by a fixed set of points. */
export class CoverShare {
  private readonly points = new Float64Array(3 * VOLUME_POINTS);

  constructor(frame: Capsule) {
    const low = [0, 1, 2].map((k) => Math.min(frame.a[k], frame.b[k]) - frame.radius);
    const high = [0, 1, 2].map((k) => Math.max(frame.a[k], frame.b[k]) + frame.radius);
    const unit = unitPoints();
    for (let i = 0; i < this.points.length; i++) this.points[i] = low[i % 3] + (high[i % 3] - low[i % 3]) * unit[i];
  }

  of(capsules: readonly Capsule[]): number {
    return this.beside(this.inside(capsules), []);
  }

  /** Of every point, whether a capsule holds it: 1 or 0. */
  inside(capsules: readonly Capsule[]): Uint8Array {
    const held = new Uint8Array(VOLUME_POINTS);
    for (const capsule of capsules) this.mark(capsule, held);
    return held;
  }

  /** Share of a cover of capsules that are known to hold `held`, and of others. */
  beside(held: Uint8Array, others: readonly Capsule[]): number {
    const all = held.slice();
    for (const capsule of others) this.mark(capsule, all);
    let count = 0;
    for (let i = 0; i < all.length; i++) count += all[i];
    return count / VOLUME_POINTS;
  }

  private mark({ a, b, radius }: Capsule, held: Uint8Array): void {
    const { points } = this;
    const [ax, ay, az] = a;
    const ux = b[0] - ax;
    const uy = b[1] - ay;
    const uz = b[2] - az;
    const uu = ux * ux + uy * uy + uz * uz;
    for (let i = 0; i < held.length; i++) {
      if (held[i] === 1) continue;
      const x = points[3 * i] - ax;
      const y = points[3 * i + 1] - ay;
      const z = points[3 * i + 2] - az;
      let t = uu > 0 ? (x * ux + y * uy + z * uz) / uu : 0;
      t = t < 0 ? 0 : t > 1 ? 1 : t;
      const dx = x - t * ux;
      const dy = y - t * uy;
      const dz = z - t * uz;
      if (Math.sqrt(dx * dx + dy * dy + dz * dz) <= radius) held[i] = 1;
    }
  }
}
