import { InputError } from '../../contracts/index.ts';

export interface ActionChunksOptions {
  /** Numbers of one action, and actions of one chunk. */
  readonly size: number;
  readonly length: number;
  /** Weights of temporal ensembling fall by exp(−decay) from each chunk to the next younger; Infinity: the oldest alone. */
  readonly decay: number;
}

/**
 * Chunks of actions that a policy has predicted at several steps, and what they together say for one step: temporal
 * ensembling (Zhao et al., Learning Fine-Grained Bimanual Manipulation with Low-Cost Hardware, 2023, §IV-B): the mean with
 * weights w_i = exp(−decay·i), i = 0 for the oldest chunk that reaches to the step. No allocation after construction.
 */
export class ActionChunks {
  readonly size: number;
  readonly length: number;
  private readonly decay: number;
  /** Step of the observation of each slot's chunk, −1 for none; slots in a ring, the next to be written. */
  private readonly steps: Int32Array;
  private readonly actions: Float64Array;

  constructor({ size, length, decay }: ActionChunksOptions) {
    if (!Number.isInteger(size) || size < 1) throw new InputError(`action size ${size}`, 'an integer of at least 1');
    if (!Number.isInteger(length) || length < 1)
      throw new InputError(`chunk length ${length}`, 'an integer of at least 1');
    if (!(decay >= 0)) throw new InputError(`ensembling decay ${decay}`, 'at least 0');
    this.size = size;
    this.length = length;
    this.decay = decay;
    this.steps = new Int32Array(length).fill(-1);
    this.actions = new Float64Array(length * length * size);
  }

  clear(): void {
    this.steps.fill(-1);
  }

  /** Keeps the chunk for the steps `step` … `step` + length − 1 (`length` rows of `size`). */
  add(step: number, chunk: ArrayLike<number>): void {
    const { length, size, actions } = this;
    // Of as many steps as a chunk is long, no two share a slot; an older one there does not reach to the present.
    const slot = step % length;
    if (this.steps[slot] > step) return;
    this.steps[slot] = step;
    const at = slot * length * size;
    for (let k = 0; k < length * size; k++) actions[at + k] = chunk[k];
  }

  /** What the chunks say for `step`, into `out`; how many of them reach to it (0: `out` is left as it is). */
  at(step: number, out: Float64Array): number {
    const { length, size, steps, actions } = this;
    let count = 0;
    let weight = 1;
    let sum = 0;
    const fall = Math.exp(-this.decay);
    for (let from = Math.max(0, step - length + 1); from <= step; from++) {
      const slot = from % length;
      if (steps[slot] !== from) continue;
      const row = (slot * length + (step - from)) * size;
      if (count === 0) for (let k = 0; k < size; k++) out[k] = 0;
      for (let k = 0; k < size; k++) out[k] += weight * actions[row + k];
      sum += weight;
      weight *= fall;
      count++;
    }
    if (count > 0) for (let k = 0; k < size; k++) out[k] /= sum;
    return count;
  }

  /** How far apart the chunks are in what they say for `step`: the largest spread of the numbers `from` … `from` + count − 1. */
  spread(step: number, from: number, count: number): number {
    const { length, size, steps, actions } = this;
    let most = 0;
    for (let k = from; k < from + count; k++) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let asked = Math.max(0, step - length + 1); asked <= step; asked++) {
        const slot = asked % length;
        if (steps[slot] !== asked) continue;
        const value = actions[(slot * length + (step - asked)) * size + k];
        if (value < low) low = value;
        if (value > high) high = value;
      }
      if (high - low > most) most = high - low;
    }
    return most;
  }
}
