import { z } from 'zod';
import type { PictureGrid } from '../runtime/index.ts';

/**
 * What a channel of a network's picture shows, before scale and offset: `red`, `green`, `blue` and `grey` (their mean) 0 to 1;
 * `height` above z = 0 of frame world, m; `depth` along the optical axis, m; `has_depth` 0 or 1.
 */
export const CHANNELS = ['red', 'green', 'blue', 'grey', 'height', 'depth', 'has_depth'] as const;
export type Channel = (typeof CHANNELS)[number];

const finite = z.number().min(-1e6).max(1e6);

/**
 * value = limits(scale · what + offset). A mean and a deviation, as others normalise by, are scale = 1 / deviation and
 * offset = −mean / deviation; colours of 0 to 255 have the scale 255.
 */
const channel = z.strictObject({
  what: z.enum(CHANNELS),
  scale: finite.refine((scale) => scale !== 0, 'must not be 0').default(1),
  offset: finite.default(0),
  /** Values beyond are cut off there. */
  limits: z
    .tuple([finite, finite])
    .refine(([low, high]) => low < high, 'the first must be less than the second')
    .readonly()
    .optional(),
  /** Value of `height` and `depth` where there is no depth; not scaled. */
  missing: finite.default(0),
});
export type ChannelSpec = Readonly<z.infer<typeof channel>>;

/** How a camera's frame becomes the network's picture. Channels stand in the order of the network's. */
export const preprocessing = z.strictObject({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /**
   * For a network whose rows and columns are free: a frame has one cell for so many of its pixels each way, in whole
   * multiples of GRID_STEP and at most `width` × `height` cells. Left out: always `width` × `height`.
   */
  pixels_per_cell: z.number().int().positive().max(64).optional(),
  /** The whole frame is stretched to the size: `area`, the mean of all pixels of a cell; `nearest`, the one in its middle. */
  resize: z.enum(['area', 'nearest']),
  channels: z.array(channel).min(1).max(16).readonly(),
});
export type Preprocessing = Readonly<z.infer<typeof preprocessing>>;

/** Size of a network's picture, cells. */
export type Grid = PictureGrid;

/** Networks halve their picture three times. */
export const GRID_STEP = 8;

/** Cells of a frame of so many pixels. */
export function gridOf({ width, height, pixels_per_cell }: Omit<Preprocessing, 'channels'>, frame: Grid): Grid {
  if (pixels_per_cell === undefined) return { width, height };
  const cells = (pixels: number, most: number): number => {
    const steps = Math.round(pixels / (GRID_STEP * pixels_per_cell));
    return Math.min(most, GRID_STEP * Math.max(1, steps));
  };
  return { width: cells(frame.width, width), height: cells(frame.height, height) };
}
