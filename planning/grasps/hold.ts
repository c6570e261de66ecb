import type { Vector3 } from '../../contracts/index.ts';
import { type ContactPair, cross, pairAxis, pairSlant } from './contact_pair.ts';

/** What presses on the object. */
export interface Pads {
  /** Coefficient of friction between pads and object. */
  readonly friction: number;
  /** Radius of a disc as large as a pad (m). */
  readonly radius_m: number;
}

/**
 * Quality of a two-finger grasp: the weight it holds in the least favourable direction across the fingers, for each newton
 * they press. 0 where the line through the contacts leaves a friction cone, that is where the grasp is not force closed
 * (Nguyen, IJRR 7(3), 1988). A pad under even pressure resists force and torsion together within the ellipse
 * (f / µN)² + (τ / (2/3 R µN))² = 1 (Howe and Cutkosky, IJRR 15(6), 1996); weight beside the line through the contacts has
 * to be held by torsion as well. What a slanted contact takes of its cone is lost for holding.
 * @param centre  the object's centre of mass, frame of the contacts (m)
 */
export function holdPerNewton(pair: ContactPair, centre: Vector3, { friction, radius_m }: Pads): number {
  const spare_rad = Math.atan(friction) - pairSlant(pair);
  if (!(spare_rad > 0)) return 0;
  const { a } = pair;
  const lever = Math.hypot(...cross([centre[0] - a[0], centre[1] - a[1], centre[2] - a[2]], pairAxis(pair)));
  return (2 * Math.tan(spare_rad)) / Math.hypot(1, lever / ((2 / 3) * radius_m));
}
