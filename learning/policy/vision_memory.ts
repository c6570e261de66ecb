import type { Tape, Value } from '../graph/index.ts';
import { clip, part, pull, square } from './vision_graph.ts';

/** What one look measures of an object; a value each [1, 1, 1], the middle of its top [1, 3, 1] (m, frame world). */
export interface Measured {
  readonly pixels: Value;
  readonly middle: Value;
  /** Moments of its top along the world's axes: xx − yy, 2xy, xx + yy (m²). */
  readonly second: readonly Value[];
  /** Direction of its fourth moments, cosine and sine of four times the angle, 0..1 long. */
  readonly fourth: readonly Value[];
  /** Height of the highest other object (m). */
  readonly others: Value;
}

/** Numbers that are remembered of looks: known, pixels, middle (3), second moments (3), fourth (2), others. */
export const LOOKS = 11;
const PIXELS = 1;
const MIDDLE = 2;

/** Pixels that are too few to believe, and that are enough. */
const FEW = 4;
const ENOUGH = 8;
/** Share of the pixels that were seen before at which the arm may be in the way, and from which on it is not. */
const HIDDEN = 0.88;
const WHOLE = 0.94;
/** What was seen before counts less and less, so that something that has moved is believed in the end. */
const FADING = 0.995;
/** A top that is as round as this is a cylinder's, as angular as that a box's. */
const ROUND = 0.15;
const ANGULAR = 0.25;
/** An object so near to the tool is hidden by the hand, or in it; from the second distance on it is not (m). */
const IN_HAND_M = 0.07;
const FREE_M = 0.09;

/** The memory after a look: what was measured takes the place of what was remembered where nothing is in the way. */
export function remember(
  tape: Tape,
  memory: Value,
  seen: Measured,
  { box, tool }: { readonly box: Value; readonly tool: Value },
): Value {
  const flat = (v: Value) => tape.reshape(v, [1, v.shape[1]]);
  const { middle, pixels, second, fourth, others } = seen;
  const known = tape.graph.tensor(Float32Array.of(1), [1, 1]);
  const look = tape.concat([known, ...[pixels, middle, ...second, ...fourth, others].map(flat)]);
  const before = part(tape, memory, 1, PIXELS, PIXELS + 1);
  const from = (x: Value, none: number, all: number) =>
    clip(tape, pull(tape, tape.sub(x, tape.constant(none)), 1 / (all - none)), 0, 1);
  const now = flat(pixels);
  const whole = tape.div(
    tape.sub(now, pull(tape, before, HIDDEN)),
    tape.add(pull(tape, before, WHOLE - HIDDEN), tape.constant(1)),
  );
  const apart = tape.sum(square(tape, tape.sub(flat(middle), tool)), [1]);
  const away = tape.sqrt(tape.add(apart, tape.constant(1e-9)));
  const angular = flat(angularity(tape, seen));
  const fits = tape.add(
    tape.mul(box, from(angular, ROUND, ANGULAR)),
    tape.mul(tape.sub(tape.constant(1), box), from(angular, ANGULAR, ROUND)),
  );
  const new_to_it = tape.sub(tape.constant(1), part(tape, memory, 1, 0, 1));
  const likely = tape.graph.node('Max', [fits, new_to_it], [1, 1]);
  const free = tape.mul(clip(tape, whole, 0, 1), from(away, IN_HAND_M, FREE_M));
  const belief = tape.mul(tape.mul(from(now, FEW, ENOUGH), likely), free);
  const next = tape.add(memory, tape.mul(belief, tape.sub(look, memory)));
  const fading = Float32Array.from({ length: LOOKS }, (_, k) => (k === PIXELS ? FADING : 1));
  return tape.mul(next, tape.graph.tensor(fading, [1, LOOKS]));
}

/**
 * Which way an object's sides lie, as cosine and sine of four times the angle: fourth moments tell it of squares, second ones of
 * what is long, and together they never vanish for rectangles of 1 : 1 to 1 : 2; of a disc both do.
 */
function sidesOf(tape: Tape, second: readonly Value[], [four_cos, four_sin]: readonly Value[]): Direction {
  const safe = tape.add(second[2], tape.constant(1e-9));
  const [long_cos, long_sin] = twice(tape, [tape.div(second[0], safe), tape.div(second[1], safe)]);
  return [tape.sub(pull(tape, long_cos, ELONGATED), four_cos), tape.sub(pull(tape, long_sin, ELONGATED), four_sin)];
}

/** How far a top is from round: near 0 for a disc, 0.4 to 0.6 for rectangles of 1 : 1 to 1 : 2. */
export function angularity(tape: Tape, { second, fourth }: Pick<Measured, 'second' | 'fourth'>): Value {
  const [c, s] = sidesOf(tape, second, fourth);
  return tape.sqrt(tape.add(tape.add(square(tape, c), square(tape, s)), tape.constant(1e-9)));
}

/** What is remembered, as the hand needs it; a row each. */
export interface Recalled {
  /** Height of its top (m). */
  readonly top: Value;
  readonly turn: Value;
  readonly size: Value;
  readonly others: Value;
}

/** Lets four times an angle be half a turn (no division by 0). */
const TINY = 1e-6;
/** Variance of a box's side and of a disc's diameter, over their squares. */
const BOX = 1 / 12;
const DISC = 1 / 16;
/** Weight of the second moments' direction, squared, beside the fourth ones'. */
const ELONGATED = 2;

/** @param told  whether the object is a box [1, 1], rotation of the tool [1, 6]: x axis, y axis */
export function recall(
  tape: Tape,
  memory: Value,
  { box, rotation }: { readonly box: Value; readonly rotation: Value },
): Recalled {
  const g = tape.graph;
  const at = (k: number) => part(tape, memory, 1, k, k + 1);
  const [xx_yy, xy2, spread, four_cos, four_sin] = [5, 6, 7, 8, 9].map(at);
  const sides = sidesOf(tape, [xx_yy, xy2, spread], [four_cos, four_sin]);
  const closing = [part(tape, rotation, 1, 3, 4), part(tape, rotation, 1, 4, 5)] as const;
  const closing2 = twice(tape, closing);
  const [c, s] = less(tape, sides, twice(tape, closing2));
  const length = tape.sqrt(tape.add(tape.add(square(tape, c), square(tape, s)), tape.constant(TINY * TINY)));
  const half = g.node('Atan', [tape.div(s, tape.add(tape.add(length, c), tape.constant(TINY)))], s.shape);
  const turn = tape.mul(pull(tape, half, 0.5), box);
  const turn2 = pull(tape, turn, 2);
  const way = plus(tape, closing2, [g.node('Cos', [turn2], turn.shape), g.node('Sin', [turn2], turn.shape)]);
  const skew = pull(tape, tape.add(tape.mul(xx_yy, way[0]), tape.mul(xy2, way[1])), 0.5);
  const mean = pull(tape, spread, 0.5);
  const per_side = tape.add(pull(tape, box, 1 / BOX - 1 / DISC), tape.constant(1 / DISC));
  const side = (variance: Value) => tape.sqrt(tape.add(tape.relu(tape.mul(variance, per_side)), tape.constant(1e-9)));
  return {
    top: at(MIDDLE + 2),
    turn,
    size: tape.concat([side(tape.add(mean, skew)), side(tape.sub(mean, skew))]),
    others: at(LOOKS - 1),
  };
}

type Direction = readonly [Value, Value];

/** Cosine and sine of twice an angle, times the length squared. */
function twice(tape: Tape, [c, s]: Direction): Direction {
  return [tape.sub(square(tape, c), square(tape, s)), pull(tape, tape.mul(c, s), 2)];
}

function plus(tape: Tape, [a, b]: Direction, [c, s]: Direction): Direction {
  return [tape.sub(tape.mul(a, c), tape.mul(b, s)), tape.add(tape.mul(a, s), tape.mul(b, c))];
}

function less(tape: Tape, a: Direction, [c, s]: Direction): Direction {
  return plus(tape, a, [c, pull(tape, s, -1)]);
}

/** Where what was looked at stands: its middle, halfway between the table and its top [1, 3] (m, frame world). */
export function standing(tape: Tape, looks: Value): Value {
  const xy = part(tape, looks, 1, MIDDLE, MIDDLE + 2);
  return tape.concat([xy, pull(tape, part(tape, looks, 1, MIDDLE + 2, MIDDLE + 3), 0.5)]);
}
