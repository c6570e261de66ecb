import { InputError } from '../contracts/index.ts';
import { type ControlLoop, type Servo, SteeredSource, servoWithin } from '../control/index.ts';
import type { Envelope, OperatingMode } from '../safety/index.ts';
import { MailboxReader, MailboxWriter } from './mailbox.ts';
import {
  readOrder,
  SERVO_STATUS_BYTES,
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
export class ServoInbox {
  private readonly source: SteeredSource;
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
  private told_share: number | null = null;

  constructor(loop: ControlLoop, memory: ServoMemory) {
    const { gate, robot } = loop;
    this.loop = loop;
    this.commands = new MailboxReader(memory.servo_commands, servoCommandBytes(robot.arm_joints));
    this.statuses = new MailboxWriter(memory.servo_status, SERVO_STATUS_BYTES);
    this.tell_cycles = Math.ceil(TELL_S * gate.hz);
    this.envelope = gate.envelope;
    this.mode = gate.selectedMode;
    this.source = new SteeredSource(loop, this.limited());
    loop.source = this.source;
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
      this.source.servo = this.limited();
    }
    if (this.commands.take()) this.takeOrder(now_s, ready);
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
    const { refused, refusal } = this;
    const { state, reason, targets_share } = this.source;
    const same = state === this.told_state && reason === this.told_reason && refused === this.told_refused;
    if (same && targets_share === this.told_share) return;
    this.told_state = state;
    this.told_reason = reason;
    this.told_refused = refused;
    this.told_share = targets_share;
    const { share, detail } = this.source.message(0n);
    writeAccount(this.statuses.slot, { state, reason, share, detail, refused, refusal });
    this.statuses.send();
  }

  /** A trajectory goes first. */
  giveWay(): void {
    const { servo } = this.source;
    if (servo.commanded) servo.halt();
    this.source.dropTargets();
  }

  private obey({ kind, frame, values }: ServoOrder, age_s: number, ready: boolean): void {
    const { servo } = this.source;
    if (kind === 'halt') {
      servo.halt();
      return;
    }
    if (!ready) throw new InputError('servo command', 'the arm does not follow commands; reset it first');
    if (this.loop.follower.active) throw new InputError('servo command', 'a trajectory is being followed');
    switch (kind) {
      case 'targets':
        this.source.setTargets(values, age_s);
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

function poseOf([x, y, z, qx, qy, qz, qw]: Float64Array) {
  return { position: [x, y, z], orientation: [qx, qy, qz, qw] } as const;
}
