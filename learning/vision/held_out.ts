import type { Robot } from '../../robots/index.ts';
import { type CamerasOfSet, type SetPicture, WorldSet } from './world_set.ts';

export type HeldOutPicture = SetPicture;
export type HeldOutTask = SetPicture['task'];

/** Worlds that no training draws from: hardest randomisation, kinds of objects of the test set. */
export class HeldOutSet extends WorldSet {
  constructor(robot: Robot, seed: number, cameras: CamerasOfSet = {}) {
    super(robot, seed, { ...cameras, name: 'held-out', object_set: 'test' });
  }
}
