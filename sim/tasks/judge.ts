import type { Container, TableRegion } from '../../contracts/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import type { SceneModel } from '../scene.ts';
import { halfExtentX, halfExtentY, halfHeight } from './footprint.ts';

/** What counts as resting, for every task. */
export const RESTING = {
  /** Largest gap or depth between a surface and the object's lowest point, m. */
  gap_m: 0.002,
  speed_m_s: 0.005,
  rate_rad_s: 0.05,
} as const;

/** Reads objects' states of one scene for a judge; every question is about the object loaded last. */
export class ObjectJudge {
  /** State of the object at hand, as the engine gives it. */
  readonly state = new Float64Array(13);
  private readonly scene: SceneModel;
  private index = 0;

  constructor(scene: SceneModel) {
    this.scene = scene;
  }

  load(engine: PhysicsEngine, index: number): this {
    this.index = index;
    engine.objectState(index, this.state, 0);
    return this;
  }

  /** Height of the object's lowest point above the table's top, m. */
  get gap_m(): number {
    const s = this.state;
    return s[2] - halfHeight(this.scene.objects[this.index].shape, s[3], s[4], s[5], s[6]);
  }

  get restsOnTable(): boolean {
    return Math.abs(this.gap_m) <= RESTING.gap_m;
  }

  get atRest(): boolean {
    const s = this.state;
    return Math.hypot(s[7], s[8], s[9]) <= RESTING.speed_m_s && Math.hypot(s[10], s[11], s[12]) <= RESTING.rate_rad_s;
  }

  /** Whether it is over the table and not below its top. */
  get onTable(): boolean {
    const { size, pose } = this.scene.table;
    const inside =
      Math.abs(this.state[0] - pose.position[0]) <= size[0] / 2 &&
      Math.abs(this.state[1] - pose.position[1]) <= size[1] / 2;
    return inside && this.gap_m > -RESTING.gap_m;
  }

  /** How far the object's outline reaches out of a rectangle at most, m; 0 when all of it is inside. */
  outside({ centre, size }: TableRegion): number {
    const s = this.state;
    const { shape } = this.scene.objects[this.index];
    const x = Math.abs(s[0] - centre[0]) + halfExtentX(shape, s[3], s[4], s[5], s[6]) - size[0] / 2;
    const y = Math.abs(s[1] - centre[1]) + halfExtentY(shape, s[3], s[4], s[5], s[6]) - size[1] / 2;
    // Not a number stays one: a state that is none is inside nothing.
    return x > 0 || y > 0 ? Math.hypot(Math.max(0, x), Math.max(0, y)) : x + y <= 0 ? 0 : Number.NaN;
  }

  /** Whether it lies inside the container's walls, on its floor or on what lies there. */
  within({ centre, inner }: Container): boolean {
    const s = this.state;
    const above = this.gap_m - centre[2];
    return (
      Math.abs(s[0] - centre[0]) <= inner[0] / 2 &&
      Math.abs(s[1] - centre[1]) <= inner[1] / 2 &&
      above >= -RESTING.gap_m &&
      above <= inner[2] + STACK_M
    );
  }
}

/** Objects may lie on others inside a container, their lowest point up to this far over its rim (m). */
const STACK_M = 0.05;

/** Grows from 0 to 1 as a distance (m) goes to 0; half at 55 mm. */
export function nearness(distance_m: number): number {
  return 1 - Math.tanh(10 * Math.max(0, distance_m));
}

/**
 * Dense reward of a task of one or several objects: what is done counts in full; else nearness to the destination, and to
 * the tool that is to take it, a little. Below 1 until the judge says success.
 * @param done  share of objects that are done
 * @param nearest  of the others: mean nearness to their destination, and the largest nearness to the tool
 */
export function shapedReward(success: boolean, done: number, to_destination: number, to_tool: number): number {
  if (success) return 1;
  return 0.9 * done + (1 - done) * (0.5 * to_destination + 0.2 * to_tool);
}
