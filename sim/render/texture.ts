import { createRng } from '../../contracts/index.ts';
import type { SurfaceTexture } from '../scene.ts';

/** Numbers of the kinds of pattern, as `patternAt` and the GPU's shader take them; 0 is none. */
export const PATTERN: Readonly<Record<SurfaceTexture['kind'], number>> = { checker: 1, stripes: 2, noise: 3, spot: 4 };

/** Samples along an edge of the noise volume, which repeats, and samples a grain. */
export const NOISE_SIZE = 64;
export const NOISE_PER_GRAIN = 4;

/** How far inside a surface a pattern is read (m), so that a face that lies on a border between cells has one of them. */
export const PATTERN_INSET_M = 1e-4;

/** Steps of a pattern from empty, 0, to full. */
export const FULL = 15;

/**
 * Level of a pattern, 0 to FULL, at a point (3) given in multiples of the texture's scale from its offset, shape frame: a
 * chequerboard of cubes and stripes across x, both with period 1; value noise with a grain of 1 (Perlin, 1985, with
 * values in place of gradients); a full ball of radius 1. Coordinates are within ±100,000.
 * @param noise  `noiseVolume()` for noise; anything for the others
 */
export function patternAt(kind: number, point: Float64Array, noise: Uint8Array): number {
  const x = point[0];
  const y = point[1];
  const z = point[2];
  if (kind === 1) return (cell(2 * x) + cell(2 * y) + cell(2 * z)) & 1 ? FULL : 0;
  if (kind === 2) return cell(2 * x) & 1 ? FULL : 0;
  if (kind === 3) {
    const i = cell(NOISE_PER_GRAIN * x) & (NOISE_SIZE - 1);
    const j = cell(NOISE_PER_GRAIN * y) & (NOISE_SIZE - 1);
    const k = cell(NOISE_PER_GRAIN * z) & (NOISE_SIZE - 1);
    return noise[(k * NOISE_SIZE + j) * NOISE_SIZE + i];
  }
  return x * x + y * y + z * z <= 1 ? FULL : 0;
}

/** A multiple of every period, so that truncation rounds down. */
export const POSITIVE = 2 ** 20;

function cell(x: number): number {
  return (x + POSITIVE) | 0;
}

let volume: Uint8Array | null = null;

/** The noise volume, NOISE_SIZE³ levels from 0 to FULL, x fastest; made at first use. */
export function noiseVolume(): Uint8Array {
  if (volume !== null) return volume;
  const grains = NOISE_SIZE / NOISE_PER_GRAIN;
  const rng = createRng(1, 'render/noise');
  const lattice = Float64Array.from({ length: grains ** 3 }, () => rng.uniform());
  const smooth = Float64Array.from({ length: NOISE_PER_GRAIN }, (_, i) => {
    const t = i / NOISE_PER_GRAIN;
    return t * t * (3 - 2 * t);
  });
  const alongX = interpolate(lattice, 1, smooth);
  const alongY = interpolate(alongX, NOISE_SIZE, smooth);
  const all = interpolate(alongY, NOISE_SIZE ** 2, smooth);
  volume = Uint8Array.from(all, (value) => Math.round(FULL * value));
  return volume;
}

/** NOISE_PER_GRAIN samples for each along an axis whose neighbours are `stride` apart; the axis repeats. */
function interpolate(values: Float64Array, stride: number, smooth: Float64Array): Float64Array {
  const grains = NOISE_SIZE / NOISE_PER_GRAIN;
  const out = new Float64Array(values.length * NOISE_PER_GRAIN);
  for (let n = 0; n < out.length; n++) {
    const low = n % stride;
    const at = Math.floor(n / stride) % NOISE_SIZE;
    const block = Math.floor(n / (stride * NOISE_SIZE)) * grains;
    const grain = Math.floor(at / NOISE_PER_GRAIN);
    const a = values[(block + grain) * stride + low];
    const b = values[(block + ((grain + 1) % grains)) * stride + low];
    out[n] = a + smooth[at % NOISE_PER_GRAIN] * (b - a);
  }
  return out;
}
