import { boxBox } from './box_box.ts';
import { boxCylinder } from './box_cylinder.ts';
import { BOX, type Colliders, CYLINDER, HULL, SPHERE } from './colliders.ts';
import { cylinderCylinder } from './cylinder_cylinder.ts';
import { cylinderHull } from './cylinder_hull.ts';
import { hullHull } from './hull_hull.ts';
import type { Manifold } from './manifold.ts';
import { boxSphere, cylinderSphere, sphereSphere } from './sphere.ts';
import { sphereHull } from './sphere_hull.ts';

/** Contact of colliders a and b, in either order of their kinds: the normal points from a to b. */
export function collide(c: Colliders, a: number, b: number, margin: number, out: Manifold): void {
  const ka = c.kind[a];
  const kb = c.kind[b];
  if (ka > kb) {
    collide(c, b, a, margin, out);
    for (let k = 0; k < 3; k++) out.normal[k] = -out.normal[k];
    return;
  }
  if (kb === HULL) {
    if (ka === CYLINDER) cylinderHull(c, a, b, margin, out);
    else if (ka === SPHERE) sphereHull(c, a, b, margin, out);
    else hullHull(c, a, b, margin, out);
  } else if (ka === BOX) {
    if (kb === BOX) boxBox(c, a, b, margin, out);
    else if (kb === CYLINDER) boxCylinder(c, a, b, margin, out);
    else boxSphere(c, a, b, margin, out);
  } else if (ka === CYLINDER) {
    if (kb === CYLINDER) cylinderCylinder(c, a, b, margin, out);
    else cylinderSphere(c, a, b, margin, out);
  } else sphereSphere(c, a, b, margin, out);
}
