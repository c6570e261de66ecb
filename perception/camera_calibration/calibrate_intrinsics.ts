import { homography } from './homography.ts';
import { createProjection, INTRINSIC_NAMES, INTRINSICS, type Intrinsics, projectPoint } from './lens_model.ts';
import { type LeastSquaresProblem, type Minimum, minimise, type NormalEquations } from './levenberg_marquardt.ts';
import { CalibrationRefused } from './refusal.ts';
import { moved, type RigidTransform } from './rigid_transform.ts';
import { closedFormIntrinsics, poseFromHomography } from './zhang.ts';

/** Points of a flat target in one picture. */
export interface TargetView {
  /** x, y in the target's plane, two each (m). */
  readonly points_m: Float64Array;
  /** Where they were seen: u, v, two each. */
  readonly pixels: Float64Array;
}

/** What is known of one of the intrinsics beforehand, in its unit. */
export interface IntrinsicPrior {
  readonly mean: number;
  readonly sigma: number;
}

export interface IntrinsicsOptions {
  readonly width: number;
  readonly height: number;
  /** Coefficients that stay 0; none by default. */
  readonly held?: readonly (typeof INTRINSIC_NAMES)[number][];
  /** By the order of INTRINSIC_NAMES; null where nothing is known, which is the default. */
  readonly priors?: readonly (IntrinsicPrior | null)[];
  /** Where to start instead of Zhang's closed form. */
  readonly start?: Intrinsics;
  /** Once the corners' deviation is known, let those that miss by more than this times it count linearly; none do by default. */
  readonly huber?: number;
}

export interface IntrinsicsResult {
  readonly intrinsics: Intrinsics;
  /** Of the nine intrinsics, row-major 9×9; rows of held ones are 0. */
  readonly covariance: Float64Array;
  readonly T_camera_target: readonly RigidTransform[];
  /** Root mean square of the distances between seen and projected points, over all and of every view, pixels. */
  readonly rms_px: number;
  readonly view_rms_px: readonly number[];
  /** Estimated standard deviation of a coordinate, pixels. */
  readonly sigma_px: number;
}

interface State {
  readonly intrinsics: Intrinsics;
  readonly poses: readonly RigidTransform[];
}

const LEAST_VIEWS = 3;
const LEAST_POINTS = 6;
/** Beyond this deviation of a focal length, as a share of it, views do not calibrate a camera. */
const MOST_UNCERTAIN = 0.05;
/** Standard deviation over the median of normal errors without sign. */
const MAD = 1.4826;

/**
 * Intrinsics of a camera from views of a flat target: Zhang's closed form, then least squares of the reprojection.
 * @throws CalibrationRefused for views that do not determine them
 */
export function calibrateIntrinsics(views: readonly TargetView[], options: IntrinsicsOptions): IntrinsicsResult {
  const { width, height, held = [], priors = [] } = options;
  requireViews(views);
  const homographies = views.map(({ points_m, pixels }) => homography(points_m, pixels));
  const intrinsics = options.start ?? closedFormIntrinsics(homographies, width, height);
  if (intrinsics === null) throw parallel('no focal length fits the homographies');
  const free = Int32Array.from([...INTRINSIC_NAMES.keys()].filter((i) => !held.includes(INTRINSIC_NAMES[i])));
  const poses = homographies.map((H) => poseFromHomography(H, intrinsics));
  const problem = reprojection(views, free, priors, Infinity);
  const plain = minimise(problem, { intrinsics, poses });
  const robust = options.huber === undefined ? null : robustly(views, free, priors, options.huber, plain.state);
  const { state, covariance, cost, count } = robust?.minimum ?? plain;
  const sigma_px = robust?.sigma_px ?? Math.sqrt(cost / Math.max(1, count - problem.unknowns));
  const full = new Float64Array(INTRINSICS * INTRINSICS);
  free.forEach((i, a) => {
    free.forEach((j, b) => {
      full[INTRINSICS * i + j] = sigma_px * sigma_px * covariance[a * problem.unknowns + b];
    });
  });
  for (const i of [0, 1]) {
    const share = Math.sqrt(full[(INTRINSICS + 1) * i]) / state.intrinsics[i];
    if (!(share < MOST_UNCERTAIN))
      throw parallel(`${INTRINSIC_NAMES[i]} is uncertain by ${(100 * share).toFixed(0)} %`);
  }
  const view_rms_px = views.map((view, i) => rmsOf(view, state.intrinsics, state.poses[i]));
  return {
    intrinsics: state.intrinsics,
    covariance: full,
    T_camera_target: state.poses,
    rms_px: rootMeanSquare(view_rms_px, views),
    view_rms_px,
    sigma_px,
  };
}

/** Least squares again in which corners that miss by far count linearly; their deviation is 1.48 times the median miss. */
function robustly(
  views: readonly TargetView[],
  free: Int32Array,
  priors: readonly (IntrinsicPrior | null)[],
  huber: number,
  start: State,
): { readonly minimum: Minimum<State>; readonly sigma_px: number } {
  const spread = ({ intrinsics, poses }: State) =>
    MAD * median(views.flatMap((view, i) => [...misses(view, intrinsics, poses[i])]));
  const first = minimise(reprojection(views, free, priors, huber * spread(start)), start);
  const sigma_px = spread(first.state);
  return { minimum: minimise(reprojection(views, free, priors, huber * sigma_px), first.state), sigma_px };
}

function requireViews(views: readonly TargetView[]): void {
  const seen = views.filter(({ pixels }) => pixels.length >= 2 * LEAST_POINTS).length;
  if (seen < LEAST_VIEWS || seen < views.length) {
    throw new CalibrationRefused(
      'too_few_views',
      `${seen} of ${views.length} views with ${LEAST_POINTS} points or more`,
      `at least ${LEAST_VIEWS}, all with enough points; take some ten views of the target, tilted differently`,
    );
  }
}

function parallel(what: string): CalibrationRefused {
  return new CalibrationRefused(
    'parallel_views',
    `${what}, as when the target is parallel to itself in all views`,
    'tilt the target by 20° to 45° about different axes from view to view',
  );
}

/** Residuals in pixels; unknowns are the free intrinsics, then six of every view's pose. */
function reprojection(
  views: readonly TargetView[],
  free: Int32Array,
  priors: readonly (IntrinsicPrior | null)[],
  huber_px: number,
): LeastSquaresProblem<State> {
  const k = free.length;
  const columns = new Int32Array(k + 6);
  const row = new Float64Array(k + 6);
  const projection = createProjection();
  for (let a = 0; a < k; a++) columns[a] = a;
  return {
    unknowns: k + 6 * views.length,
    evaluate({ intrinsics, poses }, equations) {
      views.forEach(({ points_m, pixels }, view) => {
        for (let a = 0; a < 6; a++) columns[k + a] = k + 6 * view + a;
        const T = poses[view];
        for (let i = 0; i < points_m.length / 2; i++) {
          const [x, y] = [points_m[2 * i], points_m[2 * i + 1]];
          const rx = T[0] * x + T[1] * y;
          const ry = T[3] * x + T[4] * y;
          const rz = T[6] * x + T[7] * y;
          projectPoint(intrinsics, rx + T[9], ry + T[10], rz + T[11], projection);
          for (let c = 0; c < 2; c++) {
            for (let a = 0; a < k; a++) row[a] = projection.by_intrinsics[9 * c + free[a]];
            const [a, b, d] = projection.by_point.subarray(3 * c, 3 * c + 3);
            row[k] = d * ry - b * rz;
            row[k + 1] = a * rz - d * rx;
            row[k + 2] = b * rx - a * ry;
            row[k + 3] = a;
            row[k + 4] = b;
            row[k + 5] = d;
            equations.add(columns, row, k + 6, (c === 0 ? projection.u : projection.v) - pixels[2 * i + c], huber_px);
          }
        }
      });
      addPriors(equations, free, priors, intrinsics);
    },
    move({ intrinsics, poses }, step) {
      const next = intrinsics.slice();
      free.forEach((i, a) => {
        next[i] += step[a];
      });
      return { intrinsics: next, poses: poses.map((T, view) => moved(T, step, k + 6 * view)) };
    },
  };
}

/** What is known of the free intrinsics beforehand; they are the first unknowns. */
export function addPriors(
  equations: NormalEquations,
  free: Int32Array,
  priors: readonly (IntrinsicPrior | null)[],
  intrinsics: Intrinsics,
): void {
  free.forEach((i, a) => {
    const prior = priors[i];
    if (prior !== undefined && prior !== null) equations.addPrior(a, intrinsics[i] - prior.mean, prior.sigma);
  });
}

/** Differences of the coordinates of seen and projected points, pixels, without sign. */
function misses({ points_m, pixels }: TargetView, intrinsics: Intrinsics, T: RigidTransform): Float64Array {
  const projection = createProjection();
  const out = new Float64Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 2) {
    const at = (r: number) => T[3 * r] * points_m[i] + T[3 * r + 1] * points_m[i + 1] + T[9 + r];
    projectPoint(intrinsics, at(0), at(1), at(2), projection);
    out[i] = Math.abs(projection.u - pixels[i]);
    out[i + 1] = Math.abs(projection.v - pixels[i + 1]);
  }
  return out;
}

function rmsOf(view: TargetView, intrinsics: Intrinsics, T: RigidTransform): number {
  const all = misses(view, intrinsics, T);
  return Math.sqrt((2 * all.reduce((sum, miss) => sum + miss * miss, 0)) / all.length);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function rootMeanSquare(rms: readonly number[], views: readonly TargetView[]): number {
  const points = views.map(({ pixels }) => pixels.length);
  const whole = points.reduce((a, b) => a + b, 0);
  return Math.sqrt(rms.reduce((sum, value, i) => sum + value * value * points[i], 0) / whole);
}
