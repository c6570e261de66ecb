import { z } from 'zod';

const MOST_SIDE = 8192;
const MOST_VALUES = 2 ** 24;

/** A name as ONNX graphs have it. */
export const tensorName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]+$/u, 'must be a name without control characters');

/** Text for people: one line. */
export const line = (most = 2000) =>
  z
    .string()
    .max(most)
    .regex(/^[^\p{Cc}]*$/u, 'must be one line of text');

const side = z.number().int().positive().max(MOST_SIDE);

/**
 * One tensor of a model. The first axis counts pictures: 1, or `N` where the model takes several at once. `NCHW`: channel,
 * row, column; `NHWC`: row, column, channel.
 */
export const manifestTensor = z
  .strictObject({
    name: tensorName,
    type: z.literal('float32'),
    shape: z.tuple([z.union([z.literal(1), z.literal('N')]), side, side, side]).readonly(),
    layout: z.enum(['NCHW', 'NHWC']),
    /** What it holds, e.g. `picture`, `class probabilities`. */
    what: line(),
    /** Units of its values; `1` for none. */
    units: line(200),
  })
  .refine(({ shape }) => shape[1] * shape[2] * shape[3] <= MOST_VALUES, `at most ${MOST_VALUES} values`);
export type ManifestTensor = z.infer<typeof manifestTensor>;

/** Size of one picture's share of a tensor. */
export interface PlaneSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export function planeSize({ shape, layout }: Pick<ManifestTensor, 'shape' | 'layout'>): PlaneSize {
  const [, a, b, c] = shape;
  return layout === 'NCHW' ? { channels: a, height: b, width: c } : { height: a, width: b, channels: c };
}

/** Values of one picture in a tensor. */
export function valuesOf({ shape }: Pick<ManifestTensor, 'shape'>): number {
  return shape[1] * shape[2] * shape[3];
}
