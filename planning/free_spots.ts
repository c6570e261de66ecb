import type { TableRegion, Vector3 } from '../contracts/index.ts';
import { footprintRadius, type TableObject } from './table_objects.ts';

export interface SpotOptions {
  /** Distance between the spots that are looked at (m). */
  readonly grid_m?: number;
  /** Free ways wanted around what is put down, tried in this order (m): fingers need about 30 mm, the palm more. */
  readonly clearances_m?: readonly number[];
  /** Distances kept from the region's edge, tried in this order (m): more than what cameras and hands are off, then less. */
  readonly edges_m?: readonly number[];
}

/** How far the outline of an upright object reaches out of a region at most (m); negative when it is inside. */
export function reachesOut({ position: [x, y], shape, yaw_rad }: TableObject, { centre, size }: TableRegion): number {
  const [c, s] = [Math.abs(Math.cos(yaw_rad)), Math.abs(Math.sin(yaw_rad))];
  const radius = footprintRadius(shape);
  const [a, b] = shape.type === 'box' ? [shape.size[0] / 2, shape.size[1] / 2] : [radius, radius];
  const [ex, ey] = shape.type === 'box' ? [c * a + s * b, s * a + c * b] : [radius, radius];
  return Math.max(Math.abs(x - centre[0]) + ex - size[0] / 2, Math.abs(y - centre[1]) + ey - size[1] / 2);
}

/**
 * Where in a region an object may be put down so that its footprint (or at least its centre, when the region is too
 * small) is inside and the way to every other object is free. Those farther from the edge come first, then those with the
 * most free way; among equals those nearest to a corner, which leave the most room for what comes after.
 * @returns places of the object's centre at the height of the region (m)
 */
export function freeSpots(
  region: TableRegion,
  object: TableObject,
  others: readonly TableObject[],
  { grid_m = 0.01, clearances_m = [0.04, 0.025, 0.012], edges_m = [0.012, 0.004] }: SpotOptions = {},
): Vector3[] {
  const radius = footprintRadius(object.shape);
  const [cx, cy, z] = region.centre;
  return edges_m.flatMap((edge) => {
    const half = region.size.map((side) => Math.max(0, side / 2 - radius - edge));
    const counts = half.map((h) => Math.floor((2 * h) / grid_m));
    const spots: { at: Vector3; level: number; corner: number }[] = [];
    for (let i = 0; i <= counts[0]; i++) {
      for (let j = 0; j <= counts[1]; j++) {
        const dx = counts[0] === 0 ? 0 : half[0] * ((2 * i) / counts[0] - 1);
        const dy = counts[1] === 0 ? 0 : half[1] * ((2 * j) / counts[1] - 1);
        const at: Vector3 = [cx + dx, cy + dy, z];
        const gap = gapAround(at, radius, others);
        const level = clearances_m.findIndex((wanted) => gap >= wanted);
        if (level >= 0) spots.push({ at, level, corner: Math.hypot(half[0] - Math.abs(dx), half[1] - Math.abs(dy)) });
      }
    }
    spots.sort((a, b) => a.level - b.level || a.corner - b.corner);
    return spots.map((spot) => spot.at);
  });
}

function gapAround(at: Vector3, radius: number, others: readonly TableObject[]): number {
  let gap = Number.POSITIVE_INFINITY;
  for (const { position, shape } of others) {
    gap = Math.min(gap, Math.hypot(position[0] - at[0], position[1] - at[1]) - radius - footprintRadius(shape));
  }
  return gap;
}
