import { matrixToQuaternion, multiplyMatrices, quaternionToMatrix } from '../../dynamics/index.ts';
import type { ContactPoint, PhysicsEngine } from '../engine.ts';

/** A world whose objects are told where a misplaced camera sees them; all else is as it is. For who is told the state. */
export class ToldEngine implements PhysicsEngine {
  readonly name: string;
  readonly dt_s: number;
  readonly q: Float64Array;
  readonly v: Float64Array;
  readonly tau: Float64Array;
  readonly implicit_damping: Float64Array;
  readonly implicit_stiffness: Float64Array;
  readonly object_count: number;
  readonly body_names: readonly string[];
  private readonly engine: PhysicsEngine;
  /** T_world_told: rotation row-major 9, position 3. */
  private readonly T: Float64Array;
  private readonly rotation = new Float64Array(9);
  private readonly point = new Float64Array(3);

  constructor(engine: PhysicsEngine, T_world_told: Float64Array) {
    this.engine = engine;
    this.T = T_world_told;
    this.name = engine.name;
    this.dt_s = engine.dt_s;
    this.q = engine.q;
    this.v = engine.v;
    this.tau = engine.tau;
    this.implicit_damping = engine.implicit_damping;
    this.implicit_stiffness = engine.implicit_stiffness;
    this.object_count = engine.object_count;
    this.body_names = engine.body_names;
  }

  get steps(): number {
    return this.engine.steps;
  }
  get contact_count(): number {
    return this.engine.contact_count;
  }

  objectState(index: number, out: Float64Array, offset: number): void {
    const { T, rotation: R, point } = this;
    this.engine.objectState(index, out, offset);
    for (const at of [0, 7, 10]) {
      for (let k = 0; k < 3; k++) point[k] = out[offset + at + k];
      for (let k = 0; k < 3; k++) {
        const turned = T[3 * k] * point[0] + T[3 * k + 1] * point[1] + T[3 * k + 2] * point[2];
        out[offset + at + k] = at === 0 ? turned + T[9 + k] : turned;
      }
    }
    quaternionToMatrix(out, offset + 3, R);
    multiplyMatrices(T, 0, R, 0, R, 0);
    matrixToQuaternion(R, 0, out, offset + 3);
  }

  step(): void {
    this.engine.step();
  }
  bodyPose(body: number, out: Float64Array): void {
    this.engine.bodyPose(body, out);
  }
  handWrench(out: Float64Array): void {
    this.engine.handWrench(out);
  }
  contact(k: number, out: ContactPoint): void {
    this.engine.contact(k, out);
  }
  handTouches(object: number): boolean {
    return this.engine.handTouches(object);
  }
  assertFinite(): void {
    this.engine.assertFinite();
  }
  setRobotState(q: Float64Array, v: Float64Array): void {
    this.engine.setRobotState(q, v);
  }
  setObjectState(index: number, state: ArrayLike<number>, offset?: number): void {
    this.engine.setObjectState(index, state, offset);
  }
  pushObject(index: number, wrench: ArrayLike<number>): void {
    this.engine.pushObject(index, wrench);
  }
  pushBody(body: number, wrench: ArrayLike<number>): void {
    this.engine.pushBody(body, wrench);
  }
  slickenHand(share: number): void {
    this.engine.slickenHand(share);
  }
  saveState(): Float64Array {
    return this.engine.saveState();
  }
  loadState(state: Float64Array): void {
    this.engine.loadState(state);
  }
}
