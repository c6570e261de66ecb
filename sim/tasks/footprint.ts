import type { Shape } from '../../contracts/index.ts';

/** Radius of the circle around the shape's outline seen from above, standing on its own z axis, m. */
export function footprintRadius(shape: Shape): number {
  return shape.type === 'box' ? Math.hypot(shape.size[0], shape.size[1]) / 2 : shape.radius;
}

/** Half of the shape's extent along the world's z axis when turned by the quaternion x, y, z, w, m. */
export function halfHeight(shape: Shape, x: number, y: number, z: number, w: number): number {
  const Rzx = 2 * (x * z - w * y);
  const Rzy = 2 * (y * z + w * x);
  const Rzz = 1 - 2 * (x * x + y * y);
  if (shape.type === 'sphere') return shape.radius;
  if (shape.type === 'cylinder') {
    return (shape.length / 2) * Math.abs(Rzz) + shape.radius * Math.sqrt(Math.max(0, 1 - Rzz * Rzz));
  }
  return (shape.size[0] * Math.abs(Rzx) + shape.size[1] * Math.abs(Rzy) + shape.size[2] * Math.abs(Rzz)) / 2;
}
