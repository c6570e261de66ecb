import {
  type BodyTrack,
  type Node,
  type NodeContext,
  type Rng,
  secondsToStamp,
  stampToSeconds,
  TOPICS,
} from '../../contracts/index.ts';
import { PERSON, PERSON_FLOOR_M } from './person.ts';

export interface TrackerOptions {
  /** Of the arm's root link, in which it tells. */
  readonly frame_id: string;
  readonly rate_hz: number;
  /** From sensing to telling, s. */
  readonly delay_s: number;
  /** Tracks are wrong by at most this, m. */
  readonly error_m: number;
}

/** Where a person is and how fast they walk, along x and y (m, m/s). */
export interface Whereabouts {
  readonly at: readonly [number, number];
  readonly v: readonly [number, number];
}

/** A tracker of people in simulation: tells at its rate, late, and not quite right, where they are; nobody, too. */
export class SimulatedTracker implements Node {
  readonly name = 'tracker';
  private readonly options: TrackerOptions;
  private readonly rng: Rng;
  private readonly whereabouts: () => readonly Whereabouts[];
  private context: NodeContext | null = null;
  private cancel = (): void => {};

  /** @param whereabouts  the truth now: everybody there is, always in one order */
  constructor(options: TrackerOptions, rng: Rng, whereabouts: () => readonly Whereabouts[]) {
    this.options = options;
    this.rng = rng;
    this.whereabouts = whereabouts;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    this.sense();
  }

  deactivate(): void {
    this.cancel();
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  private sense(): void {
    const { context, options } = this;
    if (context === null) return;
    const { bus, clock } = context;
    const { frame_id, delay_s, rate_hz } = options;
    const stamp_ns = clock.now_ns();
    const bodies = this.whereabouts().map((person, i) => this.track(person, i + 1));
    clock.schedule(stamp_ns + secondsToStamp(delay_s), () => {
      bus.publish(TOPICS.bodies, { stamp_ns, frame_id, source: this.name, bodies });
    });
    this.cancel = clock.schedule(secondsToStamp(stampToSeconds(stamp_ns) + 1 / rate_hz), () => this.sense());
  }

  private track({ at: [x, y], v }: Whereabouts, id: number): BodyTrack {
    const { error_m } = this.options;
    const off_m = error_m * Math.sqrt(this.rng.uniform());
    const angle = this.rng.range(-Math.PI, Math.PI);
    const { radius_m, height_m } = PERSON;
    const position = [x + off_m * Math.cos(angle), y + off_m * Math.sin(angle), PERSON_FLOOR_M + height_m / 2] as const;
    return {
      ...{ id, kind: 'person', radius_m, length_m: height_m - 2 * radius_m },
      pose: { position, orientation: [0, 0, 0, 1] },
      velocity_m_per_s: [v[0], v[1], 0],
      position_error_m: error_m,
    };
  }
}
