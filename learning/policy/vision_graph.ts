import type { Tape, Value } from '../graph/index.ts';

/** Keeps sums that nothing is seen in from dividing by 0, and pulls what is hardly seen to 0 (pixels). */
const LEAST = 0.02;

/** Entries from … to − 1 of an axis. */
export function part(tape: Tape, x: Value, axis: number, from: number, to: number): Value {
  const g = tape.graph;
  const shape = x.shape.map((side, k) => (k === axis ? to - from : side));
  return g.node('Slice', [x, g.integers([from]), g.integers([to]), g.integers([axis])], shape);
}

/** Every value times a number. */
export function pull(tape: Tape, x: Value, factor: number): Value {
  return tape.mul(x, tape.constant(factor));
}

export function square(tape: Tape, x: Value): Value {
  return tape.mul(x, x);
}

/** Values no less and no more than these. */
export function clip(tape: Tape, x: Value, least: number, most: number): Value {
  const g = tape.graph;
  return g.node('Min', [g.node('Max', [x, g.scalar(least)], x.shape), g.scalar(most)], x.shape);
}

/** Sum over all pixels: [1, c, pixels] to [1, c, 1]. */
export function sum(tape: Tape, x: Value): Value {
  return tape.sum(x, [2]);
}

/** Weighted mean over all pixels: [1, c, 1]; 0 where nothing has weight. */
export function mean(tape: Tape, weight: Value, of: Value): Value {
  return tape.div(sum(tape, tape.mul(weight, of)), tape.add(sum(tape, weight), tape.constant(LEAST)));
}
