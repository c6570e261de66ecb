import type { Robot } from '../../robots/index.ts';
import { Pusher, type SceneModel } from '../../sim/index.ts';
import type { SimCell } from '../../stack/index.ts';
import { FingerJam } from './finger_jam.ts';
import type { Disturbance } from './scenario.ts';
import { TableSlide } from './slide_table.ts';

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
export function begin(disturbance: Disturbance, { robot, cell, object, scene }: DisturbedCell): Active {
  const { engine, time_s } = cell;
  switch (disturbance.kind) {
    case 'push': {
      const { on, force_N, for_s } = disturbance;
      const push = { time_s, push_duration_s: for_s, on: on === 'hand' ? on : object, force_N };
      const pusher = new Pusher(robot, engine, [push]);
      return { apply: () => pusher.push(cell.time_s), end: () => {} };
    }
    case 'given':
      return { apply: () => {}, end: () => {} };
    case 'jam': {
      const jam = new FingerJam(engine, robot, disturbance.width_m);
      return { apply: () => jam.step(), end: () => {} };
    }
    case 'slide_table': {
      const { by_m, for_s } = disturbance;
      const slide = new TableSlide(engine, scene, [by_m[0] / for_s, by_m[1] / for_s]);
      return { apply: () => slide.step(), end: () => {} };
    }
  }
}
