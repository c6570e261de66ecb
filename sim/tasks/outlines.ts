import type { Shape } from '../../contracts/index.ts';

/** What stands upright, seen from above: a rectangle turned by yaw, or a disc (`half` is its radius twice); m, rad. */
export interface PlanarOutline {
  readonly round: boolean;
  readonly x: number;
  readonly y: number;
  readonly yaw: number;
  /** Half sizes along its own x and y. */
  readonly half: readonly [number, number];
}

export function planarOutline(shape: Shape, x: number, y: number, yaw: number): PlanarOutline {
  if (shape.type === 'box') return { round: false, x, y, yaw, half: [shape.size[0] / 2, shape.size[1] / 2] };
  return { round: true, x, y, yaw, half: [shape.radius, shape.radius] };
}

/** Whether two outlines have a point in common. */
export function overlap(a: PlanarOutline, b: PlanarOutline): boolean {
  if (a.round && b.round) return Math.hypot(a.x - b.x, a.y - b.y) < a.half[0] + b.half[0];
  if (a.round) return discMeetsRectangle(a, b);
  if (b.round) return discMeetsRectangle(b, a);
  return !separatedBy(a, b) && !separatedBy(b, a);
}

/** Whether all of it lies within `half` of the origin along x and y. */
export function insideRectangle(o: PlanarOutline, half_x: number, half_y: number): boolean {
  const [c, s] = [Math.abs(Math.cos(o.yaw)), Math.abs(Math.sin(o.yaw))];
  const ex = o.round ? o.half[0] : c * o.half[0] + s * o.half[1];
  const ey = o.round ? o.half[0] : s * o.half[0] + c * o.half[1];
  return Math.abs(o.x) + ex <= half_x && Math.abs(o.y) + ey <= half_y;
}

function discMeetsRectangle(disc: PlanarOutline, box: PlanarOutline): boolean {
  const [c, s] = [Math.cos(box.yaw), Math.sin(box.yaw)];
  const [dx, dy] = [disc.x - box.x, disc.y - box.y];
  const u = Math.max(0, Math.abs(c * dx + s * dy) - box.half[0]);
  const v = Math.max(0, Math.abs(-s * dx + c * dy) - box.half[1]);
  return Math.hypot(u, v) < disc.half[0];
}

/** Whether a side of `a` separates two rectangles. */
function separatedBy(a: PlanarOutline, b: PlanarOutline): boolean {
  const [c, s] = [Math.cos(a.yaw), Math.sin(a.yaw)];
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const turn_c = Math.abs(Math.cos(b.yaw - a.yaw));
  const turn_s = Math.abs(Math.sin(b.yaw - a.yaw));
  const along_x = turn_c * b.half[0] + turn_s * b.half[1];
  const along_y = turn_s * b.half[0] + turn_c * b.half[1];
  return Math.abs(c * dx + s * dy) >= a.half[0] + along_x || Math.abs(-s * dx + c * dy) >= a.half[1] + along_y;
}
