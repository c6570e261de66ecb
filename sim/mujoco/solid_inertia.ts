import type { ConvexMesh, Shape } from '../../contracts/index.ts';

/** Principal moments of inertia of a homogeneous solid about its centre, shape axes (kg m²). */
export function solidInertia(shape: Shape | ConvexMesh, mass_kg: number): readonly [number, number, number] {
  switch (shape.type) {
    case 'box': {
      const [x, y, z] = shape.size;
      const k = mass_kg / 12;
      return [k * (y * y + z * z), k * (x * x + z * z), k * (x * x + y * y)];
    }
    case 'cylinder': {
      const across = (mass_kg * (3 * shape.radius ** 2 + shape.length ** 2)) / 12;
      return [across, across, (mass_kg * shape.radius ** 2) / 2];
    }
    case 'sphere': {
      const i = (2 * mass_kg * shape.radius ** 2) / 5;
      return [i, i, i];
    }
    case 'mesh':
      throw new Error('not yet');
  }
}
