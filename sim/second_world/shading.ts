import type { Effects } from './effects.ts';

type Shading = Effects['shading'];
const MIDDLE = 128;

/**
 * Another camera's tone: a gamma curve that leaves mid grey where it is, and a fall-off with the square of the distance
 * from the picture's middle, `vignette` at the corners. In place, on rows of `width` RGB pixels.
 */
export function tone(rgb: Uint8Array, width: number, { gamma, vignette }: Pick<Shading, 'gamma' | 'vignette'>): void {
  const curve = Float64Array.from({ length: 256 }, (_, value) => MIDDLE * (value / MIDDLE) ** gamma);
  const height = rgb.length / (3 * width);
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  const corner = cx * cx + cy * cy;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = x - cx;
      const dy = y - cy;
      const dim = 1 - (vignette * (dx * dx + dy * dy)) / corner;
      for (let k = 0; k < 3; k++, i++) rgb[i] = Math.min(255, dim * curve[rgb[i]] + 0.5);
    }
  }
}
