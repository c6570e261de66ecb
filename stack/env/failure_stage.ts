import type { EpisodeStage } from '../../contracts/index.ts';
import type { PhysicsEngine } from '../../sim/index.ts';

/** Raised this far over where it stood an object is off the ground; carried when it is this far aside (m). */
const LIFTED_M = 0.005;
const CARRIED_M = 0.02;
/** Slower than this an object that is not touched stands (m/s), and fingers do not open (m/s). */
const STANDING_M_S = 0.01;
const OPENING_M_S = 0.005;

const STAGES = ['approach', 'grasp', 'lift', 'transfer', 'place'] as const satisfies readonly EpisodeStage[];
const [APPROACH, GRASP, LIFT, TRANSFER, PLACE] = STAGES.keys();

type Watched = Pick<PhysicsEngine, 'object_count' | 'objectState' | 'handTouches'>;

/**
 * How far the handling of every object has come, by the same rules for all tasks: nobody has touched it since it last stood
 * still (approach); the hand touches it (grasp), has raised it (lift), has carried it aside (transfer), opens the fingers
 * around it or has let go of it after that (place). Nothing is allocated.
 */
export class HandlingStages {
  private readonly engine: Watched;
  private readonly stage: Uint8Array;
  /** Where every object last stood without the hand: x, y, z (m). */
  private readonly stood: Float64Array;
  private readonly state = new Float64Array(13);

  constructor(engine: Watched) {
    this.engine = engine;
    this.stage = new Uint8Array(engine.object_count);
    this.stood = new Float64Array(3 * engine.object_count);
    for (let i = 0; i < engine.object_count; i++) {
      engine.objectState(i, this.state, 0);
      this.stood.set(this.state.subarray(0, 3), 3 * i);
    }
  }

  /** After every step. `opening_m_s`: speed at which the fingers part. */
  update(opening_m_s: number): void {
    const { engine, state } = this;
    for (let i = 0; i < engine.object_count; i++) {
      engine.objectState(i, state, 0);
      if (engine.handTouches(i)) this.touched(i, opening_m_s);
      else this.untouched(i);
    }
  }

  /** The stage in which something that happens to object i now happens to it. */
  stageOf(i: number): (typeof STAGES)[number] {
    return STAGES[this.stage[i]];
  }

  /** The stage of the object whose handling has come farthest. */
  get furthest(): (typeof STAGES)[number] {
    return STAGES[this.stage.reduce((most, stage) => Math.max(most, stage), APPROACH)];
  }

  private touched(i: number, opening_m_s: number): void {
    const { state, stood, stage } = this;
    const raised = state[2] - stood[3 * i + 2] > LIFTED_M;
    const dx = state[0] - stood[3 * i];
    const dy = state[1] - stood[3 * i + 1];
    const aside = dx * dx + dy * dy > CARRIED_M * CARRIED_M;
    let now = Math.max(stage[i], GRASP);
    if (now === GRASP && raised) now = LIFT;
    if (now === LIFT && aside) now = TRANSFER;
    if (now === TRANSFER && opening_m_s > OPENING_M_S) now = PLACE;
    stage[i] = now;
  }

  private untouched(i: number): void {
    const { state, stood, stage } = this;
    const square = state[7] * state[7] + state[8] * state[8] + state[9] * state[9];
    if (!(square < STANDING_M_S * STANDING_M_S)) return;
    stage[i] = APPROACH;
    for (let k = 0; k < 3; k++) stood[3 * i + k] = state[k];
  }
}
