import type { ConvexMesh, Shape } from '../../contracts/index.ts';
import { convexHull } from '../../robots/index.ts';
import { type Ball, boundingSphere } from './bounding_sphere.ts';
import { cornersAbout } from './corners.ts';

/** A ball that covers its part of a shape, and one about the same centre that lies inside the shape (radius 0: none). */
export interface FittedSphere {
  readonly centre: readonly [number, number, number];
  readonly outer_m: number;
  readonly inner_m: number;
}

export interface FitOptions {
  /** Most spheres of a shape. Default 8. */
  readonly max_spheres?: number;
  /** Parts whose sphere is no larger than this times the largest ball inside the shape are not divided. Default 1.3. */
  readonly close_enough?: number;
}

/**
 * Spheres of a convex shape, in its frame: together the outer ones cover it, every inner one lies inside it. The shape is
 * cut in two across its greatest extent, then whichever part has the largest bounding sphere, and so on: parts of a convex
 * body are convex, so a ball that holds the corners of a part holds the part, and the cover needs no samples. A cylinder
 * is cut as the prism about it.
 */
export function fitSpheres(shape: Shape | ConvexMesh, options: FitOptions = {}): readonly FittedSphere[] {
  const { max_spheres = 8, close_enough = 1.3 } = options;
  if (shape.type === 'sphere') return [{ centre: [0, 0, 0], outer_m: shape.radius, inner_m: shape.radius }];
  const depth = depthInside(shape);
  const rounding = shape.type === 'mesh' ? shape.short_m : 0;
  const parts = [partOf(polytopeOf(shape))];
  const enough = close_enough * greatestDepth(depth, parts[0].ball);
  const done = new Set<Part>();
  while (parts.length < max_spheres) {
    const open = parts.filter((part) => !done.has(part) && part.ball.radius > enough);
    if (open.length === 0) break;
    const largest = open.reduce((a, b) => (b.ball.radius > a.ball.radius ? b : a));
    const halves = cut(largest);
    if (halves === null) done.add(largest);
    else parts.splice(parts.indexOf(largest), 1, ...halves);
  }
  return parts.map(({ ball }) => ({
    centre: ball.centre,
    outer_m: ball.radius + rounding,
    inner_m: Math.max(0, depth(ball.centre) - INSIDE_M) + rounding,
  }));
}

/** Taken off every inner radius against rounding (m). */
const INSIDE_M = 1e-9;
const EXACT = { max_vertices: 100_000, tolerance_m: 0 };

type Point = readonly [number, number, number];

interface Part {
  readonly hull: Pick<ConvexMesh, 'vertices' | 'triangles'>;
  readonly ball: Ball;
}

function partOf(hull: Part['hull']): Part {
  const { vertices } = hull;
  const balls = new Float64Array((vertices.length / 3) * 4);
  for (let v = 0; v < vertices.length / 3; v++) balls.set(vertices.subarray(3 * v, 3 * v + 3), 4 * v);
  return { hull, ball: boundingSphere(balls) };
}

/** The shape, or for a cylinder the prism about it. */
function polytopeOf(shape: Exclude<Shape, { type: 'sphere' }> | ConvexMesh): Part['hull'] {
  return shape.type === 'mesh' ? shape : convexHull(cornersAbout(shape), EXACT);
}

/** How deep a point lies in the shape (m), below 0 outside. */
function depthInside(shape: Exclude<Shape, { type: 'sphere' }> | ConvexMesh): (x: Point) => number {
  if (shape.type === 'box') {
    const [hx, hy, hz] = shape.size.map((side) => side / 2);
    return ([x, y, z]) => Math.min(hx - Math.abs(x), hy - Math.abs(y), hz - Math.abs(z));
  }
  if (shape.type === 'cylinder') {
    return ([x, y, z]) => Math.min(shape.radius - Math.hypot(x, y), shape.length / 2 - Math.abs(z));
  }
  const planes = planesOf(shape);
  return ([x, y, z]) => {
    let least = Infinity;
    for (let k = 0; k < planes.length; k += 4) {
      least = Math.min(least, planes[k + 3] - planes[k] * x - planes[k + 1] * y - planes[k + 2] * z);
    }
    return least;
  };
}

/** Outward unit normal and offset of every triangle, 4 each. */
function planesOf({ vertices: V, triangles: T }: ConvexMesh): Float64Array {
  const planes: number[] = [];
  for (let t = 0; t < T.length; t += 3) {
    const [a, b, c] = [3 * T[t], 3 * T[t + 1], 3 * T[t + 2]];
    const u = [0, 1, 2].map((k) => V[b + k] - V[a + k]);
    const w = [0, 1, 2].map((k) => V[c + k] - V[a + k]);
    const n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
    const length = Math.hypot(n[0], n[1], n[2]);
    if (length === 0) continue;
    const offset = (n[0] * V[a] + n[1] * V[a + 1] + n[2] * V[a + 2]) / length;
    planes.push(n[0] / length, n[1] / length, n[2] / length, offset);
  }
  return Float64Array.from(planes);
}

/** Depth of the deepest point (m), by steps along the axes that halve: depth is concave, so this ends near the deepest of all. */
function greatestDepth(depth: (x: Point) => number, ball: Ball): number {
  let [x, y, z] = ball.centre;
  let most = depth(ball.centre);
  for (let step = ball.radius / 2; step > 1e-3 * ball.radius; ) {
    const before = most;
    for (const [dx, dy, dz] of STEPS) {
      const next: Point = [x + step * dx, y + step * dy, z + step * dz];
      const now = depth(next);
      if (now <= most) continue;
      most = now;
      [x, y, z] = next;
    }
    if (most <= before) step /= 2;
  }
  return most;
}

const STEPS: readonly Point[] = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, 1, 0],
  [0, -1, 0],
  [0, 0, 1],
  [0, 0, -1],
];

/** Two halves of a part, cut across its greatest extent; null if one would be flat. */
function cut({ hull }: Part): readonly [Part, Part] | null {
  const { vertices: V, triangles: T } = hull;
  let axis = 0;
  let middle = 0;
  let greatest = 0;
  for (let k = 0; k < 3; k++) {
    let low = Infinity;
    let high = -Infinity;
    for (let v = k; v < V.length; v += 3) {
      low = Math.min(low, V[v]);
      high = Math.max(high, V[v]);
    }
    if (high - low <= greatest) continue;
    greatest = high - low;
    axis = k;
    middle = (low + high) / 2;
  }
  const sides: [number[], number[]] = [[], []];
  for (let v = 0; v < V.length; v += 3) {
    if (V[v + axis] <= middle) sides[0].push(V[v], V[v + 1], V[v + 2]);
    if (V[v + axis] >= middle) sides[1].push(V[v], V[v + 1], V[v + 2]);
  }
  for (let t = 0; t < T.length; t++) {
    const a = 3 * T[t];
    const b = 3 * T[t % 3 === 2 ? t - 2 : t + 1];
    // every edge belongs to two triangles, which run along it in opposite directions
    if (!(V[a + axis] < middle && V[b + axis] > middle)) continue;
    const f = (middle - V[a + axis]) / (V[b + axis] - V[a + axis]);
    for (const side of sides)
      for (let k = 0; k < 3; k++) side.push(k === axis ? middle : V[a + k] + f * (V[b + k] - V[a + k]));
  }
  try {
    const [low, high] = sides.map((points) => partOf(convexHull(Float64Array.from(points), EXACT)));
    return [low, high];
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
