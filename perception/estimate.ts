import type { Detection, ObjectClass } from '../contracts/index.ts';
import { colourOfLinear } from './colour.ts';
import { type BoxFit, type ObjectEstimate, SQUARE_M } from './geometry/index.ts';
import { boundsOf, type PixelView, type Region } from './regions.ts';

/** Least standard deviations granted to an estimate: position and size (m), tilt of what stands (rad). */
const FLOOR_M = 0.0002;
const TILT_RAD = 0.02;
const FLOOR_RAD = 0.003;
/** Variance of an angle nothing is known of: uniform over a turn. */
const FREE_YAW = Math.PI ** 2 / 3;
/** Outline residuals (pixels) at which a fit is no longer believed, and the rest that a perfect fit leaves. */
const POOR_RMS_PX = 0.55;
const IDEAL_RMS_PX = 0.3;
/** Heights (m) of which objects are: outside this range the score falls to 0 over the margin. */
const HEIGHT_RANGE_M = [0.015, 0.12] as const;
/** What is longer than this is no one object for one hand (m). */
const LONGEST_M = 0.078;

/**
 * A detection from the geometry of a region.
 * @param log_odds_cylinder  class evidence beside the geometry, e.g. of the network; 0 for none
 * @param objectness  0..1, how sure it is that this is an object at all
 */
export function toDetection(
  id: number,
  view: PixelView,
  region: Region,
  estimate: ObjectEstimate,
  log_odds_cylinder: number,
  objectness: number,
): Detection {
  const odds = estimate.log_odds_cylinder + log_odds_cylinder;
  const kind: ObjectClass = odds > 0 ? 'cylinder' : 'box';
  const { box, cylinder } = estimate;
  const fit = kind === 'box' ? box : cylinder;
  const yaw = kind === 'box' ? halfTurn(box.yaw) : 0;
  const length = kind === 'box' ? Math.max(box.a, box.b) : 2 * cylinder.radius;
  const certainty = 1 / (1 + Math.exp(-Math.min(30, Math.abs(odds))));
  return {
    id,
    class: kind,
    colour: colourOfLinear(region.red, region.green, 1 - region.red - region.green),
    score: Math.min(1, Math.max(0, objectness * scoreOf(estimate, fit.rms, fit.height, length) * (2 * certainty - 1))),
    pose: {
      position: [fit.x, fit.y, fit.z],
      orientation: yaw === 0 ? [0, 0, 0, 1] : [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
    },
    shape:
      kind === 'box'
        ? { type: 'box', size: [box.a, box.b, box.height] }
        : { type: 'cylinder', radius: cylinder.radius, length: cylinder.height },
    covariance: covarianceOf(kind, estimate),
    image_box: imageBox(view, region),
    pixels: region.pixels.length,
  };
}

/** 1 for a whole object that its shape explains; falls with hidden edges, missing area and poor fit. */
function scoreOf(estimate: ObjectEstimate, rms: number, height: number, length: number): number {
  const seen = Math.max(0, 1 - 2 * estimate.hidden);
  const fits = Math.exp(-((Math.max(0, rms - IDEAL_RMS_PX) / POOR_RMS_PX) ** 2));
  const [low, high] = HEIGHT_RANGE_M;
  const plausible = height >= low && height <= high && length <= LONGEST_M ? 1 : 0.2;
  return seen * fits * plausible * Math.min(1, estimate.filled + 0.1);
}

/** Covariance of x, y, z, roll, pitch, yaw, row-major 6×6. */
function covarianceOf(kind: ObjectClass, { box, cylinder }: ObjectEstimate): number[] {
  const C = new Array<number>(36).fill(0);
  const [from, n, told] = kind === 'box' ? [box.covariance, 7, 4] : [cylinder.covariance, 5, 3];
  for (let i = 0; i < told; i++) {
    for (let j = 0; j < told; j++) C[6 * PLACE[i] + PLACE[j]] = from[i * n + j];
  }
  for (let i = 0; i < 3; i++) C[7 * i] += FLOOR_M ** 2;
  C[21] = TILT_RAD ** 2;
  C[28] = TILT_RAD ** 2;
  C[35] = kind === 'box' ? C[35] + FLOOR_RAD ** 2 + crossedVariance(box) : FREE_YAW;
  return C;
}

/**
 * What it adds to the variance of the yaw that the longer side may be the one across, off by a quarter of a turn: where a side
 * ends out of sight, lengths do not say which is longer. Sides that are seen say by their lengths how alike they are.
 */
function crossedVariance({ a, b, covariance: C }: BoxFit): number {
  const sigma = Math.sqrt(C[OF_A] + C[OF_B] - 2 * C[OF_A_AND_B]);
  if (sigma <= SQUARE_M) return 0;
  // the normal distribution's tail, by the logistic one
  const p = 1 / (1 + Math.exp((1.702 * Math.abs(a - b)) / sigma));
  return p * (Math.PI / 2) ** 2;
}

/** Where the sides of a box are in its covariance, 7×7. */
const [OF_A, OF_B, OF_A_AND_B] = [32, 40, 33];

/** Where x, y, z and yaw are in a pose's covariance. */
const PLACE = [0, 1, 2, 5];

function imageBox(view: PixelView, { pixels }: Region): [number, number, number, number] {
  const { left, right, top, bottom } = boundsOf(view, pixels);
  return [left, top, right - left + 1, bottom - top + 1];
}

/** The same direction of a two-sided axis in (−π/2, π/2]. */
function halfTurn(angle: number): number {
  const turned = angle - Math.PI * Math.round(angle / Math.PI);
  return turned <= -Math.PI / 2 ? turned + Math.PI : turned;
}
