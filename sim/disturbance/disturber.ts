import type { Robot } from '../../robots/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import type { Disturbance, DisturbanceEvent } from './record.ts';

/** An event that has come about, and when it began (s). */
export interface DisturbanceHappened {
  readonly kind: DisturbanceEvent['kind'];
  readonly time_s: number;
}

/** Brings about the events of a record, each once, as soon as the world is as it says. Allocates nothing in steps. */
export class Disturber {
  private readonly engine: PhysicsEngine;
  private readonly events: readonly DisturbanceEvent[];
  private readonly hand: number;
  private readonly tool: readonly number[];
  /** When each began, and since when it could have (s); NaN until then. */
  private readonly began: Float64Array;
  private readonly since: Float64Array;
  /** Height of each event's object at the start (m). */
  private readonly stood_m: Float64Array;
  private readonly pose = new Float64Array(12);
  private readonly state = new Float64Array(13);
  private readonly wrench = new Float64Array(6);

  constructor(robot: Robot, engine: PhysicsEngine, disturbance: Disturbance | undefined) {
    const frame = robot.model.frames.find(({ name }) => name === robot.tcp_frame);
    this.engine = engine;
    this.hand = frame?.body ?? -1;
    this.tool = frame?.p ?? [0, 0, 0];
    this.events = this.hand < 0 ? [] : (disturbance?.events ?? []);
    this.began = new Float64Array(this.events.length).fill(Number.NaN);
    this.since = this.began.slice();
    this.stood_m = Float64Array.from(this.events, ({ on }) => {
      engine.objectState(on, this.state, 0);
      return this.state[2];
    });
  }

  /** What has come about so far, in the order of the record. */
  get happened(): readonly DisturbanceHappened[] {
    return this.events.flatMap(({ kind }, k) => (Number.isNaN(this.began[k]) ? [] : [{ kind, time_s: this.began[k] }]));
  }

  /** Before a step that begins at `time_s`. */
  act(time_s: number): void {
    const { events, began } = this;
    for (let k = 0; k < events.length; k++) {
      if (Number.isNaN(began[k]) && this.isDue(k, time_s)) began[k] = time_s;
      if (time_s < began[k] + events[k].duration_s) this.disturb(events[k]);
    }
  }

  private isDue(k: number, time_s: number): boolean {
    const event = this.events[k];
    const { engine, state, since } = this;
    engine.objectState(event.on, state, 0);
    if (event.kind === 'push') return this.distance() < event.within_m;
    if (state[2] < this.stood_m[k] + event.above_m || !engine.handTouches(event.on)) return false;
    if (Number.isNaN(since[k])) since[k] = time_s;
    return time_s >= since[k] + event.wait_s;
  }

  private disturb(event: DisturbanceEvent): void {
    const { engine, wrench } = this;
    if (event.kind === 'slip') {
      engine.slickenHand(0);
      return;
    }
    for (let i = 0; i < 3; i++) wrench[i] = event.force_N[i];
    engine.pushObject(event.on, wrench);
  }

  /** From the tool frame's origin to the centre of the object in `state` (m). */
  private distance(): number {
    const { engine, hand, tool: p, pose: R, state } = this;
    engine.bodyPose(hand, R);
    const x = R[9] + R[0] * p[0] + R[1] * p[1] + R[2] * p[2];
    const y = R[10] + R[3] * p[0] + R[4] * p[1] + R[5] * p[2];
    const z = R[11] + R[6] * p[0] + R[7] * p[1] + R[8] * p[2];
    return Math.hypot(state[0] - x, state[1] - y, state[2] - z);
  }
}
