import type { Rng } from '../../contracts/index.ts';

/** What is left of the noise after a step. */
const MEMORY = 0.8;

/**
 * Noise on all actions but the gripper's, which comes last: a first-order autoregression of a given standard deviation,
 * which leads somewhere where independent noise would cancel itself.
 */
export class ExplorationNoise {
  private readonly rng: Rng;
  private readonly deviation: number;
  private readonly state: Float64Array;

  /** @param size  actions that get noise; @param deviation  of each, in actions' units */
  constructor(size: number, deviation: number, rng: Rng) {
    this.rng = rng;
    this.deviation = deviation;
    this.state = Float64Array.from({ length: size }, () => deviation * rng.normal());
  }

  add(action: Float64Array): void {
    const fresh = Math.sqrt(1 - MEMORY ** 2) * this.deviation;
    for (let k = 0; k < this.state.length; k++) {
      this.state[k] = MEMORY * this.state[k] + fresh * this.rng.normal();
      action[k] += this.state[k];
    }
  }
}
