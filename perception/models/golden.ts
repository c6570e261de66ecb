import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import type { Tensors } from '../runtime/index.ts';
import { atGrid, type ModelInterface } from './manifest.ts';
import { type ManifestTensor, planeSize, valuesOf } from './manifest_tensors.ts';
import { parseModelJson } from './model_files.ts';
import type { Grid } from './preprocessing.ts';

export const GOLDEN_FORMAT = 'surepick.golden/1';
/** Of each output, about so many values are kept. */
const KEPT = 2048;
const LEVELS = 255;
/** Of tensors that `atGrid` gave: nothing is free in them. */
const CONCRETE: Grid = { width: 1, height: 1 };

const base64 = z.base64().max(2 ** 23);
const golden = z.strictObject({
  format: z.literal(GOLDEN_FORMAT),
  cases: z
    .array(
      z.strictObject({
        /** Of a network whose rows and columns are free, cells of this picture. */
        grid: z.strictObject({ width: z.number().int().positive(), height: z.number().int().positive() }).optional(),
        /** An input in 256 steps between `low` and `high` of each channel, deflated (RFC 1951). */
        inputs: z.record(
          z.string(),
          z.strictObject({ low: z.array(z.number()).readonly(), high: z.array(z.number()).readonly(), values: base64 }),
        ),
        /** Every `step`-th value of an output, float32, little-endian. */
        outputs: z.record(z.string(), z.strictObject({ step: z.number().int().positive(), values: base64 })),
      }),
    )
    .min(1)
    .max(16)
    .readonly(),
});
type GoldenCase = z.infer<typeof golden>['cases'][number];

/** Runs a network once, on a picture of a size where that is free. */
export type NetworkRun = (inputs: Tensors, grid: Grid) => Promise<Tensors>;

/** An input as the network takes it, one picture. */
export interface GoldenPicture {
  readonly grid: Grid;
  readonly values: Float32Array;
}

/**
 * Inputs and what the network makes of them, as golden.json keeps them: each input in 256 steps a channel, of each output
 * some thousand values.
 */
export async function makeGolden(
  pictures: readonly GoldenPicture[],
  model: ModelInterface,
  run: NetworkRun,
): Promise<string> {
  const cases: GoldenCase[] = [];
  for (const { grid, values } of pictures) {
    const at = atGrid(model, grid);
    const [input] = at.inputs;
    const kept = quantised(values, input);
    const outputs = await run({ [input.name]: restored(kept, input, 'golden input') }, grid);
    cases.push({
      ...(model.preprocessing.pixels_per_cell === undefined ? {} : { grid }),
      inputs: { [input.name]: kept },
      outputs: Object.fromEntries(at.outputs.map((output) => [output.name, sampled(outputs[output.name], output)])),
    });
  }
  return `${JSON.stringify({ format: GOLDEN_FORMAT, cases }, null, 1)}\n`;
}

export interface GoldenResult {
  readonly cases: number;
  /** Values compared. */
  readonly compared: number;
  /** Greatest difference from what is kept, over the greater of 1 and the value's size. */
  readonly worst: number;
}

/**
 * Runs the golden inputs through a network and compares what comes out.
 *
 * @throws InputError if the text is not of this model
 */
export async function runGolden(
  text: string,
  model: ModelInterface,
  run: NetworkRun,
  where: string,
): Promise<GoldenResult> {
  const { cases } = parseModelJson(new TextEncoder().encode(text), where, golden);
  let [compared, worst] = [0, 0];
  for (const [k, one] of cases.entries()) {
    const place = `${where} at cases.${k}`;
    const grid = one.grid ?? model.preprocessing;
    if (grid.width > model.preprocessing.width || grid.height > model.preprocessing.height)
      throw new InputError(`${place}.grid`, `at most ${model.preprocessing.width}x${model.preprocessing.height}`);
    const at = atGrid(model, grid);
    const [input] = at.inputs;
    const outputs = await run({ [input.name]: restored(fieldOf(one.inputs, input.name, place), input, place) }, grid);
    for (const output of at.outputs) {
      const { step, values } = fieldOf(one.outputs, output.name, place);
      const wanted = floatsOf(values, Math.ceil(valuesOf(output, CONCRETE) / step), `${place}.outputs.${output.name}`);
      for (const [i, value] of wanted.entries()) {
        const difference = Math.abs(outputs[output.name][i * step] - value) / Math.max(1, Math.abs(value));
        worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference);
      }
      compared += wanted.length;
    }
  }
  return { cases: cases.length, compared, worst };
}

function quantised(picture: Float32Array, tensor: ManifestTensor): GoldenCase['inputs'][string] {
  const { channels } = planeSize(tensor, CONCRETE);
  const low = new Array<number>(channels).fill(Number.POSITIVE_INFINITY);
  const high = new Array<number>(channels).fill(Number.NEGATIVE_INFINITY);
  const channelOf = channelAt(tensor);
  for (let i = 0; i < picture.length; i++) {
    const c = channelOf(i);
    low[c] = Math.min(low[c], picture[i]);
    high[c] = Math.max(high[c], picture[i]);
  }
  const steps = Uint8Array.from(picture, (value, i) => {
    const c = channelOf(i);
    return high[c] > low[c] ? Math.round((LEVELS * (value - low[c])) / (high[c] - low[c])) : 0;
  });
  return { low, high, values: deflateRawSync(steps, { level: 9 }).toString('base64') };
}

function restored({ low, high, values }: GoldenCase['inputs'][string], tensor: ManifestTensor, where: string) {
  const size = valuesOf(tensor, CONCRETE);
  const { channels } = planeSize(tensor, CONCRETE);
  const steps = inflated(values, size, where);
  if (steps.length !== size || low.length !== channels || high.length !== channels)
    throw new InputError(`${where}.inputs.${tensor.name}`, `must have ${channels} channels and ${size} values`);
  const channelOf = channelAt(tensor);
  return Float32Array.from(steps, (step, i) => {
    const c = channelOf(i);
    return low[c] + (step / LEVELS) * (high[c] - low[c]);
  });
}

function inflated(text: string, most: number, where: string): Uint8Array {
  try {
    return inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: most });
  } catch (cause) {
    throw new InputError(`${where}.inputs`, `must be at most ${most} bytes, deflated`, { cause });
  }
}

function channelAt(tensor: ManifestTensor): (i: number) => number {
  const { channels, width, height } = planeSize(tensor, CONCRETE);
  return tensor.layout === 'NCHW' ? (i) => Math.floor(i / (width * height)) : (i) => i % channels;
}

function sampled(values: Float32Array, tensor: ManifestTensor): GoldenCase['outputs'][string] {
  const step = stepOf(valuesOf(tensor, CONCRETE), planeSize(tensor, CONCRETE).width);
  const kept = new DataView(new ArrayBuffer(4 * Math.ceil(values.length / step)));
  for (let i = 0; i * step < values.length; i++) kept.setFloat32(4 * i, values[i * step], true);
  return { step, values: Buffer.from(kept.buffer).toString('base64') };
}

/** A step that walks over all columns: one that shares no factor with the width. */
function stepOf(values: number, width: number): number {
  let step = Math.max(1, Math.floor(values / KEPT));
  while (commonFactor(step, width) > 1) step++;
  return step;
}

function commonFactor(a: number, b: number): number {
  return b === 0 ? a : commonFactor(b, a % b);
}

function floatsOf(text: string, count: number, where: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 4 * count) throw new InputError(where, `must have ${count} values of 4 bytes`);
  return Array.from({ length: count }, (_, i) => bytes.readFloatLE(4 * i));
}

function fieldOf<T>(record: Readonly<Record<string, T>>, name: string, where: string): T {
  if (Object.hasOwn(record, name)) return record[name];
  throw new InputError(where, `must have ${name}`);
}
