import type { ConvexMesh, Shape } from '../../contracts/index.ts';
import { convexHull, type Robot } from '../../robots/index.ts';
import { boxMesh } from './mesh_files.ts';

const CYLINDER_SIDES = 48;
const SPHERE_SIDES = 20;
const SPHERE_RINGS = 11;

/** The hull of a shape: of a box itself; of a round one a polyhedron inside it, its corners on the surface. */
export function hullOfShape(shape: Shape | ConvexMesh): ConvexMesh {
  const full = { max_vertices: 1000, tolerance_m: 0 };
  switch (shape.type) {
    case 'mesh':
      return shape;
    case 'box':
      return convexHull(boxMesh(shape.size).vertices, full);
    case 'cylinder': {
      const ends = [-shape.length / 2, shape.length / 2];
      return convexHull(Float64Array.from(ends.flatMap((z) => ring(CYLINDER_SIDES, shape.radius, z))), full);
    }
    case 'sphere': {
      const angles = Array.from(
        { length: SPHERE_RINGS },
        (_, i) => (Math.PI * (i - (SPHERE_RINGS - 1) / 2)) / SPHERE_RINGS,
      );
      const { radius: r } = shape;
      const rings = angles.flatMap((angle) => ring(SPHERE_SIDES, r * Math.cos(angle), r * Math.sin(angle)));
      return convexHull(Float64Array.from(rings), full);
    }
  }
}

function ring(sides: number, radius: number, z: number): number[] {
  return Array.from({ length: sides }, (_, i) => {
    const angle = (2 * Math.PI * i) / sides;
    return [radius * Math.cos(angle), radius * Math.sin(angle), z];
  }).flat();
}

/** The robot with a hull in place of every collision shape, its links known by nothing else. */
export function withMeshes(robot: Robot): Robot {
  const collision = robot.model.collision.map((item) => ({ ...item, shape: hullOfShape(item.shape) }));
  return { ...robot, model: { ...robot.model, collision } };
}
