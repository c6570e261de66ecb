import { VISION_CLASSES } from '../../perception/index.ts';
import type { Tape, Value } from '../graph/index.ts';
import type { HeadValues } from './network.ts';

/** Of every cell: way to its object's centre (x right, y down, cells), weight of that, and nearness of a centre (0..1). */
export const TARGET_CHANNELS = 4;

/** How the loss weighs its parts. */
export interface LossWeights {
  /** Cross-entropy per class. */
  readonly classes: readonly number[];
  /** Dice losses of box and cylinder. */
  readonly dice: number;
  /** Per cell by which an offset is wrong. */
  readonly offset: number;
  /** Squared error of the nearness of centres. */
  readonly centre: number;
}

export const LOSS_WEIGHTS: LossWeights = { classes: [1, 1, 1.5, 3, 3], dice: 0.5, offset: 0.2, centre: 20 };

export interface VisionLoss {
  readonly total: Value;
  /** What it is made of, each as it is weighed in; one number each. */
  readonly parts: Readonly<Record<'loss_semantic' | 'loss_offset' | 'loss_centre', Value>>;
}

const EVERYWHERE = [0, 1, 2, 3];
/** Below this distance (cells) the error of an offset counts by its square. */
const OFFSET_KNEE = 0.3;

/** Loss of the three heads against labels and targets as `trainingModel` takes them. */
export function visionLoss(
  tape: Tape,
  heads: HeadValues,
  label: Value,
  target: Value,
  weights: LossWeights,
): VisionLoss {
  const g = tape.graph;
  const [n, , height, width] = target.shape;
  const channels = (from: number, to: number): Value =>
    g.node('Slice', [target, g.integers([from]), g.integers([to]), g.integers([1])], [n, to - from, height, width]);
  const scaled = (x: Value, weight: number): Value => tape.reshape(tape.mul(x, tape.constant(weight)), [1]);
  const semantic = scaled(segmentationLoss(tape, heads.semantic, label, weights), 1);
  const offset = scaled(offsetLoss(tape, heads.offset, channels(0, 2), channels(2, 3)), weights.offset);
  const off = tape.sub(heads.centre, channels(3, 4));
  const centre = scaled(tape.sum(tape.mul(off, off), EVERYWHERE), weights.centre / (n * height * width));
  return {
    total: tape.add(tape.add(semantic, offset), centre),
    parts: { loss_semantic: semantic, loss_offset: offset, loss_centre: centre },
  };
}

/**
 * Weighted cross-entropy over all cells, plus for every object class 1 − 2 Σ p y / (Σ p + Σ y) (Dice; Milletari et al.,
 * V-Net, 2016), which does not let small classes be outvoted.
 */
function segmentationLoss(tape: Tape, y: Value, label: Value, { classes, dice }: LossWeights): Value {
  const g = tape.graph;
  const perClass = [1, classes.length, 1, 1];
  const indices = g.tensor(
    Int32Array.from(classes, (_, i) => i),
    perClass,
  );
  const isClass = g.node('Equal', [label, indices], y.shape, {}, { type: 'bool' });
  const oneHot = g.node('Cast', [isClass], y.shape, { to: 1 }, { type: 'float32' });
  const weighted = g.node('Mul', [oneHot, g.tensor(Float32Array.from(classes), perClass)], y.shape);
  const total = g.node('ReduceSum', [weighted, g.integers(EVERYWHERE)], [1, 1, 1, 1], { keepdims: 1 });
  const logP = tape.logSoftmax(y);
  const crossEntropy = tape.div(tape.sum(tape.mul(logP, weighted), EVERYWHERE), total);
  const ofObjects = g.tensor(
    Float32Array.from(VISION_CLASSES, (name) => (name === 'box' || name === 'cylinder' ? 1 : 0)),
    perClass,
  );
  const p = tape.exp(logP);
  const overlap = tape.sum(tape.mul(p, oneHot), [0, 2, 3]);
  const size = g.node('ReduceSum', [oneHot, g.integers([0, 2, 3])], perClass, { keepdims: 1 });
  const ratio = tape.div(
    tape.add(overlap, tape.constant(20)),
    tape.add(tape.add(tape.sum(p, [0, 2, 3]), size), tape.constant(40)),
  );
  const covered = tape.sum(tape.mul(ratio, ofObjects), EVERYWHERE);
  return tape.add(
    tape.mul(crossEntropy, tape.constant(-1)),
    tape.mul(tape.sub(covered, tape.constant(1)), tape.constant(-2 * dice)),
  );
}

/** Weighted mean of √(|offset − truth|² + knee²) − knee over the cells of objects (Charbonnier et al., 1997). */
function offsetLoss(tape: Tape, offset: Value, truth: Value, weight: Value): Value {
  const g = tape.graph;
  const d = tape.sub(offset, truth);
  const square = tape.add(tape.sum(tape.mul(d, d), [1]), tape.constant(OFFSET_KNEE ** 2));
  const distance = tape.sub(tape.sqrt(square), tape.constant(OFFSET_KNEE));
  const all = g.node('ReduceSum', [weight, g.integers(EVERYWHERE)], [1, 1, 1, 1], { keepdims: 1 });
  return tape.div(tape.sum(tape.mul(distance, weight), EVERYWHERE), g.node('Add', [all, g.scalar(1)], all.shape));
}
