import { INPUT_CHANNELS, INPUT_HEIGHT, INPUT_WIDTH, VISION_CLASSES } from '../../perception/index.ts';
import {
  addAdam,
  fromConstants,
  fromVector,
  type ParameterSpec,
  parameterCount,
  Tape,
  type Value,
} from '../graph/index.ts';

/** Channels of the encoder's stages, each at half the size of the one before. */
const WIDTHS = [16, 32, 56] as const;
const CLASSES = VISION_CLASSES.length;

export const INPUT_NAME = 'image';
export const OUTPUT_NAME = 'probabilities';
export const PARAMETERS: readonly ParameterSpec[] = specs();
export const PARAMETER_COUNT = parameterCount(PARAMETERS);

/** How the loss weighs its parts: cross-entropy per class, and the overlap of the classes of interest. */
export interface LossWeights {
  readonly classes: readonly number[];
  /** Weight of the Dice losses of box and cylinder. */
  readonly dice: number;
}

export const LOSS_WEIGHTS: LossWeights = { classes: [1, 1, 1.5, 6, 6], dice: 0.5 };

/**
 * A small encoder and decoder with two skip connections (after Ronneberger et al., U-Net, 2015): three strided
 * convolutions, one more at the coarsest size, and back by moving channels to pixels. [n, 5, 120, 160] to logits
 * [n, classes, 120, 160]; about 0.1 GFLOP an image.
 */
function logits(tape: Tape, image: Value, parameters: readonly Value[]): Value {
  let next = 0;
  const layer = (x: Value, stride: 1 | 2 = 1): Value => {
    const [w, b] = parameters.slice(next, next + 2);
    next += 2;
    return tape.conv(x, w, b, { stride });
  };
  const fine = tape.relu(layer(image, 2));
  const middle = tape.relu(layer(fine, 2));
  const coarse = tape.relu(layer(tape.relu(layer(middle, 2))));
  const up = tape.relu(layer(tape.add(tape.depthToSpace(layer(coarse), 2), middle)));
  const out = tape.relu(layer(tape.add(tape.depthToSpace(layer(up), 2), fine)));
  return tape.depthToSpace(layer(out), 2);
}

function specs(): ParameterSpec[] {
  const [a, b, c] = WIDTHS;
  const convolutions: readonly (readonly [string, number, number, number])[] = [
    ['fine', INPUT_CHANNELS, a, 3],
    ['middle', a, b, 3],
    ['coarse1', b, c, 3],
    ['coarse2', c, c, 3],
    ['up1', c, 4 * b, 1],
    ['join1', b, b, 3],
    ['up2', b, 4 * a, 1],
    ['join2', a, a, 3],
    ['head', a, 4 * CLASSES, 1],
  ];
  return convolutions.flatMap(([name, input, output, k]) => [
    { name: `${name}/w`, shape: [output, input, k, k], deviation: Math.sqrt(2 / (input * k * k)) },
    { name: `${name}/b`, shape: [output], deviation: 0 },
  ]);
}

/**
 * One training step as a model: inputs image, label (int32 [n, 1, h, w]), theta, m, v, rate; outputs loss, theta_next,
 * m_next, v_next.
 */
export function trainingModel(batch: number, weights: LossWeights = LOSS_WEIGHTS): Uint8Array {
  const tape = new Tape();
  const g = tape.graph;
  const image = g.input(INPUT_NAME, 'float32', [batch, INPUT_CHANNELS, INPUT_HEIGHT, INPUT_WIDTH]);
  const label = g.input('label', 'int32', [batch, 1, INPUT_HEIGHT, INPUT_WIDTH]);
  const theta = g.input('theta', 'float32', [PARAMETER_COUNT]);
  const parameters = fromVector(tape, theta)(PARAMETERS);
  const loss = segmentationLoss(tape, logits(tape, image, parameters), label, weights);
  g.output('loss', loss);
  addAdam(tape, theta, tape.gradients(loss, parameters));
  return g.encode('vision-training');
}

/** The network with constant parameters: image to class probabilities, one image. */
export function inferenceModel(theta: Float32Array, metadata: Readonly<Record<string, string>>): Uint8Array {
  const tape = new Tape();
  const g = tape.graph;
  const image = g.input(INPUT_NAME, 'float32', [1, INPUT_CHANNELS, INPUT_HEIGHT, INPUT_WIDTH]);
  const y = logits(tape, image, fromConstants(tape, theta)(PARAMETERS));
  g.output(OUTPUT_NAME, g.node('Softmax', [y], y.shape, { axis: 1 }));
  return g.encode('vision', metadata);
}

/**
 * Weighted cross-entropy over all pixels, plus for every object class 1 − 2 Σ p y / (Σ p + Σ y) (Dice; Milletari et al.,
 * V-Net, 2016), which does not let small classes be outvoted.
 */
function segmentationLoss(tape: Tape, y: Value, label: Value, { classes, dice }: LossWeights): Value {
  const g = tape.graph;
  const indices = g.tensor(
    Int32Array.from(classes, (_, i) => i),
    [1, classes.length, 1, 1],
  );
  const isClass = g.node('Equal', [label, indices], y.shape, {}, { type: 'bool' });
  const oneHot = g.node('Cast', [isClass], y.shape, { to: 1 }, { type: 'float32' });
  const weighted = g.node('Mul', [oneHot, g.tensor(Float32Array.from(classes), [1, classes.length, 1, 1])], y.shape);
  const everywhere = [0, 1, 2, 3];
  const one = [1, 1, 1, 1];
  const total = g.node('ReduceSum', [weighted, g.integers(everywhere)], one, { keepdims: 1 });
  const logP = tape.logSoftmax(y);
  const crossEntropy = tape.div(tape.sum(tape.mul(logP, weighted), everywhere), total);
  const ofObjects = g.tensor(
    Float32Array.from(VISION_CLASSES, (name) => (name === 'box' || name === 'cylinder' ? 1 : 0)),
    [1, classes.length, 1, 1],
  );
  const p = tape.exp(logP);
  const overlap = tape.sum(tape.mul(p, oneHot), [0, 2, 3]);
  const size = g.node('ReduceSum', [oneHot, g.integers([0, 2, 3])], [1, classes.length, 1, 1], { keepdims: 1 });
  const smooth = tape.constant(20);
  const ratio = tape.div(
    tape.add(overlap, smooth),
    tape.add(tape.add(tape.sum(p, [0, 2, 3]), size), tape.constant(40)),
  );
  const covered = tape.sum(tape.mul(ratio, ofObjects), everywhere);
  const loss = tape.add(
    tape.mul(crossEntropy, tape.constant(-1)),
    tape.mul(tape.sub(covered, tape.constant(1)), tape.constant(-2 * dice)),
  );
  return tape.reshape(loss, [1]);
}
