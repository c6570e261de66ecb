import { COLOURS, type Colour, type Detection, type ObjectClass, type Rng } from '../../contracts/index.ts';

/** One thing on the table of a made-up sequence. */
export interface WatchedThing {
  readonly class: ObjectClass;
  readonly colour: Colour;
  /** Centre, m. */
  readonly position: [number, number, number];
  /** Lasting error of each camera about it, m. */
  readonly lasting: Readonly<Record<string, readonly number[]>>;
}

export interface TableOptions {
  readonly things: number;
  /** Of a thing that is in view: to be missed, and how many false detections a picture has. */
  readonly missed: number;
  readonly spurious: number;
  /** Radius of the round patch that the arm hides (m), and its speed across the table (m/s). */
  readonly arm_radius_m: number;
  readonly arm_speed_mps: number;
}

export const TABLE: TableOptions = { things: 8, missed: 0.03, spurious: 0.1, arm_radius_m: 0.07, arm_speed_mps: 0.3 };

const SIGMA_M = 0.002;
const LASTING = 0.9;

/** Things that stand at least 60 mm apart, and an arm that passes over them: what cameras detect, picture by picture. */
export class WatchedTable {
  readonly things: WatchedThing[] = [];
  private readonly options: TableOptions;
  private readonly rng: Rng;
  private readonly passes_y: number;

  constructor(rng: Rng, options: Partial<TableOptions> = {}) {
    this.rng = rng;
    this.options = { ...TABLE, ...options };
    this.passes_y = rng.range(-0.15, 0.15);
    while (this.things.length < this.options.things) {
      const position: [number, number, number] = [rng.range(0.35, 0.65), rng.range(-0.25, 0.25), 0.02];
      if (
        this.things.some((other) => Math.hypot(other.position[0] - position[0], other.position[1] - position[1]) < 0.06)
      )
        continue;
      const scale = SIGMA_M * Math.sqrt(LASTING);
      const error = () => [rng.normal(), rng.normal(), rng.normal()].map((value) => scale * value);
      this.things.push({
        ...{ class: rng.uniform() < 0.5 ? 'box' : 'cylinder', colour: COLOURS[rng.int(COLOURS.length)], position },
        lasting: { overview: error(), wrist: error() },
      });
    }
  }

  /** Whether the arm is over a place at a time, s. */
  hides([x, y]: readonly number[], time_s: number): boolean {
    const { arm_radius_m, arm_speed_mps } = this.options;
    return Math.hypot(x - (0.2 + arm_speed_mps * time_s), y - this.passes_y) < arm_radius_m;
  }

  /** Detections of one picture; the `id` of each is its thing's index, or −1 for a false one. */
  look(camera: string, time_s: number): { detection: Detection; thing: number }[] {
    const { rng, options } = this;
    const seen = this.things.flatMap((thing, k) => {
      if (this.hides(thing.position, time_s) || rng.uniform() < options.missed) return [];
      const fresh = SIGMA_M * Math.sqrt(1 - LASTING);
      const place = thing.position.map((value, i) => value + thing.lasting[camera][i] + fresh * rng.normal());
      return [{ detection: detectionAt(place, thing.class, thing.colour, rng.range(0.9, 1)), thing: k }];
    });
    if (rng.uniform() < options.spurious) {
      const place = [rng.range(0.3, 0.7), rng.range(-0.3, 0.3), 0.02];
      const kind = rng.uniform() < 0.5 ? 'box' : 'cylinder';
      seen.push({
        detection: detectionAt(place, kind, COLOURS[rng.int(COLOURS.length)], rng.range(0.1, 0.8)),
        thing: -1,
      });
    }
    return seen;
  }
}

export function detectionAt(place: readonly number[], kind: ObjectClass, colour: Colour, score: number): Detection {
  const [x, y, z] = place;
  return {
    ...{ id: 0, class: kind, colour, score, image_box: [0, 0, 10, 10], pixels: 100 },
    pose: { position: [x, y, z], orientation: [0, 0, 0, 1] },
    shape:
      kind === 'box' ? { type: 'box', size: [0.04, 0.04, 0.04] } : { type: 'cylinder', radius: 0.02, length: 0.04 },
    covariance: Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? SIGMA_M ** 2 : 0)),
  };
}
