import type { TaskPolicyManifest } from '../../control/index.ts';
import { ENVIRONMENT_CAMERAS } from '../env/world_cameras.ts';

/** Pictures of all cameras of an environment, side by side: colour as bytes, depth in m. */
export interface SeatPictures {
  readonly rgb: Uint8Array;
  readonly depth: Float32Array;
}

/** Room for pictures of so many pixels each. */
export function picturesOf(pixels: number): SeatPictures {
  const count = ENVIRONMENT_CAMERAS.length * pixels;
  return { rgb: new Uint8Array(3 * count), depth: new Float32Array(count) };
}

export type PictureLayout = Pick<
  NonNullable<TaskPolicyManifest['images']>,
  'cameras' | 'width' | 'height' | 'channels'
>;

/** Writes pictures as a policy's network takes them: channels first, colour 0..1, then depth in m if there are 4 channels. */
export function writePictures(images: PictureLayout, { rgb, depth }: SeatPictures, out: Float32Array): void {
  const pixels = images.width * images.height;
  let at = 0;
  for (const name of images.cameras) {
    const first = pixels * ENVIRONMENT_CAMERAS.indexOf(name);
    for (let channel = 0; channel < 3; channel++) {
      for (let k = 0; k < pixels; k++) out[at++] = rgb[3 * (first + k) + channel] / 255;
    }
    if (images.channels === 4) for (let k = 0; k < pixels; k++) out[at++] = depth[first + k];
  }
}
