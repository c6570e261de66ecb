import type { PathGrid } from './path_constraints.ts';
import type { QuadraticPath } from './quadratic_path.ts';

/** A motion along a curve: ṡ² at the points of a grid, s̈ constant between them. */
export class TimeLaw {
  readonly curve: QuadraticPath;
  readonly duration_s: number;
  private readonly grid: PathGrid;
  private readonly x: Float64Array;
  /** When the intervals begin, and the end. */
  private readonly begin: Float64Array;

  constructor(curve: QuadraticPath, grid: PathGrid, x: Float64Array) {
    const { intervals, delta } = grid;
    const begin = new Float64Array(intervals + 1);
    for (let k = 0; k < intervals; k++) {
      begin[k + 1] = begin[k] + (2 * delta[k]) / (Math.sqrt(x[k]) + Math.sqrt(x[k + 1]));
    }
    this.curve = curve;
    this.grid = grid;
    this.x = x;
    this.begin = begin;
    this.duration_s = begin[intervals];
  }

  /** q(s(t)) at k·dt, row of n a sample; the end is the last row. */
  sample(dt_s: number): Float64Array {
    const { curve, grid, x, begin } = this;
    const { n } = curve;
    const rows = Math.max(1, Math.ceil(this.duration_s / dt_s - 1e-9)) + 1;
    const out = new Float64Array(rows * n);
    let k = 0;
    for (let row = 0; row < rows - 1; row++) {
      const t = row * dt_s;
      while (k < grid.intervals - 1 && begin[k + 1] <= t) k++;
      curve.write(grid.piece[k], grid.offset[k] + advance(grid, x, k, t - begin[k]), out, row * n);
    }
    out.set(curve.end, (rows - 1) * n);
    return out;
  }

  /** s and ṡ at a time from the start on. */
  at(t_s: number): { readonly s: number; readonly speed: number } {
    const { curve, grid, x, begin } = this;
    if (t_s >= this.duration_s) return { s: curve.length, speed: Math.sqrt(x[grid.intervals]) };
    let k = 0;
    while (k < grid.intervals - 1 && begin[k + 1] <= t_s) k++;
    const tau = t_s - begin[k];
    const u = (x[k + 1] - x[k]) / (2 * grid.delta[k]);
    const s = curve.s[grid.piece[k]] + grid.offset[k] + advance(grid, x, k, tau);
    return { s, speed: Math.sqrt(x[k]) + u * tau };
  }
}

/** Way within interval k after the time tau. */
function advance(grid: PathGrid, x: Float64Array, k: number, tau: number): number {
  const u = (x[k + 1] - x[k]) / (2 * grid.delta[k]);
  return Math.min(grid.delta[k], tau * (Math.sqrt(x[k]) + (u * tau) / 2));
}
