import { createRng } from '../../contracts/index.ts';
import { oneTurn } from './branches.ts';
import type { SerialChain } from './chain.ts';

/**
 * Postures spread over the joint space with their tool poses, to begin a descent near a target. Joint by joint they are a
 * shuffled grid (Latin hypercube, McKay, Beckman and Conover, 1979), the same for the same arm.
 */
export class PostureTable {
  /** Arm joints, one row a posture (rad), from the first rank on; and the tool pose of each: 12 numbers. */
  readonly postures: Float64Array;
  private readonly tools: Float64Array;
  /** Written by rank: rows in order of their distance, the nearest first. */
  readonly nearest: Int32Array;
  private readonly distances: Float64Array;

  private readonly chain: SerialChain;
  private readonly lower: Float64Array;
  private readonly upper: Float64Array;
  private readonly home: Float64Array;
  private filled = false;

  constructor(chain: SerialChain, lower: Float64Array, upper: Float64Array, home: Float64Array) {
    this.chain = chain;
    this.lower = lower;
    this.upper = upper;
    this.home = home;
    this.postures = new Float64Array(COUNT * chain.n);
    this.tools = new Float64Array(COUNT * 12);
    this.nearest = new Int32Array(MOST_RANKED);
    this.distances = new Float64Array(MOST_RANKED);
  }

  /** Draws the postures; rank does so at its first call, since most poses need none. */
  private fill(): void {
    const { chain, lower, upper, home, postures, tools } = this;
    const { n } = chain;
    const rng = createRng(0, 'ik/postures');
    const moved = new Set(chain.coordinate);
    const cells = Uint16Array.from({ length: COUNT }, (_, i) => i);
    for (let j = 0; j < n; j++) {
      const [low, high] = oneTurn(lower[j], upper[j]);
      for (let i = COUNT - 1; i > 0; i--) {
        const k = rng.int(i + 1);
        const cell = cells[i];
        cells[i] = cells[k];
        cells[k] = cell;
      }
      for (let i = 0; i < COUNT; i++) {
        const part = (cells[i] + rng.uniform()) / COUNT;
        postures[i * n + j] = moved.has(j) ? low + part * (high - low) : home[j];
      }
    }
    for (let i = 0; i < COUNT; i++) {
      chain.place(postures, i * n);
      tools.set(chain.tool, 12 * i);
    }
    this.filled = true;
  }

  /** Finds the `count` postures whose tools are nearest to a pose: rotation row-major 9 and position 3 (m). */
  rank(target: Float64Array, count: number): void {
    const { tools, nearest, distances } = this;
    if (!this.filled) this.fill();
    const most = Math.min(count, MOST_RANKED);
    distances.fill(Number.POSITIVE_INFINITY);
    for (let i = 0; i < COUNT; i++) {
      const o = 12 * i;
      // |R − R'|² is 4 (1 − cos angle), about twice the angle's square
      let rotation = 0;
      for (let k = 0; k < 9; k++) rotation += (tools[o + k] - target[k]) * (tools[o + k] - target[k]);
      let position = 0;
      for (let k = 9; k < 12; k++) position += (tools[o + k] - target[k]) * (tools[o + k] - target[k]);
      const d = rotation / 2 + position / LENGTH_SCALE_M ** 2;
      if (d >= distances[most - 1]) continue;
      let at = most - 1;
      for (; at > 0 && distances[at - 1] > d; at--) {
        distances[at] = distances[at - 1];
        nearest[at] = nearest[at - 1];
      }
      distances[at] = d;
      nearest[at] = i;
    }
  }
}

const COUNT = 1024;
/** Most postures that rank can order. */
export const MOST_RANKED = 128;
const LENGTH_SCALE_M = 0.3;
