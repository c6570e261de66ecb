import type { Robot } from '../../robots/index.ts';
import { Pusher, type SceneModel } from '../../sim/index.ts';
import type { SimCell } from '../../stack/index.ts';
import type { Disturbance } from './scenario.ts';

/** What a disturbance may lay hands on. */
export interface DisturbedCell {
  readonly robot: Robot;
  readonly scene: SceneModel;
  readonly cell: SimCell;
  /** Index of the object that the goal names. */
  readonly object: number;
}

/** A disturbance under way. */
export interface Active {
  /** Before a step of the physics. */
  apply(): void;
  /** After the last. */
  end(): void;
}

/** Begins a disturbance now. */
export function begin(disturbance: Disturbance, { robot, cell, object }: DisturbedCell): Active {
  const { engine, time_s } = cell;
  switch (disturbance.kind) {
    case 'push': {
      const { on, force_N, for_s } = disturbance;
      const push = { time_s, push_duration_s: for_s, on: on === 'hand' ? on : object, force_N };
      const pusher = new Pusher(robot, engine, [push]);
      return { apply: () => pusher.push(cell.time_s), end: () => {} };
    }
  }
}
