import type { Vector3 } from '../../../contracts/index.ts';
import { quaternionToMatrix } from '../../../dynamics/index.ts';
import type { SceneObject } from '../../../sim/index.ts';
import { boxAround } from '../sizes.ts';

/** An object as it stands or lies: what a hand from above has to know; frame world, m. */
export interface Standing {
  /** Centre of the upright box or cylinder around it. */
  readonly position: Vector3;
  readonly shape: { type: 'box'; size: Vector3 } | { type: 'cylinder'; radius: number; length: number };
  readonly yaw_rad: number;
  readonly height_m: number;
}

const R = new Float64Array(9);

/**
 * Takes the axis of the object nearest to the vertical for upright. A cylinder that lies counts as the box around it.
 * @param state  position 3, quaternion xyzw 4 first
 */
export function standing(shape: SceneObject['shape'], state: ArrayLike<number>): Standing {
  quaternionToMatrix(state, 3, R);
  const vertical = [Math.abs(R[6]), Math.abs(R[7]), Math.abs(R[8])];
  const up = vertical.indexOf(Math.max(...vertical));
  const { size, centre } = boxAround(shape);
  const at = (r: number) => state[r] + R[3 * r] * centre[0] + R[3 * r + 1] * centre[1] + R[3 * r + 2] * centre[2];
  const position: Vector3 = [at(0), at(1), at(2)];
  if (shape.type === 'sphere' || (shape.type === 'cylinder' && up === 2)) {
    const length = shape.type === 'sphere' ? 2 * shape.radius : shape.length;
    return { position, shape: { type: 'cylinder', radius: shape.radius, length }, yaw_rad: 0, height_m: length };
  }
  const a = (up + 1) % 3;
  const b = (up + 2) % 3;
  return {
    position,
    shape: { type: 'box', size: [size[a], size[b], size[up]] },
    yaw_rad: Math.atan2(R[3 + a], R[a]),
    height_m: size[up],
  };
}
