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
  for (let start = 0; start < clean.length; start += 3 * width) {
    const shift = rng.int(TABLE_SIZE) - start;
    const end = start + 3 * width;
    for (let i = start; i < end; i++) {
      const value = exposed[clean[i]] + sigma * NORMAL[(shift + i) & MASK];
      out[i] = value < 0 ? 0 : value > 255 ? 255 : (value + 0.5) | 0;
    }
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
  const { depth_sigma_at_1m: sigma, depth_step_m: step, dropout } = noise;
  const per_step = step > 0 ? 1 / step : 0;
  const luck = rng.int(TABLE_SIZE);
  for (let start = 0; start < clean.length; start += width) {
    const shift = rng.int(TABLE_SIZE) - start;
    const end = start + width;
    for (let i = start; i < end; i++) {
      const z = clean[i];
      const noisy = z + sigma * z * z * NORMAL[(shift + i) & MASK];
      out[i] = step > 0 ? ((noisy * per_step + 0.5) | 0) * step : noisy;
    }
  }
  for (const unlucky of positionsBelow(dropout)) {
    for (let i = (unlucky - luck) & MASK; i < out.length; i += TABLE_SIZE) out[i] = 0;
  }
  dropEdges(clean, width, noise, luck, out);
}

const below = new Map<number, Int32Array>();

/** Where the table of uniforms is below a chance; few of them, so they are kept. */
function positionsBelow(chance: number): Int32Array {
  let positions = below.get(chance);
  if (positions === undefined) {
    positions = Int32Array.from([...UNIFORM.keys()].filter((i) => UNIFORM[i] < chance));
    below.set(chance, positions);
  }
  return positions;
}

/** Takes the depth of pixels on either side of a jump to the right or below, by their own luck. */
function dropEdges(clean: Float32Array, width: number, noise: CameraNoise, luck: number, out: Float32Array): void {
  const { edge_jump_m: jump } = noise;
  const last_row = clean.length - width;
  for (let start = 0; start < clean.length; start += width) {
    const end = start + width - 1;
    for (let i = start; i <= end; i++) {
      const z = clean[i];
      const right = i < end ? z - clean[i + 1] : 0;
      const down = i < last_row ? z - clean[i + width] : 0;
      if (right > jump || right < -jump) dropPair(i, i + 1, noise.edge_dropout, luck, out);
      if (down > jump || down < -jump) dropPair(i, i + width, noise.edge_dropout, luck, out);
    }
  }
}

function dropPair(i: number, j: number, chance: number, luck: number, out: Float32Array): void {
  if (UNIFORM[(luck + i) & MASK] < chance) out[i] = 0;
  if (UNIFORM[(luck + j) & MASK] < chance) out[j] = 0;
}
