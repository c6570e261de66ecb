import { type ConvexMesh, meshBounds, type Shape } from '../../contracts/index.ts';

/** Radius of the circle around the shape's outline seen from above, standing on its own z axis, m. */
export function footprintRadius(shape: Shape | ConvexMesh): number {
  if (shape.type === 'mesh') {
    let radius = 0;
    for (let i = 0; i < shape.vertices.length; i += 3) {
      radius = Math.max(radius, Math.hypot(shape.vertices[i], shape.vertices[i + 1]));
    }
    return radius;
  }
  return shape.type === 'box' ? Math.hypot(shape.size[0], shape.size[1]) / 2 : shape.radius;
}

/** Height of the shape standing on its own z axis, m. */
export function shapeHeight(shape: Shape | ConvexMesh): number {
  if (shape.type === 'mesh') {
    const { lower, upper } = meshBounds(shape);
    return upper[2] - lower[2];
  }
  return shape.type === 'box' ? shape.size[2] : shape.type === 'cylinder' ? shape.length : 2 * shape.radius;
}

/** How far the shape reaches below its centre when turned by the quaternion x, y, z, w, m. */
export function halfHeight(shape: Shape | ConvexMesh, x: number, y: number, z: number, w: number): number {
  const a = 2 * (x * z - w * y);
  const b = 2 * (y * z + w * x);
  const c = 1 - 2 * (x * x + y * y);
  return shape.type === 'mesh' ? meshReach(shape, -a, -b, -c) : halfExtent(shape, a, b, c);
}

/** How far the shape so turned reaches from its centre along the world's x axis, to either side, m. */
export function halfExtentX(shape: Shape | ConvexMesh, x: number, y: number, z: number, w: number): number {
  return halfExtent(shape, 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y));
}

/** The same along the world's y axis. */
export function halfExtentY(shape: Shape | ConvexMesh, x: number, y: number, z: number, w: number): number {
  return halfExtent(shape, 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x));
}

/** Half of the shape's extent along a unit vector a, b, c of its own frame, m. */
function halfExtent(shape: Shape | ConvexMesh, a: number, b: number, c: number): number {
  if (shape.type === 'sphere') return shape.radius;
  if (shape.type === 'mesh') return Math.max(meshReach(shape, a, b, c), meshReach(shape, -a, -b, -c));
  if (shape.type === 'cylinder') {
    return (shape.length / 2) * Math.abs(c) + shape.radius * Math.sqrt(Math.max(0, 1 - c * c));
  }
  return (shape.size[0] * Math.abs(a) + shape.size[1] * Math.abs(b) + shape.size[2] * Math.abs(c)) / 2;
}

/** How far a mesh reaches from its frame's origin along a unit vector, m. */
function meshReach({ vertices }: ConvexMesh, a: number, b: number, c: number): number {
  let reach = -Infinity;
  for (let i = 0; i < vertices.length; i += 3) {
    reach = Math.max(reach, a * vertices[i] + b * vertices[i + 1] + c * vertices[i + 2]);
  }
  return reach;
}
