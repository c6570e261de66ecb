import type { WorldPoses } from '../engine.ts';

const POSE = 12;
const STATE = 13;

/** Where the robot's bodies and the objects of a world were in its last steps, as cameras see them. Allocates nothing. */
export class PoseHistory implements WorldPoses {
  private readonly bodies: number;
  private readonly objects: number;
  private readonly slots: number;
  private readonly width: number;
  private readonly ring: Float64Array;
  private readonly pose = new Float64Array(POSE);
  private kept = 0;
  private newest = -1;
  private shown = 0;

  /** @param most_steps  how far back it goes */
  constructor(bodies: number, objects: number, most_steps: number) {
    this.bodies = bodies;
    this.objects = objects;
    this.slots = most_steps + 1;
    this.width = POSE * bodies + STATE * objects;
    this.ring = new Float64Array(this.slots * this.width);
  }

  /** Forgets what was; the world has been set anew. */
  clear(): void {
    this.kept = 0;
  }

  /** Takes up the world after a step. */
  record(world: WorldPoses): void {
    const { ring, pose, width } = this;
    this.newest = (this.newest + 1) % this.slots;
    this.kept = Math.min(this.slots, this.kept + 1);
    let at = this.newest * width;
    for (let b = 0; b < this.bodies; b++, at += POSE) {
      world.bodyPose(b, pose);
      ring.set(pose, at);
    }
    for (let i = 0; i < this.objects; i++, at += STATE) world.objectState(i, ring, at);
  }

  /** Shows the world of so many steps ago from now on, or the earliest that is kept. */
  lookBack(steps: number): this {
    const back = Math.min(steps, this.kept - 1);
    this.shown = ((this.newest - back + this.slots) % this.slots) * this.width;
    return this;
  }

  bodyPose(body: number, out: Float64Array): void {
    const at = this.shown + POSE * body;
    for (let k = 0; k < POSE; k++) out[k] = this.ring[at + k];
  }

  objectState(index: number, out: Float64Array, offset: number): void {
    const at = this.shown + POSE * this.bodies + STATE * index;
    for (let k = 0; k < STATE; k++) out[offset + k] = this.ring[at + k];
  }
}
