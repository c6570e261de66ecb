import type { ConvexMesh, Shape } from '../../contracts/index.ts';

const SIDES = 16;

/** Corners of a polytope that holds a box or cylinder, x y z each (m): of a cylinder the prism about it. */
export function cornersAbout(shape: Extract<Shape, { type: 'box' | 'cylinder' }>): Float64Array {
  if (shape.type === 'box') {
    return Float64Array.from({ length: 24 }, (_, i) => {
      const k = Math.floor(i / 3);
      return ((k >> (i % 3)) & 1 ? 0.5 : -0.5) * shape.size[i % 3];
    });
  }
  const radius = shape.radius / Math.cos(Math.PI / SIDES);
  const corners = new Float64Array(6 * SIDES);
  for (let k = 0; k < 2 * SIDES; k++) {
    const angle = (2 * Math.PI * k) / SIDES;
    corners[3 * k] = radius * Math.cos(angle);
    corners[3 * k + 1] = radius * Math.sin(angle);
    corners[3 * k + 2] = k < SIDES ? shape.length / 2 : -shape.length / 2;
  }
  return corners;
}

/** Balls whose convex hull holds a shape: its corners, or the sphere itself; x y z radius each (m). */
export function coverBalls(shape: Shape | ConvexMesh): Float64Array {
  if (shape.type === 'sphere') return Float64Array.of(0, 0, 0, shape.radius);
  const corners = shape.type === 'mesh' ? shape.vertices : cornersAbout(shape);
  const radius = shape.type === 'mesh' ? shape.short_m : 0;
  const balls = new Float64Array((corners.length / 3) * 4);
  for (let v = 0; v < corners.length / 3; v++) {
    balls.set(corners.subarray(3 * v, 3 * v + 3), 4 * v);
    balls[4 * v + 3] = radius;
  }
  return balls;
}
