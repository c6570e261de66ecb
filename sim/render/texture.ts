import { createRng } from '../../contracts/index.ts';
import type { SurfaceTexture } from '../scene.ts';

/** Numbers of the kinds of pattern, as `patternAt` and the GPU's shader take them; 0 is none. */
export const PATTERN: Readonly<Record<SurfaceTexture['kind'], number>> = { checker: 1, stripes: 2, noise: 3, spot: 4 };

/** Samples along an edge of the noise volume, which repeats, and samples a grain. */
export const NOISE_SIZE = 64;
export const NOISE_PER_GRAIN = 4;

/** How far inside a surface a pattern is read (m), so that a face that lies on a border between cells has one of them. */
export const PATTERN_INSET_M = 1e-4;

/**
 * Value of a pattern, 0 to 1, at a point given in multiples of the texture's scale from its offset, shape frame:
 * a chequerboard of cubes and stripes across x, both with period 1; value noise with a grain of 1 (Perlin, 1985, with
 * values in place of gradients); a full ball of radius 1.
 * @param noise  `noiseVolume()` for noise; anything for the others
 */
export function patternAt(kind: number, x: number, y: number, z: number, noise: Float32Array): number {
  if (kind === 1) return (Math.floor(2 * x) + Math.floor(2 * y) + Math.floor(2 * z)) & 1;
  if (kind === 2) return Math.floor(2 * x) & 1;
  if (kind === 3) {
    const i = Math.floor(NOISE_PER_GRAIN * x) & (NOISE_SIZE - 1);
    const j = Math.floor(NOISE_PER_GRAIN * y) & (NOISE_SIZE - 1);
    const k = Math.floor(NOISE_PER_GRAIN * z) & (NOISE_SIZE - 1);
    return noise[(k * NOISE_SIZE + j) * NOISE_SIZE + i];
  }
  return x * x + y * y + z * z <= 1 ? 1 : 0;
}

let volume: Float32Array | null = null;

/** The noise volume, NOISE_SIZE³ values from 0 to 1, x fastest; made at first use. */
export function noiseVolume(): Float32Array {
  if (volume !== null) return volume;
  const grains = NOISE_SIZE / NOISE_PER_GRAIN;
  const rng = createRng(1, 'render/noise');
  const lattice = Float64Array.from({ length: grains ** 3 }, () => rng.uniform());
  volume = new Float32Array(NOISE_SIZE ** 3);
  for (let k = 0, n = 0; k < NOISE_SIZE; k++) {
    for (let j = 0; j < NOISE_SIZE; j++) {
      for (let i = 0; i < NOISE_SIZE; i++, n++) volume[n] = interpolate(lattice, grains, i, j, k);
    }
  }
  return volume;
}

/** Trilinear with smooth steps; the lattice repeats. */
function interpolate(lattice: Float64Array, grains: number, i: number, j: number, k: number): number {
  const [x, y, z] = [i, j, k].map((at) => Math.floor(at / NOISE_PER_GRAIN));
  const [a, b, c] = [i, j, k].map((at) => smooth((at % NOISE_PER_GRAIN) / NOISE_PER_GRAIN));
  const at = (dx: number, dy: number, dz: number): number =>
    lattice[(((z + dz) % grains) * grains + ((y + dy) % grains)) * grains + ((x + dx) % grains)];
  const along = (dy: number, dz: number): number => at(0, dy, dz) + a * (at(1, dy, dz) - at(0, dy, dz));
  const near = along(0, 0) + b * (along(1, 0) - along(0, 0));
  const far = along(0, 1) + b * (along(1, 1) - along(0, 1));
  return near + c * (far - near);
}

/** 3t² − 2t³. */
function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
