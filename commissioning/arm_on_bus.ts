import {
  ACTIONS,
  type JointState,
  type JointTrajectory,
  type NodeContext,
  type Pose,
  type SafetyState,
  SERVICES,
  type Subscription,
  secondsToStamp,
  stampToSeconds,
  TOPICS,
  type TrajectoryResult,
} from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { StageFailed } from './stage.ts';
import type { Arrival } from './state_stream.ts';

/** One joint state as it came: rad, rad/s, Nm of the arm's joints in the order of the description; NaN for what was missing. */
export interface StateSample extends Arrival {
  readonly names: readonly string[];
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly effort: Float64Array;
}

export interface Move {
  readonly ended: Promise<TrajectoryResult>;
  cancel(): void;
}

const POLL_S = 0.01;
/** Motion has to be allowed for so long before it counts, s. */
const STEADY_S = 0.3;
/** Reasons of a stop that a machine too busy gives; what it does to the arm's side then follows from it. */
const LATENESS =
  /^(lease_lost|late_cycle|clock|stale_command|arm_silent|arm_braked|stop_requested_1)$|does not answer|is busy for/;

/** An arm as anyone on the bus sees it: its joint states, trajectories, and the safety supervisor's stop and reset. */
export class ArmOnBus {
  readonly robot: Robot;
  /** The newest, null before the first. */
  state: StateSample | null = null;
  safety: SafetyState | null = null;
  private readonly stops = new Set<string>();
  private readonly edges = new Map<string, Pose>();
  private readonly watchers = new Map<string, Set<(pose: Pose) => void>>();
  private readonly context: NodeContext;
  private readonly subscriptions: readonly Subscription[];
  private readonly listeners = new Set<(sample: StateSample) => void>();

  constructor(context: NodeContext, robot: Robot) {
    const { bus } = context;
    this.context = context;
    this.robot = robot;
    const name = 'commissioning';
    this.subscriptions = [
      bus.subscribe(TOPICS.joint_states, name, (message) => this.hear(message)),
      bus.subscribe(TOPICS.safety_state, name, (message) => {
        this.safety = message;
        if (!this.operating) for (const reason of message.reasons) this.stops.add(reason);
      }),
      bus.subscribe(TOPICS.tf, name, ({ transforms }) => {
        for (const { parent, child, pose } of transforms) this.hearEdge(`${parent} ${child}`, pose);
      }),
    ];
  }

  close(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
  }

  /** The context's time, s. */
  get now_s(): number {
    return stampToSeconds(this.context.clock.now_ns());
  }

  async sleep(seconds: number): Promise<void> {
    const { clock } = this.context;
    await new Promise<void>((resolve) => clock.schedule(clock.now_ns() + secondsToStamp(seconds), () => resolve()));
  }

  /** Whether `condition` came to hold in time. */
  async until(condition: () => boolean, within_s: number): Promise<boolean> {
    for (const end_s = this.now_s + within_s; !condition(); ) {
      if (this.now_s >= end_s) return false;
      await this.sleep(POLL_S);
    }
    return true;
  }

  /** Begins to keep every joint state; the function returned ends that and gives them. */
  record(): () => StateSample[] {
    const samples: StateSample[] = [];
    const listener = (sample: StateSample) => void samples.push(sample);
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      return samples;
    };
  }

  /** Joint states of the next seconds. */
  async listen(seconds: number): Promise<StateSample[]> {
    const end = this.record();
    await this.sleep(seconds);
    return end();
  }

  /** The newest T_parent_child on /tf, null before the first. */
  edge(parent: string, child: string): Pose | null {
    return this.edges.get(`${parent} ${child}`) ?? null;
  }

  /** Every T_parent_child on /tf from now on, until the function returned is called. */
  watch(parent: string, child: string, onPose: (pose: Pose) => void): () => void {
    const key = `${parent} ${child}`;
    const watchers = this.watchers.get(key) ?? new Set();
    this.watchers.set(key, watchers.add(onPose));
    return () => void watchers.delete(onPose);
  }

  move(label: string, trajectory: JointTrajectory): Move {
    let cancel = () => {};
    const ended = new Promise<TrajectoryResult>((resolve) => {
      const goal = { label, trajectory };
      const sent = this.context.bus.sendGoal(ACTIONS.follow_joint_trajectory, goal, {
        onResult: (_status, result) => resolve(result),
      });
      cancel = () => sent.cancel();
    });
    return { ended, cancel: () => cancel() };
  }

  /** Asks for a protective stop; resolves with the time at which it was asked for, s. */
  async stop(): Promise<number> {
    const at_s = this.now_s;
    await this.context.bus.call(SERVICES.safety_stop, {});
    return at_s;
  }

  /** Whether what stopped the arm since it was last ready was a machine that came late, and nothing else. */
  get stoppedByLateness(): boolean {
    return [...this.stops].every((reason) => LATENESS.test(reason));
  }

  /**
   * Resets what stops the arm, where something does, and waits until it may move and stays so. Throws StageFailed with the
   * supervisor's reason if that is not to be had.
   */
  async ready(within_s = 10): Promise<void> {
    if (!this.operating) await this.reset(within_s);
    this.stops.clear();
  }

  /** As `ready`, but asks for a reset in any case: the supervisor then reads again what it permits. */
  async reset(within_s = 10): Promise<void> {
    let why = 'no answer';
    for (const end_s = this.now_s + within_s; this.now_s < end_s; await this.sleep(0.1)) {
      const { success, message } = await this.context.bus.call(SERVICES.safety_reset, {});
      why = message;
      if (!success || !(await this.until(() => this.operating, 1))) continue;
      if (await this.until(() => !this.operating, STEADY_S)) continue;
      this.stops.clear();
      return;
    }
    throw new StageFailed(`the supervisor does not let the arm move: ${why}`, 'see what it waits for, and start again');
  }

  private get operating(): boolean {
    const mode = this.safety?.mode;
    return mode === 'automatic' || mode === 'reduced' || mode === 'guided';
  }

  private hearEdge(key: string, pose: Pose): void {
    this.edges.set(key, pose);
    for (const watcher of this.watchers.get(key) ?? []) watcher(pose);
  }

  private hear(message: JointState): void {
    const { robot } = this;
    const wanted = robot.model.joint_names.slice(0, robot.arm_joints);
    const pick = (values: Float64Array) =>
      Float64Array.from(wanted, (name) => values[message.names.indexOf(name)] ?? Number.NaN);
    const sample = {
      stamp_s: stampToSeconds(message.stamp_ns),
      arrived_s: this.now_s,
      names: message.names,
      position: pick(message.position),
      velocity: pick(message.velocity),
      effort: pick(message.effort),
    };
    this.state = sample;
    for (const listener of this.listeners) listener(sample);
  }
}
