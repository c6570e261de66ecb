import { createRng, type Rng } from '../../contracts/index.ts';

/** What an RGB-D camera adds to a perfect picture. */
export interface CameraNoise {
  /** Standard deviation of every channel of every pixel, of 255. */
  readonly colour_sigma: number;
  /** Standard deviation of the frame's brightness, a fraction. */
  readonly exposure_sigma: number;
  /**
   * Standard deviation of depth at 1 m, m; grows with z², as triangulation with a constant error of disparity does
   * (Khoshelham and Oude Elberink, Sensors 12(2), 2012, eq. 9; they measured 0.0014 m at 1 m).
   */
  readonly depth_sigma_at_1m: number;
  /** Depth is given in multiples of this, m; 0 for none. */
  readonly depth_step_m: number;
  /** Chance that a pixel beside a jump of depth has none, and the least jump, m. */
  readonly edge_dropout: number;
  readonly edge_jump_m: number;
  /** Chance that any pixel has no depth. */
  readonly dropout: number;
}

export const RGBD_NOISE: CameraNoise = {
  colour_sigma: 2.5,
  exposure_sigma: 0.03,
  depth_sigma_at_1m: 0.0012,
  depth_step_m: 0.001,
  edge_dropout: 0.4,
  edge_jump_m: 0.015,
  dropout: 0.002,
};

const TABLE_SIZE = 65536;
const MASK = TABLE_SIZE - 1;
/** Normals and uniforms drawn once; every row of an image starts to read them where its frame's stream says. */
const NORMAL = new Float32Array(TABLE_SIZE);
const UNIFORM = new Float32Array(TABLE_SIZE);
const source = createRng(1, 'sensors/noise');
for (let i = 0; i < TABLE_SIZE; i++) {
  NORMAL[i] = source.normal();
  UNIFORM[i] = source.uniform();
}

/** Adds exposure and pixel noise to 8 bit RGB rows of `width` pixels; `out` may not be `clean`. */
export function addColourNoise(clean: Uint8Array, width: number, noise: CameraNoise, rng: Rng, out: Uint8Array): void {
  const gain = 1 + noise.exposure_sigma * Math.min(3, Math.max(-3, rng.normal()));
  const exposed = new Float32Array(256);
  for (let i = 0; i < 256; i++) exposed[i] = i * gain;
  const sigma = noise.colour_sigma;
  const clamped = new Uint8ClampedArray(out.buffer, out.byteOffset, out.length);
  for (let start = 0; start < clean.length; start += 3 * width) {
    const shift = rng.int(TABLE_SIZE) - start;
    const end = start + 3 * width;
    for (let i = start; i < end; i++) clamped[i] = exposed[clean[i]] + sigma * NORMAL[(shift + i) & MASK];
  }
}

/** Adds noise, steps and gaps to depth rows of `width` pixels (m, 0 for none); `out` may not be `clean`. */
export function addDepthNoise(
  clean: Float32Array,
  width: number,
  noise: CameraNoise,
  rng: Rng,
  out: Float32Array,
): void {
  const { depth_sigma_at_1m: sigma, depth_step_m: step, edge_jump_m: jump, edge_dropout, dropout } = noise;
  const height = clean.length / width;
  for (let row = 0; row < height; row++) {
    const start = row * width;
    const shift = rng.int(TABLE_SIZE) - start;
    const luck = rng.int(TABLE_SIZE) - start;
    for (let i = start; i < start + width; i++) {
      const z = clean[i];
      const left = i > start ? clean[i - 1] : z;
      const right = i < start + width - 1 ? clean[i + 1] : z;
      const above = row > 0 ? clean[i - width] : z;
      const below = row < height - 1 ? clean[i + width] : z;
      const edge =
        Math.abs(z - left) > jump ||
        Math.abs(z - right) > jump ||
        Math.abs(z - above) > jump ||
        Math.abs(z - below) > jump;
      if (z === 0 || UNIFORM[(luck + i) & MASK] < (edge ? edge_dropout : dropout)) {
        out[i] = 0;
        continue;
      }
      const noisy = z + sigma * z * z * NORMAL[(shift + i) & MASK];
      out[i] = step > 0 ? Math.round(noisy / step) * step : noisy;
    }
  }
}
