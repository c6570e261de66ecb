import type { Tape, Value } from '../graph/index.ts';
import { clip, part, pull, square } from './vision_graph.ts';

/** Numbers that are remembered of an object: whether it is held, its middle (3), where the tool was (3); m, frame world. */
export const HOLDING = 7;

/** Fingers hold an object when they are no farther apart than its size and so much more, and about its middle (m). */
const CLOSED_M = 0.003;
const ABOUT_M = 0.012;
/** So many pixels of its paint between the fingers show it wherever it was thought to be. */
const SHOWN_PX = 40;
/** They hold it no longer when they are so much farther apart, or so much closer together: it is gone (m). */
const OPENED_M = 0.005;
const EMPTY_M = -0.012;
/** A place that has changed by more has been measured anew (m²). */
const SAME = 1e-12;
/** Times a difference, this makes a yes or a no of it. */
const DECIDED = 1e7;

/** What is known of an object and the hand at one moment: rows, m, frame world. */
export interface Handled {
  /** Where looks say that the object's middle is, and said before. */
  readonly looked: Value;
  readonly looked_before: Value;
  readonly tool: Value;
  /** How much farther the fingers are apart than the object's size between them. */
  readonly grip: Value;
  /** Pixels of the object's paint that the wrist's camera sees between the fingers. */
  readonly between: Value;
}

/**
 * The memory of an object after a step: what the fingers have closed on moves with the tool until they open or are empty; what is
 * not held stands on the table, where it was let go or was seen since.
 */
export function hold(tape: Tape, memory: Value, { looked, looked_before, tool, grip, between }: Handled): Value {
  const one = tape.constant(1);
  const yes = (difference: Value) => clip(tape, pull(tape, difference, DECIDED), 0, 1);
  const below = (x: Value, limit: number) => yes(tape.sub(tape.constant(limit), x));
  const choose = (which: Value, a: Value, b: Value) => tape.add(tape.mul(which, a), tape.mul(tape.sub(one, which), b));
  const held = part(tape, memory, 1, 0, 1);
  const carried = tape.add(part(tape, memory, 1, 1, 4), tape.mul(held, tape.sub(tool, part(tape, memory, 1, 4, 7))));
  const full = tape.sub(one, below(grip, EMPTY_M));
  const still = tape.mul(tape.mul(held, full), below(grip, OPENED_M));
  const changed = yes(tape.sub(tape.sum(square(tape, tape.sub(looked, looked_before)), [1]), tape.constant(SAME)));
  const anew = tape.mul(changed, tape.sub(one, still));
  const place = choose(anew, looked, carried);
  const xy = part(tape, place, 1, 0, 2);
  const z = choose(still, part(tape, place, 1, 2, 3), part(tape, looked, 1, 2, 3));
  const apart = tape.sum(square(tape, tape.sub(xy, part(tape, tool, 1, 0, 2))), [1]);
  const over = square(tape, tape.sub(z, part(tape, tool, 1, 2, 3)));
  const about = tape.mul(below(apart, ABOUT_M * ABOUT_M), below(over, ABOUT_M * ABOUT_M));
  const shown = yes(tape.sub(between, tape.constant(SHOWN_PX)));
  const there = tape.graph.node('Max', [about, shown], [1, 1]);
  const closed = tape.mul(tape.mul(there, full), below(grip, CLOSED_M));
  return tape.concat([tape.graph.node('Max', [still, closed], [1, 1]), xy, z, tool]);
}
