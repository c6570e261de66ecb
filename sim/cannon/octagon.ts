import { CLIPPED, type Manifold } from './manifold.ts';

/** Corners of the regular octagon in the unit circle: a cap as a polygon. The first lies on the x axis. */
export const OCTAGON_COS = octagon(Math.cos, 0);
export const OCTAGON_SIN = octagon(Math.sin, 0);

/** Normals of its edges; edge k leaves corner k. */
const NORMAL_COS = octagon(Math.cos, 0.5);
const NORMAL_SIN = octagon(Math.sin, 0.5);
const INRADIUS = Math.cos(Math.PI / 8);

/** Clips the polygon by the octagon in the cap of collider `cylinder`, about the origin of the reference face. */
export function clipByCap(size: Float64Array, cylinder: number, out: Manifold): void {
  const limit = size[3 * cylinder] * INRADIUS;
  for (let k = 0; k < 8; k++) out.clip(NORMAL_COS[k], NORMAL_SIN[k], limit, CLIPPED + k);
}

function octagon(f: (angle: number) => number, offset: number): Float64Array {
  return Float64Array.from({ length: 8 }, (_, k) => f(((k + offset) * Math.PI) / 4));
}
