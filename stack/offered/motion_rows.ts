import type { Demonstration } from '../../learning/index.ts';

/** What was seen and done at every step of a motion, up to a number of steps that is fixed. */
export class MotionRows {
  /** Steps so far. */
  length = 0;
  private readonly observation: number;
  private readonly action: number;
  private readonly observations: Float32Array;
  private readonly actions: Float32Array;
  private readonly followed: Uint8Array;

  constructor(sizes: { readonly observation: number; readonly action: number }, most: number) {
    this.observation = sizes.observation;
    this.action = sizes.action;
    this.observations = new Float32Array(most * sizes.observation);
    this.actions = new Float32Array(most * sizes.action);
    this.followed = new Uint8Array(most);
  }

  get full(): boolean {
    return this.length === this.followed.length;
  }

  /** @param followed  whether the action is to be learned from; nothing is noted where it is full */
  add(observation: Float32Array, action: Float32Array, followed: boolean): void {
    if (this.full) return;
    this.observations.set(observation, this.length * this.observation);
    this.actions.set(action, this.length * this.action);
    this.followed[this.length++] = followed ? 1 : 0;
  }

  /** Nothing before this step is to be learned from. */
  dropBefore(step: number): void {
    this.followed.fill(0, 0, step);
  }

  /** All steps so far, copied. */
  demonstration(success: boolean): Demonstration {
    const { length, observations, actions, followed } = this;
    return {
      ...{ length, success },
      observations: observations.slice(0, length * this.observation),
      actions: actions.slice(0, length * this.action),
      followed: followed.slice(0, length),
    };
  }
}
