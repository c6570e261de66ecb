import { z } from 'zod';

/** `idle`: nothing is asked for; `following`; `slowed`: less than was asked for; `halted`: at rest or on the way there. */
export const SERVO_STATES = ['idle', 'following', 'slowed', 'halted'] as const;
export type ServoState = (typeof SERVO_STATES)[number];

/** What slows or halts. `gate`: the safety gate allows no motion or sent something else; `held`: something holds the arm. */
export const SERVO_REASONS = [
  'none',
  'collision',
  'singularity',
  'joint_limit',
  'velocity_limit',
  'stale',
  'gate',
  'held',
  'requested',
] as const;
export type ServoReason = (typeof SERVO_REASONS)[number];

/** What the servo does and why, as it goes over a boundary. */
export const servoStatusSchema = z.object({
  state: z.enum(SERVO_STATES),
  reason: z.enum(SERVO_REASONS),
  /** Of the velocity asked for, 0..1. */
  share: z.number(),
  detail: z.string(),
});
export type ServoStatusMessage = z.infer<typeof servoStatusSchema>;

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

  message(): ServoStatusMessage {
    return { state: this.state, reason: this.reason, share: this.share, detail: this.describe() };
  }
}

export const SHARE = 0;
export const DISTANCE = 1;
export const SINGULAR = 2;
export const AGE = 3;
