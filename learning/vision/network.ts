import { type Grid, INPUT_CHANNELS } from '../../perception/index.ts';
import { addAdam, fromConstants, fromVector, Tape, type Value } from '../graph/index.ts';
import { type NetworkShape, parameterCountOf, parametersOf } from './network_shape.ts';
import { LOSS_WEIGHTS, type LossWeights, TARGET_CHANNELS, visionLoss } from './vision_loss.ts';

export const INPUT_NAME = 'image';
export const OUTPUT_NAMES = { semantic: 'probabilities', centre: 'centre', offset: 'offset' } as const;
/** Offsets leave the last layer in units of this many cells. */
const OFFSET_UNIT_CELLS = 8;

/** What the network's layers say of every cell, [n, channels, h, w]: log odds, nearness of a centre, offset in cells. */
export interface HeadValues {
  readonly semantic: Value;
  readonly centre: Value;
  readonly offset: Value;
}

/**
 * Encoder and decoder with two skip connections (after Ronneberger et al., U-Net, 2015), residual dilated convolutions at
 * the coarsest size (after Chen et al., DeepLab, 2018), and three heads of one convolution each: classes, centres and the
 * way to them (after Cheng et al., Panoptic-DeepLab, 2020), whose channels are moved to 2×2 cells.
 */
function headsOf(tape: Tape, image: Value, parameters: readonly Value[], { dilations }: NetworkShape): HeadValues {
  let next = 0;
  const layer = (x: Value, stride: 1 | 2 = 1, dilation = 1): Value => {
    const [w, b] = parameters.slice(next, next + 2);
    next += 2;
    return tape.conv(x, w, b, { stride, dilation });
  };
  const fine = tape.relu(layer(image, 2));
  const middle = tape.relu(layer(fine, 2));
  let coarse = tape.relu(layer(middle, 2));
  for (const dilation of dilations) coarse = tape.relu(tape.add(layer(coarse, 1, dilation), coarse));
  const up = tape.relu(layer(tape.add(tape.double(layer(coarse)), middle)));
  const out = tape.relu(layer(tape.add(tape.double(layer(up)), fine)));
  return {
    semantic: tape.depthToSpace(layer(out), 2),
    centre: tape.depthToSpace(layer(out), 2),
    offset: tape.mul(tape.depthToSpace(layer(out), 2), tape.constant(OFFSET_UNIT_CELLS)),
  };
}

/**
 * One training step as a model: inputs image [n, 5, h, w], label (int32 [n, 1, h, w]), target [n, 4, h, w] (see
 * `TARGET_CHANNELS`), theta, m, v, rate; outputs loss, the losses it is made of, theta_next, m_next, v_next.
 */
export function trainingModel(
  shape: NetworkShape,
  batch: number,
  { width, height }: Grid,
  weights: LossWeights = LOSS_WEIGHTS,
): Uint8Array {
  const tape = new Tape();
  const g = tape.graph;
  const image = g.input(INPUT_NAME, 'float32', [batch, INPUT_CHANNELS, height, width]);
  const label = g.input('label', 'int32', [batch, 1, height, width]);
  const target = g.input('target', 'float32', [batch, TARGET_CHANNELS, height, width]);
  const theta = g.input('theta', 'float32', [parameterCountOf(shape)]);
  const parameters = fromVector(tape, theta)(parametersOf(shape));
  const loss = visionLoss(tape, headsOf(tape, image, parameters, shape), label, target, weights);
  g.output('loss', loss.total);
  for (const [name, part] of Object.entries(loss.parts)) g.output(name, part);
  addAdam(tape, theta, tape.gradients(loss.total, parameters));
  return g.encode('vision-training');
}

/** Names of the axes that a network leaves free: pictures, rows and columns, these in multiples of GRID_STEP. */
export const FREE_AXES = { 0: 'N', 2: 'rows', 3: 'columns' } as const;
/** Any size would do: what is exported leaves it open. */
const NOMINAL: Grid = { width: 64, height: 64 };

/**
 * The network with constant parameters: pictures of any number and size to class probabilities, nearness of centres (0..1) and
 * offsets (cells).
 */
export function inferenceModel(
  shape: NetworkShape,
  theta: Float32Array,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const tape = new Tape();
  const g = tape.graph;
  const image = g.input(INPUT_NAME, 'float32', [1, INPUT_CHANNELS, NOMINAL.height, NOMINAL.width]);
  const heads = headsOf(tape, image, fromConstants(tape, theta)(parametersOf(shape)), shape);
  g.output(OUTPUT_NAMES.semantic, probabilities(tape, heads.semantic));
  g.output(OUTPUT_NAMES.centre, g.node('Clip', [heads.centre, g.scalar(0), g.scalar(1)], heads.centre.shape));
  g.output(OUTPUT_NAMES.offset, heads.offset);
  return g.encode('vision', metadata, FREE_AXES);
}

/** Log odds beyond ± this are as good as this. */
const MOST_LOG_ODDS = 30;

/** Softmax over axis 1 of its parts: the runtime takes four times as long over the operator of that name. */
function probabilities(tape: Tape, logits: Value): Value {
  const g = tape.graph;
  const [n, , h, w] = logits.shape;
  const limited = g.node('Clip', [logits, g.scalar(-MOST_LOG_ODDS), g.scalar(MOST_LOG_ODDS)], logits.shape);
  const odds = g.node('Exp', [limited], logits.shape);
  const sum = g.node('ReduceSum', [odds, g.integers([1])], [n, 1, h, w], { keepdims: 1 });
  return g.node('Div', [odds, sum], logits.shape);
}
