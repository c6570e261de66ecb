import type { Robot } from '../../robots/index.ts';
import { CAMERA_SPECS, Pusher, type SceneModel } from '../../sim/index.ts';
import type { SimCell } from '../../stack/index.ts';
import { FingerJam } from './finger_jam.ts';
import { PERSON_FLOOR_M, walk } from './person.ts';
import type { PolicyPilot } from './policy_pilot.ts';
import { Prop } from './prop.ts';
import type { Disturbance } from './scenario.ts';
import type { Whereabouts } from './simulated_tracker.ts';
import { TableSlide } from './slide_table.ts';

/** Size of the cloth's box, and how far its middle is before the lens, m. */
const CLOTH_M = 0.2;
const CLOTH_GAP_M = 0.18;

/** A dark cloth, bundled up. */
export function clothProp(): Prop {
  const shape = { type: 'box', size: [CLOTH_M, CLOTH_M, CLOTH_M] } as const;
  return new Prop([{ shape, position: [0, 0, 0], rgb: [0.08, 0.08, 0.1] }]);
}

/** A point so far before the camera over the table, frame world. */
function beforeLens(gap_m: number): [number, number, number] {
  const { mount: T } = CAMERA_SPECS.overview;
  if (typeof T === 'string') throw new Error('the camera over the table does not move');
  return [T[3] + gap_m * T[2], T[7] + gap_m * T[6], T[11] + gap_m * T[10]];
}

/** What a disturbance may lay hands on. */
export interface DisturbedCell {
  readonly robot: Robot;
  readonly scene: SceneModel;
  readonly cell: SimCell;
  /** What cameras see of a person and of a cloth before the lens. */
  readonly person: Prop;
  readonly cloth: Prop;
  /** Lets learned policies command the arm; null where none does. */
  readonly pilot: PolicyPilot | null;
  /** Told where the person is, null for nobody. */
  readonly tell: (whereabouts: Whereabouts | null) => void;
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
export function begin(disturbance: Disturbance, disturbed: DisturbedCell): Active {
  const { robot, cell, object, scene, person, cloth } = disturbed;
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
    case 'cover_camera':
      cloth.place(beforeLens(CLOTH_GAP_M));
      return { apply: () => {}, end: () => cloth.hide() };
    case 'person': {
      const apply = () => {
        const whereabouts = walk(disturbance.path, cell.time_s - time_s);
        person.place([...whereabouts.at, PERSON_FLOOR_M]);
        disturbed.tell(whereabouts);
      };
      const end = () => {
        person.hide();
        disturbed.tell(null);
      };
      return { apply, end };
    }
    case 'swap_policy':
      disturbed.pilot?.swap();
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
