import { INPUT_CHANNELS, type ModelInterface, VISION_INTERFACE, VISION_PREPROCESSING } from '../../perception/index.ts';
import { OUTPUT_NAMES } from './network.ts';
import { HEAD_CHANNELS, HEADS, type Head } from './network_shape.ts';

const WHAT: Readonly<Record<Head, readonly [what: string, units: string]>> = {
  semantic: ['probability of every class in every cell', '1'],
  centre: ['how near a cell is to the centre of an object', '1'],
  offset: ["from a cell to its object's centre, x right, y down", 'cells'],
};

/** What a manifest says of the inputs, outputs and heads of a network of `inferenceModel`. */
export function networkInterface(): ModelInterface {
  const [input] = VISION_INTERFACE.inputs;
  return {
    ...VISION_INTERFACE,
    inputs: [{ ...input, shape: ['N', INPUT_CHANNELS, 'rows', 'columns'] }],
    outputs: HEADS.map((head) => ({
      ...{ name: OUTPUT_NAMES[head], type: 'float32', shape: ['N', HEAD_CHANNELS[head], 'rows', 'columns'] },
      ...{ layout: 'NCHW', what: WHAT[head][0], units: WHAT[head][1] },
    })),
    preprocessing: VISION_PREPROCESSING,
    heads: {
      semantic: { output: OUTPUT_NAMES.semantic, activation: 'none' },
      centre: { output: OUTPUT_NAMES.centre, activation: 'none' },
      offset: { output: OUTPUT_NAMES.offset },
    },
  };
}
