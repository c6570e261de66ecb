import type { ColourImage, DepthImage } from '../../contracts/index.ts';

/**
 * Blackens what must not be stored, before a picture is encoded. Whoever stores pictures hands it every picture of every
 * camera that comes, in order, also those that it does not keep, and stores only what it gets back. One instance serves one
 * recording.
 */
export interface PictureMask {
  /** What is masked, in words, a line each: for the recording's metadata record `masks` and `governance.masked`. */
  readonly told: readonly string[];
  /** Why pictures were withheld, and how many. */
  readonly withheld: ReadonlyMap<string, number>;
  /**
   * A masked copy; or null where the picture could not be masked, and so must not be stored. A promise only where it waits for
   * the depth picture of the same time or for a detector. Never rejects.
   */
  colour(camera: string, image: ColourImage): Masked<ColourImage>;
  depth(camera: string, image: DepthImage): Masked<DepthImage>;
  /** Nothing more comes: pictures that still wait are withheld. */
  close(): void;
}

export type Masked<T> = T | null | Promise<T | null>;
