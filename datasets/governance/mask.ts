import type { CameraName, ColourImage, DepthImage } from '../../contracts/index.ts';
import type { MaskRules } from './mask_rules.ts';

export type CameraPicture =
  | { readonly camera: CameraName; readonly kind: 'colour'; readonly image: ColourImage }
  | { readonly camera: CameraName; readonly kind: 'depth'; readonly image: DepthImage };

/**
 * Blackens what must not be stored, before a picture is encoded. Whoever stores pictures hands it every picture of every
 * camera that comes, in order, also those that it does not keep, and stores only what it gets back. One instance serves one
 * recording.
 */
export interface PictureMask {
  readonly rules: MaskRules;
  /** What is masked, in words, a line each: for the recording and for `governance.masked`. */
  readonly told: readonly string[];
  /** Why pictures were withheld, and how many. */
  readonly withheld: ReadonlyMap<string, number>;
  /**
   * Masked copies of what may be stored now: of this picture, and of one that waited for it. Pictures that cannot be masked
   * never come back, and are counted. A promise only where a detector is asked. Never throws or rejects.
   */
  take(picture: CameraPicture): readonly CameraPicture[] | Promise<readonly CameraPicture[]>;
  /** Nothing more comes: pictures that still wait are withheld. */
  close(): void;
}

/** Where people may be in a picture, in pixels. */
export interface PersonArea {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Finds people. What it does not find is stored: it is the user's, and so is its quality. */
export interface PeopleDetector {
  /** Its name and hash. */
  readonly told: string;
  /** Rejects where it fails. */
  detect(image: ColourImage): Promise<readonly PersonArea[]>;
}
