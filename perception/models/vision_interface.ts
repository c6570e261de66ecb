import { INPUT_CHANNELS, INPUT_HEIGHT, INPUT_WIDTH, VISION_CLASSES, VISION_PREPROCESSING } from '../network_input.ts';
import type { ModelInterface } from './manifest.ts';

const { pixels_per_cell: _, ...WHOLE_PICTURE } = VISION_PREPROCESSING;

/** What a model's file without a manifest is taken to take and give: classes of the cells of one picture of one size. */
export const VISION_INTERFACE: ModelInterface = {
  classes: VISION_CLASSES.map((name) => ({ name, means: name })),
  inputs: [
    {
      ...{ name: 'image', type: 'float32', shape: [1, INPUT_CHANNELS, INPUT_HEIGHT, INPUT_WIDTH], layout: 'NCHW' },
      ...{ what: 'picture', units: 'as in preprocessing' },
    },
  ],
  outputs: [
    {
      ...{ name: 'probabilities', type: 'float32' },
      ...{ shape: [1, VISION_CLASSES.length, INPUT_HEIGHT, INPUT_WIDTH], layout: 'NCHW' },
      ...{ what: 'probability of every class in every cell', units: '1' },
    },
  ],
  preprocessing: WHOLE_PICTURE,
  heads: { semantic: { output: 'probabilities', activation: 'none' } },
};
