import type { Rows } from './rows.ts';

/**
 * Goes on in the direction in which sweeps change the impulses: the sweep's change is the gradient of a nonsmooth
 * conjugate gradient method (Silcowitz-Hansen, Niebe, Erleben, The Visual Computer 26, 2010). Chains of contacts, and a
 * heavy body on a light one, take tens of sweeps so, not thousands. Steps may leave bounds; the sweep after them does not.
 */
export class ConjugateStep {
  private readonly rows: Rows;
  private readonly gradient: Float64Array;
  private readonly direction: Float64Array;
  /** Norm of the gradient before, as energy (J); 0 at first. */
  private norm = 0;

  constructor(rows: Rows) {
    this.rows = rows;
    this.gradient = new Float64Array(rows.impulse.length);
    this.direction = new Float64Array(rows.impulse.length);
  }

  reset(): void {
    this.norm = 0;
  }

  /** Call before a sweep over the first `count` rows. */
  before(count: number): void {
    const { impulse } = this.rows;
    for (let r = 0; r < count; r++) this.gradient[r] = impulse[r];
  }

  /** Call after it. */
  after(count: number): void {
    const { rows, gradient, direction } = this;
    const { impulse, diagonal, factor } = rows;
    let norm = 0;
    for (let r = 0; r < count; r++) {
      gradient[r] = impulse[r] - gradient[r];
      norm += gradient[r] * gradient[r] * diagonal[r];
    }
    const part = this.norm > 0 ? norm / this.norm : 1;
    this.norm = norm;
    if (part >= 1) {
      for (let r = 0; r < count; r++) direction[r] = gradient[r];
      return;
    }
    for (let r = 0; r < count; r++) {
      factor[0] = part * direction[r];
      rows.add(r);
      direction[r] = factor[0] + gradient[r];
    }
  }
}
