import { COLOURS, InputError } from '../../contracts/index.ts';
import { addAdam, fromVector, type ParameterSpec, parameterCount, Tape, type Value } from '../graph/index.ts';
import type { PictureShape } from './vision_cameras.ts';

/** A small network that says of every pixel which paint it shows. */
export interface EyeShape extends PictureShape {
  /** Units that tell paints apart. */
  readonly paint_units: number;
}

/** Channels that the network sees: red, green, blue and height over the table. */
export const VIEW_CHANNELS = 4;
/** Nothing that a task names, then the colours. */
export const PAINTS = 1 + COLOURS.length;
/** The last layer starts small, so that at first no paint is more likely than another. */
const LAST_GAIN = 0.1;

/** Kernels and biases in order. Throws InputError naming a size that makes no sense. */
export function eyeParameters({ width, height, paint_units }: EyeShape): readonly ParameterSpec[] {
  for (const [name, side, least] of [
    ['pictures of width', width, 16],
    ['pictures of height', height, 16],
    ['paint units', paint_units, 1],
  ] as const) {
    if (!Number.isInteger(side) || side < least)
      throw new InputError(`${name} ${side}`, `an integer of at least ${least}`);
  }
  const layer = (name: string, out: number, into: number, gain: number): ParameterSpec[] => [
    { name: `${name}.kernel`, shape: [out, into, 1, 1], deviation: gain * Math.sqrt(2 / into) },
    { name: `${name}.bias`, shape: [out], deviation: 0 },
  ];
  return [...layer('paint0', paint_units, VIEW_CHANNELS, 1), ...layer('paint1', PAINTS, paint_units, LAST_GAIN)];
}

/** Logits of paints [n, PAINTS, h, w] of `views` [n, VIEW_CHANNELS, h, w]. */
export function paintsSeen(tape: Tape, views: Value, parameters: readonly Value[]): Value {
  return tape.conv(tape.relu(tape.conv(views, parameters[0], parameters[1])), parameters[2], parameters[3]);
}

/**
 * One training step as a model: inputs views [1, VIEW_CHANNELS, 1, pixels], paint (what is right, one-hot), theta, m, v, rate;
 * outputs loss (mean cross entropy), theta_next, m_next, v_next.
 */
export function eyeStep(shape: EyeShape, pixels: number): Uint8Array {
  const tape = new Tape();
  const g = tape.graph;
  const views = g.input('views', 'float32', [1, VIEW_CHANNELS, 1, pixels]);
  const paint = g.input('paint', 'float32', [1, PAINTS, 1, pixels]);
  const specs = eyeParameters(shape);
  const theta = g.input('theta', 'float32', [parameterCount(specs)]);
  const parameters = fromVector(tape, theta)(specs);
  const agreed = tape.mul(tape.logSoftmax(paintsSeen(tape, views, parameters)), paint);
  const loss = tape.mul(tape.sum(agreed, [0, 1, 2, 3]), tape.constant(-1 / pixels));
  g.output('loss', loss);
  addAdam(tape, theta, tape.gradients(loss, parameters));
  return g.encode('eye-step');
}

/** Pictures with what is right about them: of every pixel 0 where no object is, else 1 + number of its colour. */
export interface EyeFrames extends PictureShape {
  readonly count: number;
  readonly rgb: Uint8Array;
  /** Height over the table (m). */
  readonly heights: Float32Array;
  readonly labels: Uint8Array;
}

/** Colour less its middle, and height (m), as channels: times these, height within these. */
export const COLOUR_GAIN = 4;
export const HEIGHT_GAIN = 25;
export const LOWEST = -1;
export const HIGHEST = 5;

/** Writes the channels of pixel `k` of all frames as entry `at` of `views` [VIEW_CHANNELS, pixels]. */
export function writePixel({ rgb, heights }: EyeFrames, k: number, views: Float32Array, at: number): void {
  const pixels = views.length / VIEW_CHANNELS;
  for (let c = 0; c < 3; c++) views[c * pixels + at] = COLOUR_GAIN * (rgb[3 * k + c] / 255 - 0.5);
  views[3 * pixels + at] = Math.min(HIGHEST, Math.max(LOWEST, HEIGHT_GAIN * heights[k]));
}
