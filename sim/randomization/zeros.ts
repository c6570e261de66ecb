import { multiplyMatrices, rotationExp } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';

/**
 * The robot whose encoders read `offset_rad` more than its joints have turned: coordinates are what encoders read, so the
 * true links stand turned back by it. One entry for each arm joint; sliding joints are left as they are.
 */
export function offsetZeros(robot: Robot, offset_rad: readonly number[]): Robot {
  const { model } = robot;
  if (offset_rad.every((offset) => offset === 0)) return robot;
  const { nb, coordinate, joint_type, multiplier, axis } = model;
  const tree_R = Float64Array.from(model.tree_R);
  const turn = new Float64Array(9);
  for (let b = 0; b < nb; b++) {
    const offset = offset_rad[coordinate[b]] ?? 0;
    if (joint_type[b] !== 0 || offset === 0) continue;
    const angle = -offset * multiplier[b];
    rotationExp(angle * axis[3 * b], angle * axis[3 * b + 1], angle * axis[3 * b + 2], turn);
    multiplyMatrices(model.tree_R, 9 * b, turn, 0, tree_R, 9 * b);
  }
  return { ...robot, model: { ...model, tree_R } };
}
