import { InputError, type Pose, type Vector3 } from '../contracts/index.ts';
import { composePoses } from '../dynamics/index.ts';
import { type ElementTree, pointTree } from './element_tree.ts';
import type { Obstacle } from './world.ts';

const MAX_POINTS = 5_000_000;
const MAX_CELLS = 2 ** 52;

export interface PointCloudOptions {
  /** How far the surface may be from a point of it (m): half the spacing of the points and their noise. Default 5 mm. */
  readonly radius_m?: number;
  /** Points of one cell of a grid of this width become one, with a ball that holds them all (m); 0 keeps all. Default 5 mm. */
  readonly voxel_m?: number;
  /** Pose of the points' frame in the world. Default the identity. */
  readonly pose?: Pose;
  readonly padding_m?: number;
}

/** A cloud as an obstacle, and what became of its points. */
export interface PointCloud {
  readonly obstacle: Obstacle & { readonly shape: ElementTree };
  /** Points that stand for all; and points left out, because a coordinate was no finite number. */
  readonly kept: number;
  readonly not_finite: number;
}

/**
 * An obstacle of points as a scanner gives them, every point a ball. Thinned by a grid; no part of a ball is lost by it.
 * Throws InputError if no point is finite, or options are out of range.
 * @param points  x y z each (m), frame of `pose`
 */
export function pointCloud(
  name: string,
  points: Float32Array | Float64Array,
  options: PointCloudOptions = {},
): PointCloud {
  const { radius_m = 0.005, voxel_m = 0.005, pose = IDENTITY, padding_m = 0 } = options;
  if (!(radius_m >= 0 && Number.isFinite(radius_m))) {
    throw new InputError(`point cloud ${name}: radius_m ${radius_m}`, 'at least 0');
  }
  if (!(voxel_m >= 0 && Number.isFinite(voxel_m))) {
    throw new InputError(`point cloud ${name}: voxel_m ${voxel_m}`, 'at least 0');
  }
  if (points.length % 3 !== 0)
    throw new InputError(`point cloud ${name}: ${points.length} numbers`, 'x y z of every point');
  if (points.length / 3 > MAX_POINTS) {
    throw new InputError(`point cloud ${name}: ${points.length / 3} points`, `at most ${MAX_POINTS}`);
  }
  const finite = finitePoints(points);
  const not_finite = (points.length - finite.length) / 3;
  if (finite.length === 0) {
    throw new InputError(`point cloud ${name} has ${not_finite} points, none finite`, 'give at least one point');
  }
  const { centre, size } = extent(finite);
  for (let i = 0; i < finite.length; i++) finite[i] -= centre[i % 3];
  const thinned = voxel_m === 0 ? { points: finite, spread_m: 0 } : thin(name, finite, voxel_m, size);
  return {
    obstacle: {
      name,
      shape: pointTree(thinned.points, radius_m + thinned.spread_m),
      pose: composePoses(pose, { position: centre, orientation: IDENTITY.orientation }),
      padding_m,
    },
    kept: thinned.points.length / 3,
    not_finite,
  };
}

const IDENTITY: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };

function finitePoints(points: Float32Array | Float64Array): Float64Array {
  const finite = new Float64Array(points.length);
  let n = 0;
  for (let i = 0; i < points.length; i += 3) {
    if (!Number.isFinite(points[i] + points[i + 1] + points[i + 2])) continue;
    for (let k = 0; k < 3; k++) finite[n++] = points[i + k];
  }
  return finite.slice(0, n);
}

function extent(points: Float64Array): { readonly centre: Vector3; readonly size: Vector3 } {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i++) {
    if (points[i] < low[i % 3]) low[i % 3] = points[i];
    if (points[i] > high[i % 3]) high[i % 3] = points[i];
  }
  const of = (value: (k: number) => number): Vector3 => [value(0), value(1), value(2)];
  return { centre: of((k) => (low[k] + high[k]) / 2), size: of((k) => high[k] - low[k]) };
}

/** The middle of the points of every cell, and how far the farthest point is from its middle (m). */
function thin(
  name: string,
  points: Float64Array,
  voxel_m: number,
  size: Vector3,
): { readonly points: Float64Array; readonly spread_m: number } {
  const [nx, ny, nz] = size.map((side) => Math.floor(side / voxel_m) + 2);
  if (nx * ny * nz > MAX_CELLS) {
    throw new InputError(
      `point cloud ${name}: ${size.map((side) => side.toPrecision(3)).join(' x ')} m in cells of ${voxel_m} m`,
      'leave out points that are far away, or give a larger voxel_m',
    );
  }
  const cell = new Map<number, number>();
  const cell_of = new Int32Array(points.length / 3);
  const sums: number[] = [];
  for (let i = 0; i < cell_of.length; i++) {
    const index = (k: 0 | 1 | 2): number => Math.floor((points[3 * i + k] + size[k] / 2) / voxel_m);
    const key = (index(0) * ny + index(1)) * nz + index(2);
    let c = cell.get(key);
    if (c === undefined) {
      c = sums.length / 4;
      cell.set(key, c);
      sums.push(0, 0, 0, 0);
    }
    cell_of[i] = c;
    for (let k = 0; k < 3; k++) sums[4 * c + k] += points[3 * i + k];
    sums[4 * c + 3]++;
  }
  const middles = Float64Array.from({ length: 3 * cell.size }, (_, i) => {
    const c = 4 * Math.floor(i / 3);
    return sums[c + (i % 3)] / sums[c + 3];
  });
  let spread2 = 0;
  for (let i = 0; i < cell_of.length; i++) {
    let d2 = 0;
    for (let k = 0; k < 3; k++) d2 += (points[3 * i + k] - middles[3 * cell_of[i] + k]) ** 2;
    spread2 = Math.max(spread2, d2);
  }
  return { points: middles, spread_m: Math.sqrt(spread2) };
}
