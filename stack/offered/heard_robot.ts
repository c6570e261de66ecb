import {
  type Bus,
  type Detections,
  type JointState,
  POLICY_TARGETS,
  type SafetyState,
  type ServoStatusMessage,
  type Subscription,
  TOPICS,
  type Topic,
} from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';

/** Heard of later than this somebody is silent (ms). */
const SILENT_MS = 500;
/** Slower than this the arm rests, as measured and as it is sent (rad/s). */
const AT_REST_RAD_S = 0.01;
const SENT_AT_REST_RAD_S = 1e-6;
const SUBSCRIBER = 'policies';

export interface HeardRobotOptions {
  readonly bus: Bus;
  readonly robot: Robot;
  readonly now_ms: () => number;
  /** Source of /safety/external without which no policy moves the arm: whoever lets people stop it. */
  readonly watched_by: string;
  /** After every joint state, with the time since the last one (s). */
  readonly onJoints: (passed_s: number) => void;
}

/** What is heard of a robot on the bus that a policy has to know, newest first. */
export class HeardRobot {
  /** All coordinates as measured: rad, rad/s (m, m/s). */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  /** Where the arm's joints were sent last (rad), and how fast (rad/s). */
  readonly sent: Float64Array;
  readonly sent_velocity: Float64Array;
  /** On the hand, axes of the tool frame (N, Nm); NaN before it is told. */
  readonly wrench = new Float64Array(6).fill(Number.NaN);
  /** Of the newest joint state; −1 before the first. */
  stamp_ns = -1n;
  safety: SafetyState | null = null;
  servo: ServoStatusMessage | null = null;
  seen: Detections | null = null;
  /** Operators' jogs so far. */
  jogs = 0;
  private readonly options: HeardRobotOptions;
  private joints_ms = Number.NEGATIVE_INFINITY;
  private watched_ms = Number.NEGATIVE_INFINITY;
  private has_sent = false;
  private subscriptions: Subscription[] = [];

  constructor(options: HeardRobotOptions) {
    const { arm_joints, model } = options.robot;
    this.options = options;
    this.position = new Float64Array(model.nq);
    this.velocity = new Float64Array(model.nq);
    this.sent = new Float64Array(arm_joints);
    this.sent_velocity = new Float64Array(arm_joints);
  }

  start(): void {
    const { watched_by, now_ms } = this.options;
    this.hear(TOPICS.joint_states, (message) => this.takeJoints(message));
    this.hear(TOPICS.controller_state, ({ joint_names, reference }) => {
      this.has_sent = true;
      this.byName(joint_names, reference.position, this.sent);
      this.byName(joint_names, reference.velocity, this.sent_velocity);
    });
    this.hear(TOPICS.wrench, ({ force, torque }) => {
      this.wrench.set(force);
      this.wrench.set(torque, 3);
    });
    this.hear(TOPICS.safety_state, (state) => {
      this.safety = state;
    });
    this.hear(TOPICS.servo_status, (status) => {
      this.servo = status;
    });
    this.hear(TOPICS.detections, (seen) => {
      if (seen.request_id.startsWith('overview/')) this.seen = seen;
    });
    this.hear(TOPICS.operator_jog, ({ kind }) => {
      if (kind !== 'release') this.jogs++;
    });
    this.hear(TOPICS.external_inputs, ({ source }) => {
      if (source === watched_by) this.watched_ms = now_ms();
    });
  }

  stop(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }

  /** Whether joint states have stopped, or have yet to come. */
  get silent(): boolean {
    return this.options.now_ms() - this.joints_ms > SILENT_MS;
  }

  /** Why too little is heard for a policy to move the arm; empty while it is enough. */
  get lost(): string {
    const { now_ms, watched_by } = this.options;
    if (this.silent) return 'nothing is heard of the arm’s joints';
    if (!this.has_sent) return 'nothing is heard of where the arm is sent';
    return now_ms() - this.watched_ms > SILENT_MS ? `${watched_by}, by which people stop the arm, is silent` : '';
  }

  get atRest(): boolean {
    const { sent_velocity, velocity } = this;
    return (
      sent_velocity.every((v) => Math.abs(v) < SENT_AT_REST_RAD_S) &&
      sent_velocity.every((_, j) => Math.abs(velocity[j]) < AT_REST_RAD_S)
    );
  }

  /** Whether the controller has a policy's targets in force. */
  get takesTargets(): boolean {
    return this.servo?.detail === POLICY_TARGETS;
  }

  private takeJoints({ stamp_ns, names, position, velocity }: JointState): void {
    if (stamp_ns <= this.stamp_ns) {
      // Time has begun anew.
      this.stamp_ns = stamp_ns;
      return;
    }
    this.joints_ms = this.options.now_ms();
    this.byName(names, position, this.position);
    this.byName(names, velocity, this.velocity);
    const passed_s = this.stamp_ns < 0n ? 0 : Number(stamp_ns - this.stamp_ns) / 1e9;
    this.stamp_ns = stamp_ns;
    this.options.onJoints(passed_s);
  }

  private byName(names: readonly string[], values: Float64Array, out: Float64Array): void {
    const { joint_names } = this.options.robot.model;
    for (let k = 0; k < names.length; k++) {
      const at = joint_names.indexOf(names[k]);
      if (at >= 0 && at < out.length && Number.isFinite(values[k])) out[at] = values[k];
    }
  }

  private hear<T>(topic: Topic<T>, handler: (message: T) => void): void {
    this.subscriptions.push(this.options.bus.subscribe(topic, SUBSCRIBER, handler));
  }
}
