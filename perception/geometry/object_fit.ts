import type { PixelView, Region } from '../regions.ts';
import { fitCircle } from './circle.ts';
import { convexHull } from './convex_hull.ts';
import { traceOutline } from './outline.ts';
import { minAreaRectangle } from './rectangle.ts';
import {
  type BoxFit,
  boxSilhouette,
  type CylinderFit,
  cylinderSilhouette,
  distanceToHull,
  edgeNormals,
  fitBox,
  fitCylinder,
  type HeightPrior,
  type Outline,
  polygonArea,
  type Silhouette,
} from './silhouette.ts';

/** Both readings of one region, for the caller to choose between. */
export interface ObjectEstimate {
  readonly box: BoxFit;
  readonly cylinder: CylinderFit;
  /** Natural logarithm of how much better the outline fits a cylinder than a box, per likelihood: > 0 speaks for a cylinder. */
  readonly log_odds_cylinder: number;
  readonly height: HeightPrior;
  /** Share of the outline that something hides, 0..1. */
  readonly hidden: number;
  /** Share of the better fit's silhouette that the region's pixels cover, 0..1. */
  readonly filled: number;
}

const MIN_OUTLINE = 12;
/** Spread of heights that still belongs to a top face, m, and the least uncertainty granted to a height. */
const TOP_BAND_M = 0.004;
const TOP_SIGMA_M = 0.0004;
/** The height of the whole region's pixels at this quantile starts the search: within the top for any size in question. */
const TOP_QUANTILE = 0.78;
/** Pixels this far inside the top's outline are surely of the top. */
const TOP_MARGIN_PX = 0.8;
/** Outline errors at neighbouring pixels go together; this many of them count as one observation. */
const CORRELATION = 3;
/** Fits worse than this start again from other angles. */
const POOR_FIT_PX = 0.45;

/**
 * Fits a box and a cylinder to one region: height from depth averaged over the top face, everything else from the outline.
 * @returns null if the region shows too little of its outline
 */
export function describeRegion(view: PixelView, region: Region): ObjectEstimate | null {
  const outline = traceOutline(view, region.pixels);
  if (outline.points.length < 2 * MIN_OUTLINE) return null;
  let height = firstHeight(view, region.pixels);
  if (height === null) return null;
  const top = topPoints(view, region.pixels, height.height_m);
  const hull = convexHull(top);
  if (hull.length < 6) return null;
  let box = fitBoxFromAngles(view, outline, height, hull);
  let cylinder = fitCylinder(view.camera, outline, height, fitCircle(hull));
  height = heightWithin(view, region.pixels, betterSilhouette(view, box, cylinder).top) ?? height;
  box = fitBox(view.camera, outline, height, box);
  cylinder = fitCylinder(view.camera, outline, height, cylinder);
  const observations = outline.points.length / 2 / CORRELATION;
  const area = polygonArea(betterSilhouette(view, box, cylinder).whole);
  return {
    box,
    cylinder,
    log_odds_cylinder: observations * Math.log(floor(box.rms) / floor(cylinder.rms)),
    height,
    hidden: outline.hidden,
    filled: Math.min(1, region.pixels.length / Math.max(1, area)),
  };
}

function betterSilhouette({ camera }: PixelView, box: BoxFit, cylinder: CylinderFit): Silhouette {
  return cylinder.rms < box.rms ? cylinderSilhouette(camera, cylinder) : boxSilhouette(camera, box);
}

/** A fit cannot be better than the grid of pixels allows. */
function floor(rms: number): number {
  return Math.max(rms, 0.15);
}

function fitBoxFromAngles(view: PixelView, outline: Outline, height: HeightPrior, hull: Float64Array): BoxFit {
  const r = minAreaRectangle(hull);
  let best = fitBox(view.camera, outline, height, { x: r.x, y: r.y, yaw: r.angle_rad, a: r.length, b: r.width });
  for (const turn of [Math.PI / 6, Math.PI / 3]) {
    if (best.rms <= POOR_FIT_PX) break;
    const side = Math.sqrt(r.length * r.width);
    const again = fitBox(view.camera, outline, height, { x: r.x, y: r.y, yaw: r.angle_rad + turn, a: side, b: side });
    if (again.rms < best.rms) best = again;
  }
  return best;
}

/** Height of the top: heights about a high quantile, averaged. */
function firstHeight(view: PixelView, pixels: Int32Array): HeightPrior | null {
  const heights = new Float64Array(pixels.length);
  let n = 0;
  for (const i of pixels) if (!Number.isNaN(view.z[i])) heights[n++] = view.z[i];
  if (n < MIN_OUTLINE) return null;
  const sorted = heights.subarray(0, n).sort();
  return averageAbout(sorted, sorted[Math.floor(TOP_QUANTILE * (n - 1))], TOP_BAND_M);
}

/** World x, y of the pixels on the top, in its plane: depth noise does not move them. */
function topPoints(view: PixelView, pixels: Int32Array, height_m: number): Float64Array {
  const points: number[] = [];
  const at = new Float64Array(2);
  for (const i of pixels) {
    if (!(Math.abs(view.z[i] - height_m) < TOP_BAND_M)) continue;
    view.camera.onPlane(view.rays[2 * i], view.rays[2 * i + 1], height_m, at);
    points.push(at[0], at[1]);
  }
  return Float64Array.from(points);
}

/** Height averaged over the pixels well within the outline of the top; null when there are too few. */
function heightWithin(view: PixelView, pixels: Int32Array, top: Float64Array): HeightPrior | null {
  const { camera, rays, z } = view;
  const normals = edgeNormals(top);
  const heights = new Float64Array(pixels.length);
  let n = 0;
  for (const i of pixels) {
    if (Number.isNaN(z[i])) continue;
    const d = distanceToHull(top, normals, camera.fx * rays[2 * i], camera.fy * rays[2 * i + 1]);
    if (d < -TOP_MARGIN_PX) heights[n++] = z[i];
  }
  if (n < MIN_OUTLINE) return null;
  const sorted = heights.subarray(0, n).sort();
  return averageAbout(sorted, sorted[n >> 1], 2 * TOP_BAND_M);
}

/** Mean of the heights within a band, and its uncertainty. */
function averageAbout(heights: Float64Array, about: number, band: number): HeightPrior | null {
  let [n, sum, squares] = [0, 0, 0];
  for (const z of heights) {
    const d = z - about;
    if (Math.abs(d) >= band) continue;
    n++;
    sum += d;
    squares += d * d;
  }
  if (n < 3) return null;
  const variance = Math.max(0, squares - (sum * sum) / n) / (n - 1);
  return { height_m: about + sum / n, sigma_m: Math.sqrt(TOP_SIGMA_M ** 2 + variance / n) };
}
