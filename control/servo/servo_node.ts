import {
  InputError,
  type JointJog,
  type JointState,
  type Node,
  type NodeContext,
  type OperatorJog,
  type PoseStamped,
  TOPICS,
  type TwistStamped,
  type Vector3,
} from '../../contracts/index.ts';
import { Complaints } from './complaints.ts';
import { type OperatorDrop, OperatorInput } from './operator_input.ts';
import { readTargets, TARGET_EXTRAS } from './policy_targets.ts';
import type { ServoArm } from './servo_arm.ts';

/** Stamps may be this far ahead of the clock: those of another machine (s). */
const AHEAD_S = 0.01;
const NS_PER_S = 1e9;

/**
 * A servo on the bus: /servo/delta_twist_cmds, /servo/delta_joint_cmds and /servo/pose_target_cmds (in the root frame, or
 * as a camera saw it) move the arm while no trajectory is followed; /servo/status is published when state or reason change,
 * and by `publishStatus`. Commands that are out of order, from the future or in an unknown frame are refused and counted;
 * an empty frame is the root link. /servo/operator_jog is obeyed as `OperatorInput` allows, and goes before the others: they
 * are refused while an operator commands. What is dropped of it is counted, and told once in the log and in the status.
 * /policy/joint_targets are taken where the arm takes them, by the rules of the others.
 */
export class ServoNode implements Node {
  readonly name = 'servo';
  /** Commands refused since the start. */
  refused = 0;
  private readonly arm: ServoArm;
  private context: NodeContext | null = null;
  private undo: (() => void)[] = [];
  private last_stamp_ns = -1n;
  private last_targets_ns = -1n;
  private seen_state = '';
  private seen_reason = '';
  private seen_share: number | null = null;
  private readonly complaints = new Complaints();
  private readonly operator = new OperatorInput();
  private readonly twist = new Float64Array(6);
  private readonly joints: Float64Array;
  private readonly targets: Float64Array;

  constructor(arm: ServoArm) {
    this.arm = arm;
    this.joints = new Float64Array(arm.robot.arm_joints);
    this.targets = new Float64Array(arm.robot.arm_joints + TARGET_EXTRAS);
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    const { bus } = this.require();
    this.arm.attach();
    const subscriptions = [
      bus.subscribe(TOPICS.servo_twist, this.name, (message) => this.takeTwist(message)),
      bus.subscribe(TOPICS.servo_jog, this.name, (message) => this.takeJog(message)),
      bus.subscribe(TOPICS.servo_pose, this.name, (message) => this.takePose(message)),
      bus.subscribe(TOPICS.operator_jog, this.name, (message) => this.takeOperator(message)),
    ];
    if (this.arm.setTargets !== undefined)
      subscriptions.push(bus.subscribe(TOPICS.policy_targets, this.name, (message) => this.takeTargets(message)));
    this.undo = subscriptions.map((subscription) => () => subscription.unsubscribe());
  }

  deactivate(): void {
    for (const undo of this.undo) undo();
    this.undo = [];
    this.arm.commands.halt();
  }

  async cleanup(): Promise<void> {
    this.arm.detach();
    this.context = null;
  }

  /** After every tick of the loop, or as often as the status is looked at; three comparisons unless it has changed. */
  afterTick(): void {
    const { state, reason } = this.arm.status;
    const { targets_share = null } = this.arm;
    if (state === this.seen_state && reason === this.seen_reason && targets_share === this.seen_share) return;
    this.seen_share = targets_share;
    this.seen_state = state;
    this.seen_reason = reason;
    this.publishStatus();
  }

  publishStatus(): void {
    const { bus, clock } = this.require();
    const message = this.arm.status.message(clock.now_ns());
    const detail = [message.detail, this.complaints.text].filter((text) => text !== '').join('; ');
    bus.publish(TOPICS.servo_status, { ...message, detail });
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    return this.operator.told();
  }

  private takeTwist({ stamp_ns, frame_id, linear, angular }: TwistStamped): void {
    this.take(stamp_ns, (age_s) => this.commandTwist(frame_id, linear, angular, age_s));
  }

  private takeJog({ stamp_ns, names, velocity }: JointJog): void {
    this.take(stamp_ns, (age_s) => this.commandJoints(names, velocity, age_s));
  }

  private takeOperator(jog: OperatorJog): void {
    const now_ns = this.require().clock.now_ns();
    const verdict = this.operator.judge(jog, now_ns);
    if (!verdict.obey) {
      if (verdict.drop === 'handover') this.arm.commands.halt();
      this.dropOperator(verdict.drop, verdict.why);
      return;
    }
    if (jog.kind !== 'release' && this.arm.busy) {
      this.dropOperator('busy', 'a trajectory is being followed');
      return;
    }
    const error = inputErrorOf(() => this.obeyOperator(jog, verdict.age_s));
    if (error !== null) {
      this.dropOperator('invalid', error.message);
      return;
    }
    this.operator.obeyed(now_ns, jog.kind !== 'release');
    if (this.complaints.end(now_ns)) this.publishStatus();
  }

  private obeyOperator(jog: OperatorJog, age_s: number): void {
    switch (jog.kind) {
      case 'twist':
        this.commandTwist(jog.frame_id, jog.linear, jog.angular, age_s);
        return;
      case 'joints':
        this.commandJoints(jog.joint_names, jog.joint_velocity, age_s);
        return;
      case 'release':
        this.arm.commands.halt();
        return;
    }
  }

  private commandTwist(frame_id: string, linear: Vector3, angular: Vector3, age_s: number): void {
    this.twist.set(linear);
    this.twist.set(angular, 3);
    this.arm.commands.setTwist(this.twist, this.frameOf(frame_id), age_s);
  }

  private commandJoints(names: readonly string[], velocity: Float64Array, age_s: number): void {
    this.joints.fill(0);
    for (const [i, name] of names.entries()) {
      const joint = this.arm.robot.model.joint_names.indexOf(name);
      if (joint < 0 || joint >= this.joints.length) throw new InputError(`joint ${name}`, 'is not of this arm');
      this.joints[joint] = velocity[i];
    }
    this.arm.commands.setJointVelocity(this.joints, age_s);
  }

  private takePose({ stamp_ns, frame_id, pose }: PoseStamped): void {
    this.take(stamp_ns, (age_s) => {
      const frame = this.frameOf(frame_id);
      if (frame === this.arm.robot.model.root_link) this.arm.commands.setPose(pose, age_s);
      else this.arm.commands.setCameraPose(frame, pose, age_s);
    });
  }

  private takeTargets(message: JointState): void {
    const { arm, targets } = this;
    const before_ns = this.last_targets_ns;
    this.check(message.stamp_ns, before_ns, (age_s) => {
      this.last_targets_ns = message.stamp_ns;
      readTargets(arm.robot, message, targets);
      arm.setTargets?.(targets, age_s);
    });
  }

  private take(stamp_ns: bigint, command: (age_s: number) => void): void {
    this.check(stamp_ns, this.last_stamp_ns, (age_s) => {
      this.last_stamp_ns = stamp_ns;
      command(age_s);
    });
  }

  private check(stamp_ns: bigint, last_ns: bigint, command: (age_s: number) => void): void {
    const now_ns = this.require().clock.now_ns();
    const age_s = Number(now_ns - stamp_ns) / NS_PER_S;
    if (stamp_ns <= last_ns) this.refuse(`stamp ${stamp_ns} is not after the last one`);
    else if (age_s < -AHEAD_S) this.refuse(`stamp is ${(-age_s).toFixed(3)} s ahead of the clock`);
    else if (this.operator.inCommand(now_ns)) {
      this.refused++;
      this.complain('refused', 'an operator commands the arm; other commands are refused');
    } else if (this.arm.busy) this.refuse('a trajectory is being followed');
    else {
      const error = inputErrorOf(() => command(Math.max(0, age_s)));
      if (error !== null) this.refuse(error.message);
    }
  }

  private frameOf(frame_id: string): string {
    return frame_id === '' ? this.arm.robot.model.root_link : frame_id;
  }

  private dropOperator(reason: OperatorDrop, why: string): void {
    this.operator.drop(reason);
    this.complain(reason, `operator's command dropped: ${why}`);
  }

  private complain(kind: string, reason: string): void {
    const { clock, log } = this.require();
    if (!this.complaints.begins(kind, reason, clock.now_ns())) return;
    log.warn({ reason }, 'command refused');
    this.publishStatus();
  }

  private refuse(reason: string): void {
    this.refused++;
    this.require().log.warn({ reason }, 'command refused');
  }

  private require(): NodeContext {
    if (this.context === null) throw new Error('the servo node is not configured');
    return this.context;
  }
}

function inputErrorOf(command: () => void): InputError | null {
  try {
    command();
    return null;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
