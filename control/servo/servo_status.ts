import type { ServoReason, ServoState, ServoStatusMessage } from '../../contracts/index.ts';

/** What the servo does and why; written in every cycle without allocation. */
export class ServoStatus {
  state: ServoState = 'idle';
  reason: ServoReason = 'none';
  /** The pair that is near, or empty. */
  pair_a = '';
  pair_b = '';
  /** The joint at its limit, −1 for none. */
  joint = -1;
  /** Share of the velocity asked for (0..1), distance of the pair (m), least singular value, age of the command (s). */
  readonly numbers = new Float64Array(4);
  private readonly joint_names: readonly string[];

  constructor(joint_names: readonly string[]) {
    this.joint_names = joint_names;
  }

  get share(): number {
    return this.numbers[SHARE];
  }

  get distance_m(): number {
    return this.numbers[DISTANCE];
  }

  get singular_value(): number {
    return this.numbers[SINGULAR];
  }

  get age_s(): number {
    return this.numbers[AGE];
  }

  report(state: ServoState, reason: ServoReason): void {
    this.state = state;
    this.reason = reason;
  }

  /** One line for a person. */
  describe(): string {
    switch (this.reason) {
      case 'none':
        return '';
      case 'collision':
        return `${this.pair_a} is ${(1000 * this.distance_m).toFixed(1)} mm from ${this.pair_b}`;
      case 'singularity':
        return `near a singularity: the arm moves by ${this.singular_value.toFixed(4)} of its joints in the worst direction`;
      case 'joint_limit':
        return `${this.joint_names[this.joint] ?? ''} is at its limit`;
      case 'velocity_limit':
        return 'faster than joints or tool may move';
      case 'stale':
        return `no command for ${this.age_s.toFixed(3)} s`;
      case 'gate':
        return 'the safety gate allows no motion; command anew after its reset';
      case 'held':
        return 'something holds the arm back';
      case 'requested':
        return 'halted on request';
    }
  }

  message(stamp_ns: bigint): ServoStatusMessage {
    return { stamp_ns, state: this.state, reason: this.reason, share: this.share, detail: this.describe() };
  }
}

export const SHARE = 0;
export const DISTANCE = 1;
export const SINGULAR = 2;
export const AGE = 3;
