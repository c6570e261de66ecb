import type { RobotModel } from './model.ts';

/** Tree joints on the way between two bodies; −1 is the root. */
export function jointsBetween(model: RobotModel, a: number, b: number): number {
  let x = a;
  let y = b;
  let joints = 0;
  while (x !== y) {
    if (x > y) x = model.parent[x];
    else y = model.parent[y];
    joints++;
  }
  return joints;
}
