/** Directions in which the outermost balls are kept for a thorough and for a quick search. */
export const DIRECTIONS = 96;
export const QUICK_DIRECTIONS = 64;

const lattices = new Map<number, Float64Array>();

/** A Fibonacci lattice on the sphere: x y z of every direction. */
function lattice(directions: number): Float64Array {
  let lattice = lattices.get(directions);
  if (lattice === undefined) {
    lattice = new Float64Array(3 * directions);
    for (let d = 0; d < directions; d++) {
      const z = 1 - (2 * d + 1) / directions;
      const angle = d * Math.PI * (3 - Math.sqrt(5));
      lattice[3 * d] = Math.sqrt(1 - z * z) * Math.cos(angle);
      lattice[3 * d + 1] = Math.sqrt(1 - z * z) * Math.sin(angle);
      lattice[3 * d + 2] = z;
    }
    lattices.set(directions, lattice);
  }
  return lattice;
}

/** Which of some balls (x y z and radius each, m) reach farthest in every direction of a fixed lattice, and how far. */
export class OuterBalls {
  readonly balls: Float64Array;
  /** Of every direction: where in `balls` the farthest ball begins, the first of equals; and its reach (m). */
  readonly farthest: Int32Array;
  readonly reach: Float64Array;

  constructor(balls: Float64Array, directions: number) {
    const u = lattice(directions);
    this.balls = balls;
    this.farthest = new Int32Array(directions);
    this.reach = new Float64Array(directions).fill(Number.NEGATIVE_INFINITY);
    for (let d = 0; d < directions; d++) {
      const [x, y, z] = [u[3 * d], u[3 * d + 1], u[3 * d + 2]];
      let best = 0;
      let farthest = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < balls.length; i += 4) {
        const reach = x * balls[i] + y * balls[i + 1] + z * balls[i + 2] + balls[i + 3];
        if (reach > farthest) {
          farthest = reach;
          best = i;
        }
      }
      this.farthest[d] = best;
      this.reach[d] = farthest;
    }
  }
}

/** The balls that reach farthest, each once, in the order of the directions. */
export function outermost(balls: Float64Array, directions: number): Float64Array {
  return outermostOf([new OuterBalls(balls, directions)]);
}

/** The same of several groups together, as if their balls were one list, but without looking at the balls again. */
export function outermostOf(groups: readonly OuterBalls[]): Float64Array {
  const kept: Float64Array[] = [];
  const known = groups.map(() => new Set<number>());
  for (let d = 0; d < groups[0].reach.length; d++) {
    let best = 0;
    for (let g = 1; g < groups.length; g++) if (groups[g].reach[d] > groups[best].reach[d]) best = g;
    const i = groups[best].farthest[d];
    if (known[best].has(i)) continue;
    known[best].add(i);
    kept.push(groups[best].balls.subarray(i, i + 4));
  }
  return concat(kept);
}

export function concat(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
