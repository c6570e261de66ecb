import { z } from 'zod';
import type { Grid } from './preprocessing.ts';

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
/** `rows` and `columns` are free: the network takes pictures of any size, in multiples of GRID_STEP. */
const freeSide = z.union([side, z.literal('rows'), z.literal('columns')]);

/**
 * One tensor of a model. The first axis counts pictures: 1, or `N` where the model takes several at once. `NCHW`: channel,
 * row, column; `NHWC`: row, column, channel.
 */
export const manifestTensor = z
  .strictObject({
    name: tensorName,
    type: z.literal('float32'),
    shape: z.tuple([z.union([z.literal(1), z.literal('N')]), freeSide, freeSide, freeSide]).readonly(),
    layout: z.enum(['NCHW', 'NHWC']),
    /** What it holds, e.g. `picture`, `class probabilities`. */
    what: line(),
    /** Units of its values; `1` for none. */
    units: line(200),
  })
  .refine(freeWhereTheyBelong, 'rows and columns are free together, at their own places, and channels never')
  .refine(
    ({ shape }) => shape.reduce((n: number, s) => n * fixed(s), 1) <= MOST_VALUES,
    `at most ${MOST_VALUES} values`,
  );
export type ManifestTensor = z.infer<typeof manifestTensor>;

/** Size of one picture's share of a tensor. */
export interface PlaneSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** @param grid  what free rows and columns are */
export function planeSize({ shape, layout }: Pick<ManifestTensor, 'shape' | 'layout'>, grid: Grid): PlaneSize {
  const [, a, b, c] = shape.map((one) => (one === 'rows' ? grid.height : one === 'columns' ? grid.width : fixed(one)));
  return layout === 'NCHW' ? { channels: a, height: b, width: c } : { height: a, width: b, channels: c };
}

/** Whether a tensor's rows and columns are free. */
export function isFree({ shape }: Pick<ManifestTensor, 'shape'>): boolean {
  return shape.includes('rows');
}

/** Values of one picture in a tensor. */
export function valuesOf(tensor: Pick<ManifestTensor, 'shape' | 'layout'>, grid: Grid): number {
  const { channels, height, width } = planeSize(tensor, grid);
  return channels * height * width;
}

function fixed(one: number | string): number {
  return typeof one === 'number' ? one : 1;
}

function freeWhereTheyBelong({ shape, layout }: { shape: readonly unknown[]; layout: 'NCHW' | 'NHWC' }): boolean {
  const row = layout === 'NCHW' ? 2 : 1;
  const free = shape[row] === 'rows';
  return shape.every((one, axis) => {
    if (axis === row) return free || typeof one === 'number';
    if (axis === row + 1) return free ? one === 'columns' : typeof one === 'number';
    return one !== 'rows' && one !== 'columns';
  });
}
