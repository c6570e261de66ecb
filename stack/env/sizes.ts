import { meshBounds, type Vector3 } from '../../contracts/index.ts';
import type { SceneObject } from '../../sim/index.ts';

/** Box around a shape, sides along the shape's own axes (m). */
export interface BoxAround {
  readonly size: Vector3;
  readonly centre: Vector3;
}

export function boxAround(shape: SceneObject['shape']): BoxAround {
  switch (shape.type) {
    case 'box':
      return { size: shape.size, centre: [0, 0, 0] };
    case 'cylinder':
      return { size: [2 * shape.radius, 2 * shape.radius, shape.length], centre: [0, 0, 0] };
    case 'sphere':
      return { size: [2 * shape.radius, 2 * shape.radius, 2 * shape.radius], centre: [0, 0, 0] };
    case 'mesh': {
      const { lower, upper } = meshBounds(shape);
      return {
        size: [upper[0] - lower[0], upper[1] - lower[1], upper[2] - lower[2]],
        centre: [(lower[0] + upper[0]) / 2, (lower[1] + upper[1]) / 2, (lower[2] + upper[2]) / 2],
      };
    }
  }
}
