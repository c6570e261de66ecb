import { type GreyImage, sampleGrey } from './chess_response.ts';
import { type LeastSquaresProblem, minimise } from './levenberg_marquardt.ts';

/** A corner of a chequerboard, fitted to the pixels around it. */
export interface CornerFit {
  readonly x: number;
  readonly y: number;
  /** Directions of the two edges through it, rad, in the picture (x right, y down). */
  readonly edges_rad: readonly [number, number];
  /** Half the difference between light and dark, grey levels. */
  readonly amplitude: number;
  /** Root mean square of what the fit leaves, as a share of the amplitude. */
  readonly misfit: number;
  /** Standard deviation of a coordinate, pixels. */
  readonly sigma_px: number;
}

const UNKNOWNS = 7;
const COLUMNS = Int32Array.from({ length: UNKNOWNS }, (_, i) => i);
const ITERATIONS = 25;
/** The blur of an edge (pixels) about which a fit starts, and how well it is known. */
const BLUR = { start_px: 0.6, sigma_px: 0.4, least_px: 0.25 } as const;

/**
 * Fits m + a tanh(d₁ / w) tanh(d₂ / w) to the pixels within `radius_px` of a place: two blurred edges that cross, d₁ and
 * d₂ being the distances from them. Unknowns are place, both directions, m, a and w. Null if it leaves the window.
 */
export function fitCorner(image: GreyImage, x: number, y: number, radius_px: number): CornerFit | null {
  const [e1, e2] = edgeDirections(image, x, y, Math.max(2, 0.7 * radius_px));
  const samples = pixelsAround(image, x, y, radius_px);
  const { mean, spread } = statistics(samples);
  if (!(spread > 0)) return null;
  const start = Float64Array.of(x, y, e1, e2, mean, signOf(image, x, y, e1, e2, radius_px) * spread, BLUR.start_px);
  const { state, cost, covariance } = minimise(cornerModel(samples), start, ITERATIONS);
  const n = samples.length / 3;
  const variance = cost / Math.max(1, n - UNKNOWNS);
  if (!(Math.hypot(state[0] - x, state[1] - y) < 0.6 * radius_px)) return null;
  return {
    x: state[0],
    y: state[1],
    edges_rad: [state[2], state[3]],
    amplitude: Math.abs(state[5]),
    misfit: Math.sqrt(variance) / Math.abs(state[5]),
    sigma_px: Math.sqrt((variance * (covariance[0] + covariance[UNKNOWNS + 1])) / 2),
  };
}

/** x, y, grey of the pixels within a radius, three each. */
function pixelsAround({ width, height, data }: GreyImage, x: number, y: number, radius: number): Float64Array {
  const samples: number[] = [];
  const [left, right] = [Math.max(0, Math.ceil(x - radius)), Math.min(width - 1, Math.floor(x + radius))];
  const [top, bottom] = [Math.max(0, Math.ceil(y - radius)), Math.min(height - 1, Math.floor(y + radius))];
  for (let v = top; v <= bottom; v++) {
    for (let u = left; u <= right; u++) {
      if ((u - x) ** 2 + (v - y) ** 2 <= radius * radius) samples.push(u, v, data[v * width + u]);
    }
  }
  return Float64Array.from(samples);
}

function statistics(samples: Float64Array): { readonly mean: number; readonly spread: number } {
  const n = samples.length / 3;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += samples[3 * i + 2] / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (samples[3 * i + 2] - mean) ** 2 / n;
  return { mean, spread: Math.sqrt(squares) };
}

const RING = 64;

/** Directions along which a ring around the corner changes between light and dark: the two edges, in [0, π). */
function edgeDirections(image: GreyImage, x: number, y: number, radius: number): readonly [number, number] {
  const half = new Float64Array(RING / 2);
  let mean = 0;
  const ring = Float64Array.from({ length: RING }, (_, k) => {
    const angle = (2 * Math.PI * k) / RING;
    const value = sampleGrey(image, x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    mean += value / RING;
    return value;
  });
  for (let k = 0; k < RING / 2; k++) half[k] = (ring[k] + ring[k + RING / 2]) / 2 - mean;
  // Zero crossings over half a turn, of which there are two.
  const crossings: number[] = [];
  for (let k = 0; k < RING / 2; k++) {
    const next = half[(k + 1) % (RING / 2)];
    if (half[k] > 0 === next > 0) continue;
    crossings.push(((k + half[k] / (half[k] - next)) * 2 * Math.PI) / RING);
  }
  return crossings.length >= 2 ? [crossings[0], crossings[1]] : [0, Math.PI / 2];
}

/** 1 if it is light where the model with a = 1 is. */
function signOf(image: GreyImage, x: number, y: number, e1: number, e2: number, radius: number): number {
  const between = (e1 + e2) / 2;
  const sample = (angle: number) =>
    sampleGrey(image, x + 0.7 * radius * Math.cos(angle), y + 0.7 * radius * Math.sin(angle)) +
    sampleGrey(image, x - 0.7 * radius * Math.cos(angle), y - 0.7 * radius * Math.sin(angle));
  // Between its edges the model has d₁ and d₂ of opposite signs.
  return sample(between) < sample(between + Math.PI / 2) ? 1 : -1;
}

function cornerModel(samples: Float64Array): LeastSquaresProblem<Float64Array> {
  const row = new Float64Array(UNKNOWNS);
  return {
    unknowns: UNKNOWNS,
    evaluate(s, equations) {
      const [x, y, e1, e2, m, a, w] = s;
      const [n1x, n1y] = [-Math.sin(e1), Math.cos(e1)];
      const [n2x, n2y] = [-Math.sin(e2), Math.cos(e2)];
      for (let i = 0; i < samples.length; i += 3) {
        const dx = samples[i] - x;
        const dy = samples[i + 1] - y;
        const d1 = n1x * dx + n1y * dy;
        const d2 = n2x * dx + n2y * dy;
        const t1 = Math.tanh(d1 / w);
        const t2 = Math.tanh(d2 / w);
        const s1 = (a * t2 * (1 - t1 * t1)) / w;
        const s2 = (a * t1 * (1 - t2 * t2)) / w;
        row[0] = -(s1 * n1x + s2 * n2x);
        row[1] = -(s1 * n1y + s2 * n2y);
        row[2] = -s1 * (Math.cos(e1) * dx + Math.sin(e1) * dy);
        row[3] = -s2 * (Math.cos(e2) * dx + Math.sin(e2) * dy);
        row[4] = 1;
        row[5] = t1 * t2;
        row[6] = -(s1 * d1 + s2 * d2) / w;
        equations.add(COLUMNS, row, UNKNOWNS, m + a * t1 * t2 - samples[i + 2]);
      }
      // Weak beside a corner's contrast; it keeps the blur where the pixels do not tell.
      equations.addPrior(6, w - BLUR.start_px, BLUR.sigma_px / Math.abs(a));
    },
    move(s, step) {
      const next = s.map((value, i) => value + step[i]);
      next[6] = Math.max(BLUR.least_px, next[6]);
      return next;
    },
  };
}
