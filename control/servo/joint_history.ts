/** Positions of the arm in the last cycles: where it was when a picture was taken. */
export class JointHistory {
  private readonly joints: number;
  private readonly capacity: number;
  private readonly rows: Float64Array;
  private next = 0;
  private count = 0;

  /** @param capacity  cycles kept */
  constructor(joints: number, capacity: number) {
    this.joints = joints;
    this.capacity = capacity;
    this.rows = new Float64Array(joints * capacity);
  }

  clear(): void {
    this.count = 0;
  }

  push(q: Float64Array): void {
    const { joints, rows } = this;
    for (let i = 0; i < joints; i++) rows[this.next * joints + i] = q[i];
    this.next = this.next + 1 === this.capacity ? 0 : this.next + 1;
    if (this.count < this.capacity) this.count++;
  }

  /** Positions `cycles` (≥ 0, in between by interpolation) before the last into `out`; false if that is too long ago. */
  at(cycles: number, out: Float64Array): boolean {
    const { joints, capacity, rows } = this;
    const older = Math.ceil(cycles);
    if (!(older < this.count)) return false;
    const share = older - cycles;
    const old = (this.next - 1 - older + 2 * capacity) % capacity;
    const young = older === 0 ? old : (old + 1) % capacity;
    for (let i = 0; i < joints; i++) {
      const from = rows[old * joints + i];
      out[i] = from + share * (rows[young * joints + i] - from);
    }
    return true;
  }
}
