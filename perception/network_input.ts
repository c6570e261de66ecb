import type { PixelView } from './regions.ts';

/** Size of the network's picture; half the overview camera's. */
export const INPUT_WIDTH = 160;
export const INPUT_HEIGHT = 120;
/** Red, green, blue, height above the table, and 1 where there is depth. */
export const INPUT_CHANNELS = 5;
export const INPUT_SIZE = INPUT_CHANNELS * INPUT_WIDTH * INPUT_HEIGHT;
/** Classes of the network, in the order of its output channels. */
export const VISION_CLASSES = ['background', 'table', 'robot', 'box', 'cylinder'] as const;

/** Heights are scaled by this (1/m) and cut off at ±HEIGHT_LIMIT. */
const HEIGHT_SCALE = 10;
const HEIGHT_LIMIT = 3;

/**
 * Writes a frame as the network takes it: averaged down to INPUT_WIDTH × INPUT_HEIGHT, channel by channel, colours centred
 * on 0. Depth enters as height above the table, which the camera's pose gives: what stands out stays so from any view.
 */
export function writeNetworkInput(view: PixelView, out: Float32Array, offset = 0): void {
  const { width, height, rgb, depth, rays, camera } = view;
  const base = camera.T[11];
  const plane = INPUT_WIDTH * INPUT_HEIGHT;
  const columns = Int32Array.from({ length: INPUT_WIDTH + 1 }, (_, k) => Math.floor((k * width) / INPUT_WIDTH));
  for (let row = 0, cell = offset; row < INPUT_HEIGHT; row++) {
    const v0 = Math.floor((row * height) / INPUT_HEIGHT);
    const v1 = Math.max(v0 + 1, Math.floor(((row + 1) * height) / INPUT_HEIGHT));
    for (let column = 0; column < INPUT_WIDTH; column++, cell++) {
      const u0 = columns[column];
      const u1 = Math.max(u0 + 1, columns[column + 1]);
      let r = 0;
      let g = 0;
      let b = 0;
      let sum = 0;
      let known = 0;
      for (let v = v0; v < v1; v++) {
        for (let i = v * width + u0, end = v * width + u1; i < end; i++) {
          r += rgb[3 * i];
          g += rgb[3 * i + 1];
          b += rgb[3 * i + 2];
          if (depth[i] > 0) {
            sum += base + depth[i] * camera.heightRate(rays[2 * i], rays[2 * i + 1]);
            known++;
          }
        }
      }
      const scale = 1 / (255 * (v1 - v0) * (u1 - u0));
      out[cell] = r * scale - 0.5;
      out[cell + plane] = g * scale - 0.5;
      out[cell + 2 * plane] = b * scale - 0.5;
      const scaled = known > 0 ? (HEIGHT_SCALE * sum) / known : 0;
      out[cell + 3 * plane] = Math.max(-HEIGHT_LIMIT, Math.min(HEIGHT_LIMIT, scaled));
      out[cell + 4 * plane] = known > 0 ? 1 : 0;
    }
  }
}
