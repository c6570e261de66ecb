import { createRng, type Rng } from '../../contracts/index.ts';
import type { DepthSensor } from './depth_sensor.ts';

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
  /** How depth is measured; when it is given, it takes the place of the depth's deviation, steps and edges above. */
  readonly depth_sensor?: DepthSensor;
  /** Factor on the deviation of `depth_sensor`; 1 by default. */
  readonly depth_sensor_scale?: number;
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

export const TABLE_SIZE = 65536;
export const MASK = TABLE_SIZE - 1;
/** Normals and uniforms drawn once; every row of an image starts to read them where its frame's stream says. */
export const NORMAL = new Float32Array(TABLE_SIZE);
export const UNIFORM = new Float32Array(TABLE_SIZE);
const source = createRng(1, 'sensors/noise');
for (let i = 0; i < TABLE_SIZE; i++) {
  NORMAL[i] = source.normal();
  UNIFORM[i] = source.uniform();
}

/** Colours of the frame at hand after exposure, by what they were before. */
const EXPOSED = new Float32Array(256);

/** Adds exposure, on average `exposure`, and pixel noise to 8 bit RGB rows of `width` pixels; `out` may not be `clean`. */
export function addColourNoise(
  clean: Uint8Array,
  width: number,
  noise: CameraNoise,
  rng: Rng,
  out: Uint8Array,
  exposure = 1,
): void {
  const gain = exposure * (1 + noise.exposure_sigma * Math.min(3, Math.max(-3, rng.normal())));
  // Tables in local variables and a pixel a turn: twice as fast as a channel a turn.
  const exposed = EXPOSED;
  const normal = NORMAL;
  for (let i = 0; i < 256; i++) exposed[i] = i * gain;
  const sigma = noise.colour_sigma;
  for (let start = 0; start < clean.length; start += 3 * width) {
    const shift = (rng.int(TABLE_SIZE) - start) | 0;
    const end = start + 3 * width;
    for (let i = start; i < end; i += 3) {
      const n = shift + i;
      const red = (exposed[clean[i]] + sigma * normal[n & MASK] + 0.5) | 0;
      const green = (exposed[clean[i + 1]] + sigma * normal[(n + 1) & MASK] + 0.5) | 0;
      const blue = (exposed[clean[i + 2]] + sigma * normal[(n + 2) & MASK] + 0.5) | 0;
      if ((red | green | blue) >>> 8 === 0) {
        out[i] = red;
        out[i + 1] = green;
        out[i + 2] = blue;
      } else {
        out[i] = Math.max(0, Math.min(255, red));
        out[i + 1] = Math.max(0, Math.min(255, green));
        out[i + 2] = Math.max(0, Math.min(255, blue));
      }
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
  const per_step = 1 / step;
  const normal = NORMAL;
  const luck = rng.int(TABLE_SIZE) | 0;
  for (let start = 0; start < clean.length; start += width) {
    const shift = (rng.int(TABLE_SIZE) - start) | 0;
    const end = start + width;
    if (step > 0) {
      for (let i = start; i < end; i++) {
        const z = clean[i];
        const noisy = z + sigma * z * z * normal[(shift + i) & MASK];
        out[i] = ((noisy * per_step + 0.5) | 0) * step;
      }
    } else {
      for (let i = start; i < end; i++) {
        const z = clean[i];
        out[i] = z + sigma * z * z * normal[(shift + i) & MASK];
      }
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
  const { edge_jump_m: jump, edge_dropout: chance } = noise;
  const last_row = clean.length - width;
  for (let start = 0; start < clean.length; start += width) {
    // There is no jump from a pixel of the last row to itself.
    const down = start < last_row ? width : 0;
    const end = start + width - 1;
    let z = clean[start];
    for (let i = start; i < end; i++) {
      const next = clean[i + 1];
      if (Math.abs(z - next) > jump) dropPair(i, i + 1, chance, luck, out);
      if (Math.abs(z - clean[i + down]) > jump) dropPair(i, i + down, chance, luck, out);
      z = next;
    }
    if (Math.abs(z - clean[end + down]) > jump) dropPair(end, end + down, chance, luck, out);
  }
}

function dropPair(i: number, j: number, chance: number, luck: number, out: Float32Array): void {
  if (UNIFORM[(luck + i) & MASK] < chance) out[i] = 0;
  if (UNIFORM[(luck + j) & MASK] < chance) out[j] = 0;
}
