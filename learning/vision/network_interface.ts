import {
  INPUT_CHANNELS,
  INPUT_HEIGHT,
  INPUT_WIDTH,
  type ModelInterface,
  VISION_INTERFACE,
} from '../../perception/index.ts';
import { OUTPUT_NAMES, outputShapes } from './network.ts';

/** Size of the picture that the shipped networks see. */
export const PICTURE = { width: INPUT_WIDTH, height: INPUT_HEIGHT };

const WHAT: Readonly<Record<string, readonly [what: string, units: string]>> = {
  [OUTPUT_NAMES.semantic]: ['probability of every class in every cell', '1'],
  [OUTPUT_NAMES.centre]: ['how near a cell is to the centre of an object', '1'],
  [OUTPUT_NAMES.offset]: ["from a cell to its object's centre, x right, y down", 'cells'],
};

/** What a manifest says of the inputs, outputs and heads of a network of `inferenceModel`. */
export function networkInterface(): ModelInterface {
  const [input] = VISION_INTERFACE.inputs;
  return {
    ...VISION_INTERFACE,
    inputs: [{ ...input, shape: ['N', INPUT_CHANNELS, INPUT_HEIGHT, INPUT_WIDTH] }],
    outputs: Object.entries(outputShapes(PICTURE)).map(([name, shape]) => ({
      ...{ name, type: 'float32', shape: ['N', ...shape], layout: 'NCHW' },
      ...{ what: WHAT[name][0], units: WHAT[name][1] },
    })),
    heads: {
      semantic: { output: OUTPUT_NAMES.semantic, activation: 'none' },
      centre: { output: OUTPUT_NAMES.centre, activation: 'none' },
      offset: { output: OUTPUT_NAMES.offset },
    },
  };
}
