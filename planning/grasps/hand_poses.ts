import type { Vector3 } from '../../contracts/index.ts';
import { type ContactPair, cross, dot, pairAxis, pairMiddle, unit } from './contact_pair.ts';

/**
 * Poses of the tool frame that close on two contacts: y along the line through them, either way round, z as near to the
 * wanted approach as that allows and turned from there about y by each of `turns_rad`. The origin is in the middle between
 * the contacts. Rotation row-major 9, position 3 (m), frame of the contacts.
 * @returns none where the wanted approach is along the line itself
 */
export function handPoses(pair: ContactPair, approach: Vector3, turns_rad: readonly number[] = [0]): Float64Array[] {
  const axis = pairAxis(pair);
  const along = dot(approach, axis);
  const across: Vector3 = [approach[0] - along * axis[0], approach[1] - along * axis[1], approach[2] - along * axis[2]];
  if (Math.hypot(...across) < LEAST_ACROSS * Math.hypot(...approach)) return [];
  const z0 = unit(across);
  const middle = pairMiddle(pair);
  return turns_rad.flatMap((turn) => {
    const side = cross(axis, z0);
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    const z: Vector3 = [c * z0[0] + s * side[0], c * z0[1] + s * side[1], c * z0[2] + s * side[2]];
    return [1, -1].map((way) => {
      const y: Vector3 = [way * axis[0], way * axis[1], way * axis[2]];
      const x = cross(y, z);
      return Float64Array.of(x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2], ...middle);
    });
  });
}

/** Sine of the least angle between approach and closing direction for which there is a best one. */
const LEAST_ACROSS = 0.05;
