import type { Rng, Shape } from '../../contracts/index.ts';
import { insideRectangle, overlap, type PlanarOutline, planarOutline } from './outlines.ts';

export interface ClusterOptions {
  /** Half sizes of the free floor (m); its centre is the origin. */
  readonly half_x_m: number;
  readonly half_y_m: number;
  /** Room a finger needs beside an object: along the closing direction, and across it (m). */
  readonly finger_depth_m: number;
  readonly finger_width_m: number;
  /** Least distance of objects and fingers from the walls (m). */
  readonly wall_clearance_m: number;
}

/** Objects that touch are at most this far apart, m. */
export const TOUCHING_M = 2e-5;
const PLACE_TRIES = 60;
const CLUSTER_TRIES = 400;
const CYLINDER_YAWS = 12;

/**
 * Places objects on a floor in one layer, each pushed towards one that lies there until they touch, so that all hang
 * together. A layout counts if two fingers from above can take one object after the other: there is always one with room
 * for both fingers on opposite sides. Throws when no layout is found.
 */
export function drawCluster(shapes: readonly Shape[], options: ClusterOptions, rng: Rng): PlanarOutline[] {
  for (let attempt = 0; attempt < CLUSTER_TRIES; attempt++) {
    const cluster = pile(shapes, options, rng);
    if (cluster !== null && emptyingOrder(cluster, options) !== null) return cluster;
  }
  throw new Error(`no layout of ${shapes.length} touching objects after ${CLUSTER_TRIES} draws`);
}

function pile(shapes: readonly Shape[], options: ClusterOptions, rng: Rng): PlanarOutline[] | null {
  const half_x = options.half_x_m - options.wall_clearance_m;
  const half_y = options.half_y_m - options.wall_clearance_m;
  const cluster: PlanarOutline[] = [];
  for (const shape of shapes) {
    let placed: PlanarOutline | null = null;
    for (let attempt = 0; placed === null && attempt < PLACE_TRIES; attempt++) {
      const yaw = rng.range(-Math.PI, Math.PI);
      const candidate =
        cluster.length === 0
          ? planarOutline(shape, rng.range(-half_x / 3, half_x / 3), rng.range(-half_y / 3, half_y / 3), yaw)
          : push(shape, yaw, cluster[rng.int(cluster.length)], rng.range(-Math.PI, Math.PI));
      if (!insideRectangle(candidate, half_x, half_y)) continue;
      if (cluster.every((other) => !overlap(candidate, other))) placed = candidate;
    }
    if (placed === null) return null;
    cluster.push(placed);
  }
  return cluster;
}

/** Moves a shape along `from_rad` towards the middle of another until less than TOUCHING_M is between them. */
function push(shape: Shape, yaw: number, other: PlanarOutline, from_rad: number): PlanarOutline {
  const at = (distance: number): PlanarOutline =>
    planarOutline(shape, other.x + distance * Math.cos(from_rad), other.y + distance * Math.sin(from_rad), yaw);
  // Outlines are convex: they overlap from distance 0 up to one value and nowhere beyond.
  let [inside, outside] = [0, 0.2];
  while (outside - inside > TOUCHING_M / 2) {
    const middle = (inside + outside) / 2;
    if (overlap(at(middle), other)) inside = middle;
    else outside = middle;
  }
  return at(outside);
}

/** An order in which two fingers can take all objects from above, as indices; null if there is none. */
export function emptyingOrder(cluster: readonly PlanarOutline[], options: ClusterOptions): number[] | null {
  const left = cluster.map((_, i) => i);
  const order: number[] = [];
  while (left.length > 0) {
    // Taking an object only makes room, so the first that can be taken is as good as any.
    const next = left.findIndex((i) =>
      canTake(
        cluster[i],
        left.filter((j) => j !== i).map((j) => cluster[j]),
        options,
      ),
    );
    if (next < 0) return null;
    order.push(...left.splice(next, 1));
  }
  return order;
}

function canTake(object: PlanarOutline, others: readonly PlanarOutline[], options: ClusterOptions): boolean {
  const { finger_depth_m: depth, finger_width_m: width, wall_clearance_m: wall } = options;
  const directions = object.round ? CYLINDER_YAWS : 2;
  for (let k = 0; k < directions; k++) {
    const yaw = object.yaw + (k * Math.PI) / directions;
    const reach = object.half[object.round ? 0 : k] + depth / 2;
    const free = [1, -1].every((side) => {
      const x = object.x + side * reach * Math.cos(yaw);
      const y = object.y + side * reach * Math.sin(yaw);
      const finger: PlanarOutline = { round: false, x, y, yaw, half: [depth / 2, width / 2] };
      return (
        insideRectangle(finger, options.half_x_m - wall, options.half_y_m - wall) &&
        others.every((other) => !overlap(finger, other))
      );
    });
    if (free) return true;
  }
  return false;
}
