import { POLICY_TARGETS, type ServoStatusMessage } from '../../contracts/index.ts';
import type { CommandRequest, SafetyGate } from '../../safety/index.ts';
import type { RobotState } from '../driver.ts';
import type { CommandSource, ControlLoop } from '../loop.ts';
import { PolicyServo } from './policy_servo.ts';
import type { Servo } from './servo.ts';

/** What moves an arm as it is told now: a servo, or in its place the targets of a learned policy while they are in force. */
export class SteeredSource implements CommandSource {
  /** May be another one at rest. */
  servo: Servo;
  private readonly policy: PolicyServo;

  constructor(loop: ControlLoop, servo: Servo) {
    this.servo = servo;
    this.policy = new PolicyServo(loop);
  }

  /** InputError for what is too old. @param values  as `readTargets` writes them */
  setTargets(values: Float64Array, age_s: number): void {
    this.policy.set(values, age_s);
    this.servo.halt();
  }

  /** No targets are in force any more. */
  dropTargets(): void {
    this.policy.end();
  }

  /** Share of their speed that targets may have, null where none are in force. */
  get targets_share(): number | null {
    return this.policy.following ? this.policy.share : null;
  }

  get state(): ServoStatusMessage['state'] {
    const { policy, servo } = this;
    if (!policy.following) return servo.status.state;
    return policy.moves ? 'following' : 'halted';
  }

  get reason(): ServoStatusMessage['reason'] {
    const { policy, servo } = this;
    if (!policy.following) return servo.status.reason;
    return policy.moves ? 'none' : 'requested';
  }

  /** One line for a person. */
  describe(): string {
    return this.policy.following ? POLICY_TARGETS : this.servo.status.describe();
  }

  message(stamp_ns: bigint): ServoStatusMessage {
    const { state, reason, targets_share } = this;
    const share = targets_share ?? this.servo.status.share;
    return { stamp_ns, state, reason, share, detail: this.describe() };
  }

  update(motion_s: number, state: RobotState, gate: SafetyGate, request: CommandRequest): void {
    const { policy, servo } = this;
    // A person who steers goes first.
    if (servo.commanded) policy.end();
    const ended = policy.cycle();
    if (ended !== '') servo.status.report('halted', ended);
    if (policy.moves) {
      servo.standBy(motion_s, state);
      policy.source.update(motion_s, state, gate, request);
    } else servo.update(motion_s, state, gate, request);
  }
}
