import type { Rng } from '../../contracts/index.ts';
import type { Grid } from '../../perception/index.ts';

/** How far colours stray: what another renderer, lamp or lens makes of the same world. */
const GAIN = [0.6, 1.35] as const;
const TINT = 0.1;
const GAMMA = [0.7, 1.4] as const;
/** Of every object and class by itself: other shading. */
const OWN_GAIN = [0.8, 1.2] as const;
/** Light that changes across the picture, as a share from edge to edge. */
const SLOPE = 0.3;
const NOISE_SIGMA = 0.025;
/** Orders of red, green and blue: a colour says nothing of a class, though in the training set some kinds are missing. */
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;
const CHANCE = {
  recolour: 0.8,
  blur: 0.25,
  highlights: 0.3,
  no_depth: 0.12,
  holes: 0.25,
  shift: 0.5,
  own: 0.6,
} as const;
/** Error of all heights together, in units of the network's (0.1 m). */
const SHIFT = 0.06;

/**
 * Changes the light, the sensor and the depth of one picture [5, h, w] in place, as the network takes it; labels and objects
 * say where surfaces are. The same stream gives the same picture.
 */
export function disturb(
  rng: Rng,
  image: Float32Array,
  labels: Int32Array,
  instances: Uint8Array,
  { width, height }: Grid,
): void {
  const cells = width * height;
  if (rng.uniform() < CHANCE.recolour) recolour(rng.stream('colour'), image, instances);
  relight(rng.stream('light'), image, labels, instances, width, height);
  if (rng.uniform() < CHANCE.highlights) addHighlights(rng.stream('highlights'), image, labels, width, height);
  if (rng.uniform() < CHANCE.blur) blur(image, width, height);
  const sigma = NOISE_SIGMA * rng.uniform() ** 2;
  const noise = rng.stream('noise');
  for (let i = 0; i < 3 * cells; i++) {
    // Sum of three uniforms: near enough to normal, and cheap.
    const n = 2 * (noise.uniform() + noise.uniform() + noise.uniform() - 1.5);
    image[i] = Math.min(0.5, Math.max(-0.5, image[i] + sigma * n));
  }
  disturbDepth(rng.stream('depth'), image, width, height);
}

/** Exchanges the channels of every object by an order of its own. */
function recolour(rng: Rng, image: Float32Array, instances: Uint8Array): void {
  const cells = instances.length;
  const orders = Array.from({ length: 64 }, () => ORDERS[rng.int(ORDERS.length)]);
  const colour = new Float32Array(3);
  for (let i = 0; i < cells; i++) {
    if (instances[i] === 0) continue;
    const order = orders[instances[i] % 64];
    for (let c = 0; c < 3; c++) colour[c] = image[order[c] * cells + i];
    for (let c = 0; c < 3; c++) image[c * cells + i] = colour[c];
  }
}

/** Gain, tint and gamma of the whole, gains of its parts, and a slope of light across. */
function relight(
  rng: Rng,
  image: Float32Array,
  labels: Int32Array,
  instances: Uint8Array,
  width: number,
  height: number,
): void {
  const cells = width * height;
  const gain = rng.range(...GAIN);
  const gamma = rng.range(...GAMMA);
  const own = rng.uniform() < CHANCE.own;
  const parts = Float64Array.from({ length: 64 }, () => (own ? rng.range(...OWN_GAIN) : 1));
  const [a, b] = [rng.range(-SLOPE, SLOPE), rng.range(-SLOPE, SLOPE)];
  const tints = [0, 1, 2].map(() => 1 + rng.range(-TINT, TINT));
  // Powers by table: a picture has few levels.
  const power = Float32Array.from({ length: 513 }, (_, i) => (i / 256) ** gamma);
  for (let i = 0; i < cells; i++) {
    const u = (i % width) / width - 0.5;
    const v = Math.floor(i / width) / height - 0.5;
    const part = instances[i] > 0 ? 5 + (instances[i] % 59) : labels[i];
    const light = gain * parts[part] * (1 + a * u + b * v);
    for (let c = 0; c < 3; c++) {
      const value = (image[c * cells + i] + 0.5) * light * tints[c];
      image[c * cells + i] = Math.min(1, power[Math.min(512, Math.round(256 * Math.max(0, value)))]) - 0.5;
    }
  }
}

/** Bright spots with soft rims on what is not background, as shiny surfaces have. */
function addHighlights(rng: Rng, image: Float32Array, labels: Int32Array, width: number, height: number): void {
  const cells = width * height;
  for (let k = 1 + rng.int(5); k > 0; k--) {
    const [x, y, radius, level] = [rng.range(0, width), rng.range(0, height), rng.range(1, 5), rng.range(0.2, 0.9)];
    const stretch = rng.range(0.4, 2.5);
    for (let v = Math.max(0, Math.floor(y - 3 * radius)); v < Math.min(height, y + 3 * radius); v++) {
      for (let u = Math.max(0, Math.floor(x - 3 * radius)); u < Math.min(width, x + 3 * radius); u++) {
        const i = v * width + u;
        if (labels[i] === 0) continue;
        const light = level * Math.exp(-(stretch * (u - x) ** 2 + (v - y) ** 2 / stretch) / radius ** 2);
        for (let c = 0; c < 3; c++) image[c * cells + i] += light * (0.5 - image[c * cells + i]);
      }
    }
  }
}

/** Mean with the neighbours to the right and below and those of these: a defocus of about one cell. */
function blur(image: Float32Array, width: number, height: number): void {
  for (let c = 0; c < 3; c++) {
    for (let v = 0; v < height - 1; v++) {
      for (let u = 0, i = (c * height + v) * width; u < width - 1; u++, i++) {
        image[i] = 0.4 * image[i] + 0.2 * (image[i + 1] + image[i + width] + image[i + width + 1]);
      }
    }
  }
}

/** No depth at all, holes in it, an error of all of it. */
function disturbDepth(rng: Rng, image: Float32Array, width: number, height: number): void {
  const cells = width * height;
  const depth = image.subarray(3 * cells, 4 * cells);
  const known = image.subarray(4 * cells, 5 * cells);
  if (rng.uniform() < CHANCE.no_depth) {
    depth.fill(0);
    known.fill(0);
    return;
  }
  if (rng.uniform() < CHANCE.shift) {
    const shift = rng.range(-SHIFT, SHIFT);
    for (let i = 0; i < cells; i++) if (known[i] > 0) depth[i] = Math.min(3, Math.max(-3, depth[i] + shift));
  }
  if (rng.uniform() >= CHANCE.holes) return;
  for (let k = 1 + rng.int(12); k > 0; k--) {
    const [x, y, w, h] = [rng.int(width), rng.int(height), 1 + rng.int(14), 1 + rng.int(10)];
    for (let v = y; v < Math.min(height, y + h); v++) {
      depth.fill(0, v * width + x, Math.min((v + 1) * width, v * width + x + w));
      known.fill(0, v * width + x, Math.min((v + 1) * width, v * width + x + w));
    }
  }
}
