import { InputError } from '../contracts/index.ts';
import {
  type CommandSource,
  type ControlLoop,
  PolicyServo,
  type RobotState,
  type Servo,
  servoWithin,
} from '../control/index.ts';
import type { CommandRequest, Envelope, OperatingMode, SafetyGate } from '../safety/index.ts';
import { MailboxReader, MailboxWriter } from './mailbox.ts';
import {
  readOrder,
  SERVO_STATUS_BYTES,
  type ServoAccount,
  type ServoMemory,
  type ServoOrder,
  servoCommandBytes,
  writeAccount,
} from './servo_channel.ts';

/** Status is told so often at most (s). */
const TELL_S = 0.02;

/**
 * The control thread's side of a servo that is commanded from another thread: the newest command that has come moves the
 * arm where no trajectory does, until it is stale. The servo keeps the limits of the gate's envelope and mode. What comes of a
 * learned policy moves the arm as a policy's own commands.
 */
export class ServoInbox implements CommandSource {
  private servo: Servo;
  private readonly policy: PolicyServo;
  private readonly loop: ControlLoop;
  private readonly commands: MailboxReader;
  private readonly statuses: MailboxWriter;
  private readonly tell_cycles: number;
  private envelope: Envelope;
  private mode: OperatingMode;
  private cycles = 0;
  private refused = 0;
  private refusal = '';
  private told_state = '';
  private told_reason = '';
  private told_refused = 0;
  private told_share = 0;

  constructor(loop: ControlLoop, memory: ServoMemory) {
    const { gate, robot } = loop;
    this.loop = loop;
    this.policy = new PolicyServo(loop);
    this.commands = new MailboxReader(memory.servo_commands, servoCommandBytes(robot.arm_joints));
    this.statuses = new MailboxWriter(memory.servo_status, SERVO_STATUS_BYTES);
    this.tell_cycles = Math.ceil(TELL_S * gate.hz);
    this.envelope = gate.envelope;
    this.mode = gate.selectedMode;
    this.servo = this.limited();
    loop.source = this;
  }

  /**
   * Before a cycle that begins at `now_s`: takes the newest command.
   * @param ready  whether the arm follows commands
   */
  take(now_s: number, ready: boolean): void {
    const { gate } = this.loop;
    // Both change at rest only.
    if (gate.envelope !== this.envelope || gate.selectedMode !== this.mode) {
      this.envelope = gate.envelope;
      this.mode = gate.selectedMode;
      this.servo = this.limited();
    }
    if (this.commands.take()) this.takeOrder(now_s, ready);
    if (this.policy.cycle()) this.servo.status.report('halted', 'stale');
  }

  update(motion_s: number, state: RobotState, gate: SafetyGate, request: CommandRequest): void {
    const { policy, servo } = this;
    if (policy.moves) {
      servo.standBy(motion_s, state);
      policy.source.update(motion_s, state, gate, request);
    } else servo.update(motion_s, state, gate, request);
  }

  private takeOrder(now_s: number, ready: boolean): void {
    const order = readOrder(this.commands.slot, this.loop.robot.arm_joints);
    try {
      this.obey(order, Math.max(0, now_s - order.made_s), ready);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.refused++;
      this.refusal = error.message;
    }
  }

  /** After a cycle. */
  tell(): void {
    if (++this.cycles % this.tell_cycles !== 0) return;
    const { refused, refusal, policy } = this;
    const { status } = this.servo;
    const { state, reason } = policy.following ? policyState(policy) : status;
    const share = policy.following ? policy.share : status.share;
    // The share of what a person steers changes all the time.
    const same = state === this.told_state && reason === this.told_reason && refused === this.told_refused;
    if (same && (!policy.following || share === this.told_share)) return;
    this.told_state = state;
    this.told_reason = reason;
    this.told_refused = refused;
    this.told_share = share;
    const detail = policy.following ? 'targets of a learned policy' : status.describe();
    writeAccount(this.statuses.slot, { state, reason, share, detail, refused, refusal });
    this.statuses.send();
  }

  /** A trajectory goes first. */
  giveWay(): void {
    if (this.servo.commanded) this.servo.halt();
    this.policy.end();
  }

  private obey({ kind, frame, values }: ServoOrder, age_s: number, ready: boolean): void {
    const { servo, policy } = this;
    if (kind !== 'targets') policy.end();
    if (kind === 'halt') {
      servo.halt();
      return;
    }
    if (!ready) throw new InputError('servo command', 'the arm does not follow commands; reset it first');
    if (this.loop.follower.active) throw new InputError('servo command', 'a trajectory is being followed');
    switch (kind) {
      case 'targets':
        servo.halt();
        policy.set(values, age_s);
        return;
      case 'twist':
        servo.setTwist(values, frame, age_s);
        return;
      case 'joint_velocity':
        servo.setJointVelocity(values, age_s);
        return;
      case 'pose':
        servo.setPose(poseOf(values), age_s);
        return;
      case 'camera_pose':
        servo.setCameraPose(frame, poseOf(values), age_s);
        return;
    }
  }

  /** A servo for the gate's present limits. */
  private limited(): Servo {
    const { loop, envelope, mode } = this;
    return servoWithin(loop.robot, loop.gate.hz, envelope, mode);
  }
}

/** What is told of a policy's targets that are in force. */
function policyState({ moves }: PolicyServo): Pick<ServoAccount, 'state' | 'reason'> {
  return moves ? { state: 'following', reason: 'none' } : { state: 'halted', reason: 'requested' };
}

function poseOf([x, y, z, qx, qy, qz, qw]: Float64Array) {
  return { position: [x, y, z], orientation: [qx, qy, qz, qw] } as const;
}
