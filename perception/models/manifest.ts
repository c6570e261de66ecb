import { createRequire } from 'node:module';
import { z } from 'zod';
import { calibration, measured } from './calibration.ts';
import { isFree, line, type ManifestTensor, manifestTensor, planeSize, tensorName } from './manifest_tensors.ts';
import { modelName, modelVersion } from './model_name.ts';
import { type Grid, preprocessing } from './preprocessing.ts';

// The package is CommonJS without types.
const parseLicence: (text: string) => unknown = createRequire(import.meta.url)('spdx-expression-parse');

export const MANIFEST_FORMAT = 'surepick.model/1';

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256: 64 hex digits');

/** What a class of the model is here. Several may be one; `other` is a thing that is neither. */
export const CLASS_MEANINGS = ['background', 'table', 'robot', 'box', 'cylinder', 'other'] as const;
export type ClassMeaning = (typeof CLASS_MEANINGS)[number];

const modelClass = z.strictObject({ name: line(60).min(1), means: z.enum(CLASS_MEANINGS) });

/** Name of the output, and what is still to be applied to it: over the classes, or value by value. */
const output = tensorName;

/** Which output is what. All grids have the size of `semantic`'s; the frame is spread over each wholly. */
const heads = z.strictObject({
  /** Probabilities of the classes, in their order; `softmax` for a model that gives log odds. */
  semantic: z.strictObject({ output, activation: z.enum(['none', 'softmax']).default('none') }),
  /** One channel: how likely a cell is near an object's centre, 0..1. */
  centre: z.strictObject({ output, activation: z.enum(['none', 'sigmoid']).default('none') }).optional(),
  /** Two channels, x right and y down: from a cell to its object's centre, in cells. */
  offset: z.strictObject({ output }).optional(),
  /** Vectors that are alike in cells of one object. */
  embedding: z.strictObject({ output }).optional(),
});

/** How the model was made; fields beyond these are kept. Bears no date: equal training, equal bytes. */
const training = z.object({
  /** Empty where nobody told. */
  command: line(),
  seed: z.number().int().nullable(),
  /** Of the first batches of its data, or the root of a dataset; empty where nobody told. */
  data_sha256: z.union([z.literal(''), sha256Hex]),
  /** Whether the command makes the same bytes again on one machine; `close`: within half a point of every metric. */
  rebuild: z
    .strictObject({ outcome: z.enum(['same_bytes', 'close', 'different', 'not_tried']), why: line() })
    .optional(),
});
const trainingFact = z.union([line(), z.number(), z.boolean(), z.null()]);

/** What was measured on one set that the model was not trained on. */
const metrics = z.strictObject({
  set: line(),
  seed: z.number().int().nullable(),
  pictures: z.number().int().nonnegative(),
  values: z.record(line(80), measured).readonly(),
});
export type MetricSet = Readonly<z.infer<typeof metrics>>;

/** Inputs with the outputs they must give, in `golden.json` beside the model. */
const golden = z.strictObject({
  sha256: sha256Hex,
  /** Greatest difference of a value. */
  tolerance: z.number().positive().max(1),
});

/**
 * What stands beside a model: what it takes and gives, how a frame is put before it, how it was made, how good and how sure
 * it is. Names no file: those are model.onnx, manifest.json, golden.json and signature.json, always.
 */
export const modelManifest = z
  .strictObject({
    format: z.literal(MANIFEST_FORMAT),
    name: modelName,
    version: modelVersion,
    /** `full` is asked where `fast` is not sure enough. */
    role: z.enum(['fast', 'full']),
    description: line(),
    /** SPDX licence expression. */
    licence: line(200).refine(isLicence, 'must be an SPDX licence expression, e.g. Apache-2.0 or LicenseRef-own'),
    /** In the order of the channels of `semantic`. */
    classes: z.array(modelClass).min(2).max(256).readonly(),
    inputs: z.tuple([manifestTensor]).readonly(),
    outputs: z.array(manifestTensor).min(1).max(8).readonly(),
    preprocessing,
    heads,
    training: training.catchall(trainingFact),
    metrics: z.array(metrics).max(64).readonly(),
    calibration: calibration.optional(),
    /** What it must not be used for, and where it is weak. */
    limits: z.array(line()).max(64).readonly().default([]),
    golden: golden.optional(),
    /** Of model.onnx. */
    sha256: sha256Hex,
    bytes: z.number().int().positive(),
  })
  .superRefine((manifest, context) => {
    for (const [path, message] of contradictions(manifest))
      context.addIssue({ code: 'custom', path: [...path], message });
  });
export type ModelManifest = z.infer<typeof modelManifest>;
/** A manifest before it is checked: defaults may be left out. */
export type ModelManifestInput = z.input<typeof modelManifest>;

/** Of a manifest, what running the network needs. */
export type ModelInterface = Pick<ModelManifest, 'inputs' | 'outputs' | 'preprocessing' | 'heads' | 'classes'>;

/** A network as it is for pictures of one size: nothing is free in it but their number. */
export function atGrid(model: ModelInterface, grid: Grid): ModelInterface {
  const tensor = (one: ManifestTensor): ManifestTensor => {
    const [pictures, ...sides] = one.shape;
    const [a, b, c] = sides.map((side) => (side === 'rows' ? grid.height : side === 'columns' ? grid.width : side));
    return { ...one, shape: [pictures, a, b, c] };
  };
  const { pixels_per_cell: _, ...picture } = model.preprocessing;
  const [input] = model.inputs;
  return {
    ...model,
    inputs: [tensor(input)],
    outputs: model.outputs.map(tensor),
    preprocessing: { ...picture, width: grid.width, height: grid.height },
  };
}

type Contradiction = readonly [path: readonly (string | number)[], message: string];

/** What its parts say against each other. */
function* contradictions(manifest: ModelInterface): Generator<Contradiction> {
  const { inputs, outputs, preprocessing: picture, classes } = manifest;
  const taken = planeSize(inputs[0], picture);
  const free = picture.pixels_per_cell !== undefined;
  for (const [k, tensor] of [...inputs, ...outputs].entries())
    if (isFree(tensor) !== free)
      yield [
        k < inputs.length ? ['inputs', k] : ['outputs', k - inputs.length],
        free
          ? 'preprocessing has pixels_per_cell: rows and columns must be free'
          : 'rows and columns are free, but preprocessing has no pixels_per_cell',
      ];
  if (taken.width !== picture.width || taken.height !== picture.height)
    yield [['preprocessing'], `${picture.width}x${picture.height}, but the input is ${taken.width}x${taken.height}`];
  if (taken.channels !== picture.channels.length)
    yield [['preprocessing', 'channels'], `${picture.channels.length} of them, but the input has ${taken.channels}`];
  const names = [...inputs, ...outputs].map(({ name }) => name);
  if (new Set(names).size < names.length) yield [['outputs'], 'inputs and outputs must have names of their own'];
  if (new Set(classes.map(({ name }) => name)).size < classes.length) yield [['classes'], 'each name may come once'];
  if (!classes.some(({ means }) => means === 'box' || means === 'cylinder'))
    yield [['classes'], 'at least one must mean box or cylinder'];
  yield* headContradictions(manifest);
}

function* headContradictions({
  outputs,
  heads: all,
  classes,
  preprocessing: picture,
}: ModelInterface): Generator<Contradiction> {
  const sizeOf = (name: string) => {
    const found = outputs.find((output) => output.name === name);
    return found === undefined ? null : planeSize(found, picture);
  };
  const grid = sizeOf(all.semantic.output);
  const wanted = { semantic: classes.length, centre: 1, offset: 2, embedding: null } as const;
  for (const name of ['semantic', 'centre', 'offset', 'embedding'] as const) {
    const one = all[name];
    if (one === undefined) continue;
    const size = sizeOf(one.output);
    const path = ['heads', name, 'output'];
    const channels = wanted[name];
    if (size === null) yield [path, `no output is called ${one.output}`];
    else if (channels !== null && size.channels !== channels)
      yield [path, `${one.output} has ${size.channels} channels, must have ${channels}`];
    else if (grid !== null && (size.width !== grid.width || size.height !== grid.height))
      yield [path, `${size.width}x${size.height} cells, but semantic has ${grid.width}x${grid.height}`];
  }
}

function isLicence(text: string): boolean {
  try {
    parseLicence(text);
    return true;
  } catch {
    return false;
  }
}
