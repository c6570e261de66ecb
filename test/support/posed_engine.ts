import type { PhysicsEngine, SceneObject } from '../../sim/index.ts';

/** An engine for tests of what looks at a world: its state is what the test writes, and nothing moves by itself. */
export class PosedEngine implements PhysicsEngine {
  readonly name = 'posed';
  readonly dt_s = 0.002;
  steps = 0;
  readonly q: Float64Array;
  readonly v: Float64Array;
  readonly tau: Float64Array;
  readonly implicit_damping: Float64Array;
  readonly implicit_stiffness: Float64Array;
  readonly object_count: number;
  readonly body_names: readonly string[];
  readonly contact_count = 0;
  /** States of the objects, 13 each, as spawned at first. */
  readonly state: Float64Array;
  /** Object the hand touches, −1 for none. */
  touched = -1;
  /** Position of every robot body (m), and its turn about z (rad). */
  body = [0.4, 0.1, 0.5];
  yaw = 0;

  constructor(objects: readonly SceneObject[], nq = 1) {
    this.q = new Float64Array(nq);
    this.v = new Float64Array(nq);
    this.tau = new Float64Array(nq);
    this.implicit_damping = new Float64Array(nq);
    this.implicit_stiffness = new Float64Array(nq);
    this.object_count = objects.length;
    this.body_names = ['world', ...objects.map(({ name }) => name), 'body'];
    this.state = new Float64Array(13 * objects.length);
    objects.forEach(({ pose }, i) => {
      this.state.set([...pose.position, ...pose.orientation], 13 * i);
    });
  }

  objectState(index: number, out: Float64Array, offset: number): void {
    out.set(this.state.subarray(13 * index, 13 * index + 13), offset);
  }

  setObjectState(index: number, state: ArrayLike<number>, offset = 0): void {
    for (let k = 0; k < 13; k++) this.state[13 * index + k] = state[offset + k];
  }

  bodyPose(_body: number, out: Float64Array): void {
    const [c, s] = [Math.cos(this.yaw), Math.sin(this.yaw)];
    out.set([c, -s, 0, s, c, 0, 0, 0, 1, ...this.body]);
  }

  handTouches(object: number): boolean {
    return object === this.touched;
  }

  saveState(): Float64Array {
    return this.state.slice();
  }

  loadState(state: Float64Array): void {
    this.state.set(state);
  }

  contact(): void {
    throw new RangeError('nothing touches');
  }

  step(): void {}
  handWrench(): void {}
  pushObject(): void {}
  pushBody(): void {}
  slickenHand(): void {}
  assertFinite(): void {}
  setRobotState(): void {}
}
