import type { CameraModel } from '../camera_model.ts';
import type { PixelView, Region } from '../regions.ts';
import { AS_PUT_UP, CAMERA_ERRORS, cameraCovariance } from './camera_uncertainty.ts';
import { fitCircle } from './circle.ts';
import { congruent, times } from './matrices.ts';
import { minAreaRectangle } from './rectangle.ts';
import { RegionReader } from './region_evidence.ts';
import { EDGE_SIGMA_PX, type Prior, type ShapeFit, ShapeFitter, type ShapeMinimum } from './shape_fit.ts';
import { BoxModel, CylinderModel } from './shape_model.ts';
import { TopHull } from './top_hull.ts';

/** What both readings of a region have in common. */
interface UprightFit {
  /** Centre of the shape (m, frame world). */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly height: number;
  /** Root mean square distance of the outline from the fitted silhouette, pixels. */
  readonly rms: number;
  /** Half the robust sum of squared residuals. */
  readonly cost: number;
  /** Share of the shape's silhouette that the region covers, 0..1. */
  readonly visible: number;
}

/** Upright box: its sides a and b (m), yaw of the first (rad). */
export interface BoxFit extends UprightFit {
  readonly yaw: number;
  readonly a: number;
  readonly b: number;
  /** Of x, y, z, yaw, a, b, height; row-major 7×7 (m, rad). Infinite where a cylinder plainly explains the region better. */
  readonly covariance: Float64Array;
}

export interface CylinderFit extends UprightFit {
  readonly radius: number;
  /** Of x, y, z, radius, height; row-major 5×5 (m). Infinite where a box plainly explains the region better. */
  readonly covariance: Float64Array;
}

/**
 * Both readings of one region, for the caller to choose between; of one that is far worse than the other only as far as it was
 * looked for.
 */
export interface ObjectEstimate {
  readonly box: BoxFit;
  readonly cylinder: CylinderFit;
  /** Natural logarithm of how much better a cylinder explains the region than a box, per likelihood: > 0 speaks for it. */
  readonly log_odds_cylinder: number;
  /** Height of what the object stands on, over the table (m). */
  readonly support_m: number;
  /** Share of the outline that something hides, 0..1. */
  readonly hidden: number;
  /** Share of the better fit's silhouette that the region's pixels cover, 0..1. */
  readonly filled: number;
  /** Root mean square of all residuals of the better fit, in their standard deviations; about 0.9 where it is right. */
  readonly residual: number;
  /** Pixels whose depth the fit rests on; 0 where there is none. */
  readonly depths: number;
}

export interface DescribeOptions {
  /** Covariance of the nine errors of the camera (`cameraCovariance`); of a camera as put up by default. */
  readonly camera_covariance?: Float64Array;
}

const MIN_OUTLINE = 12;
/** What a hand can hold: sizes about this (m), so that sides out of the picture have some length; and about this tall. */
const USUAL_SIZE_M = 0.04;
const SIZE_SIGMA_M = 0.01;
const USUAL_HEIGHT_M = 0.045;
const HEIGHT_SIGMA_M = 0.015;
/** Fits worse than this start again from other angles. */
const POOR_FIT_PX = 0.45;
const TURNS = [Math.PI / 6, Math.PI / 3];
/** No box is begun again where a cylinder that fits costs less than this share of it. */
const ROUND_SHARE = 0.5;
/** Tops that fill more of their rectangle than this are more likely of a box; a circle fills π/4. */
const BOXY = 0.88;
/** Log odds of two shapes that no other word on the class outweighs. */
const PLAIN_ODDS = 20;
/** Two parameters more speak against a box by this much (half of ln of the observations; Schwarz, 1978). */
const PENALTY_PER_OBSERVATION = 1;
/** Least scale of residuals (variance) granted to the better fit. */
const LEAST_SCALE = 0.2;
/** Standard deviations of how far a mask is too large all round, and shifted along each axis of the picture (pixels). */
const DILATION_PX = 0.12;
const SHIFT_PX = 0.05;

/** Fits boxes and cylinders to regions in arrays that are reserved once. */
export class RegionDescriber {
  private readonly reader = new RegionReader();
  private readonly tops = new TopHull();
  private readonly boxes = new ShapeFitter(new BoxModel());
  private readonly cylinders = new ShapeFitter(new CylinderModel());

  /** @returns null if the region shows too little of its outline, or without depth an outline of neither shape */
  describe(view: PixelView, { pixels }: Region, options: DescribeOptions = {}): ObjectEstimate | null {
    const { reader } = this;
    reader.read(view, pixels);
    const shown = reader.edges - reader.hidden;
    if (shown < MIN_OUTLINE) return null;
    const top = Number.isNaN(reader.top_m) ? reader.support_m + USUAL_HEIGHT_M : reader.top_m;
    const hull = this.tops.of(view, pixels, top, !Number.isNaN(reader.top_m));
    if (hull.length < 6) return null;
    const rows = Math.max(1, shown / 3 + reader.samples - 6);
    const { box, cylinder } = this.search(view.camera, hull, top, rows);
    if (reader.samples === 0 && Math.min(box.rms, cylinder.rms) > POOR_FIT_PX) return null;
    const P = options.camera_covariance ?? view.camera_covariance ?? AS_PUT_UP_COVARIANCE;
    const variance = (2 * Math.min(box.cost, cylinder.cost)) / rows;
    const scale = Math.max(LEAST_SCALE, variance);
    const log_odds_cylinder =
      (box.cost - cylinder.cost) / scale + PENALTY_PER_OBSERVATION * Math.log(Math.max(2, shown / 3));
    const { boxes, cylinders } = this;
    // how sure a shape is that nobody takes need not be known
    const sure_box = log_odds_cylinder < PLAIN_ODDS ? boxes.finish(box) : null;
    const sure_cylinder = log_odds_cylinder > -PLAIN_ODDS ? cylinders.finish(cylinder) : null;
    const n = pixels.length;
    const boxFit = toBox(box, visibleOf(n, boxes.area(box)), covarianceOf(sure_box, P, OF_BOX, 7));
    const cylinderFit = toCylinder(
      cylinder,
      visibleOf(n, cylinders.area(cylinder)),
      covarianceOf(sure_cylinder, P, OF_CYLINDER, 5),
    );
    return {
      box: boxFit,
      cylinder: cylinderFit,
      log_odds_cylinder,
      support_m: reader.support_m,
      hidden: reader.hidden / Math.max(1, reader.edges),
      filled: log_odds_cylinder > 0 ? cylinderFit.visible : boxFit.visible,
      residual: Math.sqrt(variance),
      depths: reader.samples,
    };
  }

  /** The likelier shape first: where it fits, the search for the other one ends as soon as that is clearly worse. */
  private search(
    camera: CameraModel,
    hull: Float64Array,
    top: number,
    rows: number,
  ): { box: ShapeMinimum; cylinder: ShapeMinimum } {
    const { reader, boxes } = this;
    const r = minAreaRectangle(hull);
    const start = Float64Array.of(r.x, r.y, r.angle_rad, r.length, r.width, top, reader.support_m);
    const boxy = areaOf(hull) > BOXY * r.length * r.width;
    const first = boxy ? boxes.search(camera, reader, BOX_PRIORS, start) : null;
    const cylinder = this.searchCylinder(camera, hull, top, hopelessBeside(first, rows));
    let box = first ?? boxes.search(camera, reader, BOX_PRIORS, start, hopelessBeside(cylinder, rows));
    for (const turn of TURNS) {
      if (box.rms <= POOR_FIT_PX || isRound(box, cylinder)) break;
      start[2] = r.angle_rad + turn;
      start[3] = start[4] = Math.sqrt(r.length * r.width);
      const again = boxes.search(camera, reader, BOX_PRIORS, start);
      if (again.cost < box.cost) box = again;
    }
    return { box, cylinder };
  }

  private searchCylinder(camera: CameraModel, hull: Float64Array, top: number, hopeless: number): ShapeMinimum {
    const { x, y, radius } = fitCircle(hull);
    const within = Math.min(0.05, Math.max(0.01, radius));
    const start = Float64Array.of(x, y, within, top, this.reader.support_m);
    return this.cylinders.search(camera, this.reader, CYLINDER_PRIORS, start, hopeless);
  }
}

/** Costs at which no shape is taken in place of one that fits: the log odds say so plainly. */
function hopelessBeside(found: ShapeMinimum | null, rows: number): number {
  if (found === null || found.rms > POOR_FIT_PX) return Number.POSITIVE_INFINITY;
  return found.cost + PLAIN_ODDS * Math.max(LEAST_SCALE, (2 * found.cost) / rows);
}

function areaOf(polygon: Float64Array): number {
  let sum = 0;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    sum += polygon[j] * polygon[i + 1] - polygon[i] * polygon[j + 1];
  }
  return Math.abs(sum) / 2;
}

/** Whether a cylinder explains the outline so well that no box will do better. */
function isRound(box: ShapeMinimum, cylinder: ShapeMinimum): boolean {
  return cylinder.rms <= POOR_FIT_PX && cylinder.cost < ROUND_SHARE * box.cost;
}

const AS_PUT_UP_COVARIANCE = cameraCovariance(AS_PUT_UP);
const usualSize = (index: number, share = 1): Prior => ({
  ...{ index, less: -1 },
  value: share * USUAL_SIZE_M,
  sigma: share * SIZE_SIGMA_M,
});
const usualHeight = (top: number): Prior => ({
  ...{ index: top, less: top + 1 },
  value: USUAL_HEIGHT_M,
  sigma: HEIGHT_SIGMA_M,
});
const BOX_PRIORS = [usualSize(3), usualSize(4), usualHeight(5)];
const CYLINDER_PRIORS = [usualSize(2, 0.5), usualHeight(3)];

let shared: RegionDescriber | null = null;

/** As `RegionDescriber.describe`, with one describer for all. */
export function describeRegion(view: PixelView, region: Region, options: DescribeOptions = {}): ObjectEstimate | null {
  shared ??= new RegionDescriber();
  return shared.describe(view, region, options);
}

function toBox({ parameters, rms, cost }: ShapeMinimum, visible: number, covariance: Float64Array): BoxFit {
  const [x, y, yaw, a, b, top, base] = parameters;
  const common = { x, y, z: (top + base) / 2, height: top - base, rms, cost, visible };
  return { ...common, yaw, a: Math.abs(a), b: Math.abs(b), covariance };
}

function toCylinder({ parameters, rms, cost }: ShapeMinimum, visible: number, covariance: Float64Array): CylinderFit {
  const [x, y, radius, top, base] = parameters;
  const common = { x, y, z: (top + base) / 2, height: top - base, rms, cost, visible };
  return { ...common, radius: Math.abs(radius), covariance };
}

function visibleOf(pixels: number, area_px: number): number {
  return Math.min(1, pixels / Math.max(1, area_px));
}

/**
 * What is told of a shape, by its parameters, row-major n×n: those that are told as they are, the middle between top and base
 * as the third, and the height as the last.
 */
function toldOf(n: number): Float64Array {
  const M = new Float64Array(n * n);
  for (let i = 0; i < n - 1; i++) if (i !== 2) M[i * n + (i < 2 ? i : i - 1)] = 1;
  M[3 * n - 2] = 0.5;
  M[3 * n - 1] = 0.5;
  M[n * n - 2] = 1;
  M[n * n - 1] = -1;
  return M;
}

const OF_BOX = toldOf(7);
const OF_CYLINDER = toldOf(5);

/** Covariance of what is told of a shape, n×n, from the fit's and the camera's; infinite without a fit. */
function covarianceOf(found: ShapeFit | null, P: Float64Array, M: Float64Array, n: number): Float64Array {
  if (found === null) return new Float64Array(n * n).fill(Number.POSITIVE_INFINITY);
  const { cofactor, camera, dilation, rms } = found;
  const scale = Math.max(1, (rms / EDGE_SIGMA_PX) ** 2);
  const fit = congruent(M, cofactor, n, n);
  // a mask's shift is to a fit what the principal point's is
  const errors = P.slice();
  for (let k = 7; k < CAMERA_ERRORS; k++) errors[k * (CAMERA_ERRORS + 1)] += SHIFT_PX ** 2;
  const moved = congruent(times(M, camera, n, n, CAMERA_ERRORS), errors, n, CAMERA_ERRORS);
  const grown = times(M, dilation, n, n, 1);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      fit[i * n + j] = scale * fit[i * n + j] + moved[i * n + j] + DILATION_PX ** 2 * grown[i] * grown[j];
    }
  }
  return fit;
}
