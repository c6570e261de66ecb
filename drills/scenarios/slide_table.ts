import type { PhysicsEngine, SceneModel } from '../../sim/index.ts';

/** What the table takes along: what is not in the air, m above its top. */
const RESTING_GAP_M = 0.005;

/** Slides what stands on the table, as the table does: every step a little way, at the table's speed. */
export class TableSlide {
  private readonly engine: PhysicsEngine;
  private readonly velocity: readonly [number, number];
  private readonly half_m: readonly number[];
  private readonly state = new Float64Array(13);

  /** @param velocity  of the table (m/s), along x and y of the world */
  constructor(engine: PhysicsEngine, scene: SceneModel, velocity: readonly [number, number]) {
    this.engine = engine;
    this.velocity = velocity;
    // Objects of the task stand upright at first.
    this.half_m = scene.objects.map(({ pose }) => pose.position[2]);
  }

  step(): void {
    const { engine, velocity, state, half_m } = this;
    for (let i = 0; i < half_m.length; i++) {
      engine.objectState(i, state, 0);
      if (engine.handTouches(i) || state[2] - half_m[i] > RESTING_GAP_M) continue;
      for (let k = 0; k < 2; k++) state[k] += velocity[k] * engine.dt_s;
      engine.setObjectState(i, state);
    }
  }
}
