import type { RobotData } from '../../dynamics/index.ts';

/** Forces from outside on the robot's bodies for one step: as joint torques, and as what a sensor at the wrist feels. */
export class Pushes {
  private readonly data: RobotData;
  private readonly tool: Float64Array;
  private readonly is_hand: Uint8Array;
  /** Generalised force in the next step, nq, and the actuators' force without it, kept while the step is done. */
  private readonly pushed: Float64Array;
  private readonly actuated: Float64Array;
  /** On the hand's bodies as wrenches about the tool frame: of the next step, and of the last. */
  private readonly next = new Float64Array(6);
  private readonly felt = new Float64Array(6);
  private active = false;

  /**
   * @param tool  pose of the tool frame, 12
   * @param is_hand  per robot body, 1 for the hand and the fingers
   */
  constructor(data: RobotData, tool: Float64Array, is_hand: Uint8Array) {
    this.data = data;
    this.tool = tool;
    this.is_hand = is_hand;
    this.pushed = new Float64Array(data.model.nq);
    this.actuated = new Float64Array(data.model.nq);
  }

  /** Everything that following steps depend on; call `restored` after writing it. */
  get memory(): readonly Float64Array[] {
    return [this.pushed, this.next, this.felt];
  }

  restored(): void {
    this.active = this.pushed.some((x) => x !== 0) || this.next.some((x) => x !== 0);
  }

  /** Adds force (N) and torque about the body frame's origin (Nm), world axes, on a body. */
  add(body: number, wrench: ArrayLike<number>): void {
    const { pushed, tool, next: w } = this;
    const { S, p, model } = this.data;
    const x = p[3 * body];
    const y = p[3 * body + 1];
    const z = p[3 * body + 2];
    const fx = wrench[0];
    const fy = wrench[1];
    const fz = wrench[2];
    // About the root's origin, as the axes in S are.
    const mx = wrench[3] + y * fz - z * fy;
    const my = wrench[4] + z * fx - x * fz;
    const mz = wrench[5] + x * fy - y * fx;
    for (let b = body; b >= 0; b = model.parent[b]) {
      const k = 6 * b;
      pushed[model.coordinate[b]] +=
        mx * S[k] + my * S[k + 1] + mz * S[k + 2] + fx * S[k + 3] + fy * S[k + 4] + fz * S[k + 5];
    }
    this.active = true;
    if (this.is_hand[body] === 0) return;
    w[0] += fx;
    w[1] += fy;
    w[2] += fz;
    w[3] += mx - tool[10] * fz + tool[11] * fy;
    w[4] += my - tool[11] * fx + tool[9] * fz;
    w[5] += mz - tool[9] * fy + tool[10] * fx;
  }

  /** Adds the pushes to the actuators' forces, before a step. */
  begin(tau: Float64Array): void {
    if (!this.active) return;
    this.actuated.set(tau);
    for (let i = 0; i < tau.length; i++) tau[i] += this.pushed[i];
  }

  /** Takes them back, after it. */
  end(tau: Float64Array): void {
    for (let k = 0; k < 6; k++) this.felt[k] = this.next[k];
    if (!this.active) return;
    tau.set(this.actuated);
    this.pushed.fill(0);
    this.next.fill(0);
    this.active = false;
  }

  /** Adds what the hand felt of them in the last step to `out` (6). */
  addFelt(out: Float64Array): void {
    for (let k = 0; k < 6; k++) out[k] += this.felt[k];
  }
}
