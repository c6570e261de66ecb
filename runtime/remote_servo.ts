import { POLICY_TARGETS, type Pose } from '../contracts/index.ts';
import type { ServoArm, ServoCommands } from '../control/index.ts';
import type { Robot } from '../robots/index.ts';
import { MailboxReader, MailboxWriter } from './mailbox.ts';
import { MACHINE_CLOCK, type MonotonicClock } from './monotonic_clock.ts';
import {
  readAccount,
  SERVO_STATUS_BYTES,
  type ServoAccount,
  type ServoCommandName,
  type ServoMemory,
  servoCommandBytes,
  writeOrder,
} from './servo_channel.ts';

const NO_VALUES = new Float64Array(0);

/** The servo of the control thread, commanded from here; what it refuses is in `account` later. */
export class RemoteServo implements ServoArm, ServoCommands {
  readonly robot: Robot;
  /** The thread itself refuses what comes while it follows a trajectory. */
  readonly busy = false;
  /** As last told. */
  account: ServoAccount = { state: 'idle', reason: 'none', share: 0, detail: '', refused: 0, refusal: '' };
  private readonly orders: MailboxWriter;
  private readonly accounts: MailboxReader;
  private readonly clock: MonotonicClock;

  /** @param clock  the one that the control thread goes by */
  constructor(robot: Robot, memory: ServoMemory, clock: MonotonicClock = MACHINE_CLOCK) {
    this.robot = robot;
    this.clock = clock;
    this.orders = new MailboxWriter(memory.servo_commands, servoCommandBytes(robot.arm_joints));
    this.accounts = new MailboxReader(memory.servo_status, SERVO_STATUS_BYTES);
  }

  get commands(): ServoCommands {
    return this;
  }

  get status(): ServoArm['status'] {
    const { state, reason, share, detail } = this.account;
    return { state, reason, message: (stamp_ns) => ({ stamp_ns, state, reason, share, detail }) };
  }

  get targets_share(): number | null {
    return this.account.detail === POLICY_TARGETS ? this.account.share : null;
  }

  /** Takes the newest account. */
  read(): void {
    if (this.accounts.take()) this.account = readAccount(this.accounts.slot);
  }

  /** The control thread holds its servo from its start to its end. */
  attach(): void {}
  detach(): void {}

  setTwist(twist: ArrayLike<number>, frame = this.robot.model.root_link, age_s = 0): void {
    this.send('twist', Float64Array.from(twist), age_s, frame);
  }

  setJointVelocity(velocity: ArrayLike<number>, age_s = 0): void {
    this.send('joint_velocity', Float64Array.from(velocity), age_s);
  }

  setPose(T_base_tool: Pose, age_s = 0): void {
    this.send('pose', valuesOf(T_base_tool), age_s);
  }

  setCameraPose(frame: string, T_camera_tool: Pose, age_s: number): void {
    this.send('camera_pose', valuesOf(T_camera_tool), age_s, frame);
  }

  setTargets(values: Float64Array, age_s: number): void {
    this.send('targets', values, age_s);
  }

  halt(): void {
    this.send('halt', NO_VALUES, 0);
  }

  private send(kind: ServoCommandName, values: Float64Array, age_s: number, frame = ''): void {
    writeOrder(this.orders.slot, { kind, made_s: this.clock.now_s() - age_s, frame, values });
    this.orders.send();
  }
}

function valuesOf({ position, orientation }: Pose): Float64Array {
  return Float64Array.of(...position, ...orientation);
}
