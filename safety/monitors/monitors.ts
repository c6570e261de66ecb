import {
  type Bus,
  type Clock,
  type Detections,
  type JointState,
  type Subscription,
  stampToSeconds,
  TOPICS,
} from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { SeparationLimits } from '../separation/limits.ts';
import { BodiesLostMonitor, BodyPlausibilityMonitor } from './body_monitor.ts';
import { CameraFrozenMonitor } from './camera_frozen_monitor.ts';
import { ClockMonitor } from './clock_monitor.ts';
import { DegradationLadder, type LadderChange } from './degradation.ts';
import { DiskMonitor } from './disk_monitor.ts';
import type { Finding, Monitor } from './finding.ts';
import { JointOrder } from './joint_order.ts';
import { type MonitorParameters, monitorParameters } from './parameters.ts';
import { PartitionMonitor } from './partition_monitor.ts';
import { PerceptionLostMonitor, PerceptionUncertainMonitor } from './perception_monitor.ts';
import { PeriodMonitor } from './period_monitor.ts';
import { type GateCounts, PolicyDivergenceMonitor, PolicyInputMonitor } from './policy_monitor.ts';
import type { Fault, Reaction } from './reactions.ts';
import { StateJumpMonitor } from './state_jump.ts';
import { StatePlausibilityMonitor } from './state_plausibility.ts';
import { TemperatureMonitor } from './temperature.ts';
import { WrenchExcessMonitor, WrenchFrozenMonitor } from './wrench_monitor.ts';

/** The watcher's own lateness counts at most so much against others, s. */
const MOST_ELAPSED_S = 0.015;
/** Joint states come at 100 Hz; three times that at once were kept back. */
const BURST = { messages: 15, window_s: 0.05 };
/** Tracks of bodies no envelope speaks of, m/s and m. */
const ANY_BODY = { body_speed_m_per_s: 4, body_error_m: 0.1 };

/** What of an envelope monitors go by; an Envelope fits. */
export interface MonitoredEnvelope {
  readonly reactions?: Partial<Readonly<Record<Fault, Reaction>>> | undefined;
  readonly separation?: SeparationLimits | undefined;
}

/** Whose bus and clock are listened to, and under which name. */
export interface Listening {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly subscriber: string;
  /** A clock that nobody sets: the machine's, or the cycles of a simulation, s. */
  readonly machine_s: () => number;
  /** Whether topics count as peers that a partition takes away: not where one process is behind several of them. */
  readonly topics_are_peers?: boolean;
  /** How long the bus's time may take to come to be judged, s. Default 0. */
  readonly clock_settle_s?: number;
}

/**
 * All monitors of one arm and what their findings lead to. Listens to whatever of the topics there is; nothing is missed that
 * never was. To be asked to look at the same period all the time, ten milliseconds.
 */
export class SafetyMonitors {
  readonly ladder: DegradationLadder;
  private readonly parameters: MonitorParameters;
  private readonly robot: Robot;
  private readonly states: PeriodMonitor;
  private readonly jump: StateJumpMonitor;
  private readonly plausible: StatePlausibilityMonitor;
  private readonly order: JointOrder;
  private readonly excess: WrenchExcessMonitor;
  private readonly frozen: WrenchFrozenMonitor;
  private readonly temperature: TemperatureMonitor;
  private readonly lost: PerceptionLostMonitor;
  private readonly uncertain: PerceptionUncertainMonitor;
  private readonly camera_frozen = new CameraFrozenMonitor();
  private readonly bodies_lost: BodiesLostMonitor;
  private readonly bodies: BodyPlausibilityMonitor;
  private readonly policy_input = new PolicyInputMonitor();
  private readonly divergence: PolicyDivergenceMonitor;
  private readonly planners: ReadonlyMap<string, PeriodMonitor>;
  private readonly partition: PartitionMonitor;
  private clock: ClockMonitor;
  private readonly disk = new DiskMonitor();
  private readonly others: readonly Monitor[];
  private listening: Listening | null = null;
  private sight: Subscription | null = null;
  private looked_s = Number.NaN;
  /** Time for which somebody has looked, s. */
  private now_s = 0;

  constructor(robot: Robot, envelope: MonitoredEnvelope = {}, parameters: Partial<MonitorParameters> = {}) {
    const chosen = monitorParameters.parse(parameters);
    const { separation } = envelope;
    const { body_speed_m_per_s, body_error_m } = separation ?? ANY_BODY;
    const wrench = {
      ...{ force_N: asked(chosen.force_N), torque_Nm: asked(chosen.torque_Nm) },
      frozen_s: asked(chosen.wrench_frozen_s),
    };
    const sight = {
      silence_s: asked(chosen.perception_silence_s),
      ...{ score: chosen.perception_score, pictures: chosen.perception_pictures },
    };
    this.parameters = chosen;
    this.robot = robot;
    this.ladder = new DegradationLadder(envelope.reactions);
    this.states = new PeriodMonitor('joint_states_late', 'joint states', {
      silence_s: asked(chosen.joint_states_silence_s),
      age_s: asked(chosen.joint_states_age_s),
      ...(chosen.joint_states_age_s === 0 ? {} : { burst: BURST }),
    });
    this.jump = new StateJumpMonitor(robot.limits, robot.arm_joints);
    this.order = new JointOrder(robot.model.joint_names.slice(0, robot.arm_joints));
    this.plausible = new StatePlausibilityMonitor(robot.limits, robot.arm_joints, chosen.stamp_jitter_s);
    this.excess = new WrenchExcessMonitor(wrench);
    this.frozen = new WrenchFrozenMonitor(wrench);
    this.temperature = new TemperatureMonitor(chosen);
    this.lost = new PerceptionLostMonitor(sight);
    this.uncertain = new PerceptionUncertainMonitor(sight);
    const silence_s = asked(chosen.bodies_silence_s);
    this.bodies_lost = new BodiesLostMonitor({ silence_s });
    this.bodies = new BodyPlausibilityMonitor({
      ...{ frame: robot.model.root_link, silence_s, speed_m_per_s: body_speed_m_per_s, error_m: body_error_m },
    });
    this.divergence = new PolicyDivergenceMonitor({
      ...{ least_passed: chosen.policy_least_passed, window_s: chosen.policy_window_s },
    });
    this.planners = new Map(
      chosen.planners.map((name) => [
        bare(name),
        new PeriodMonitor('planner_silent', `heartbeat of ${name}`, { silence_s: asked(chosen.planner_silence_s) }),
      ]),
    );
    this.partition = new PartitionMonitor(asked(chosen.partition_silence_s));
    this.clock = new ClockMonitor(asked(chosen.clock_jump_s));
    this.others = [
      ...[this.states, this.jump, this.plausible, this.excess, this.frozen, this.temperature],
      ...[
        this.lost,
        this.uncertain,
        this.camera_frozen,
        this.bodies_lost,
        this.bodies,
        this.policy_input,
        this.divergence,
      ],
      ...[...this.planners.values(), this.partition, this.disk],
    ];
  }

  /** Listens from now on; what it returns ends it. */
  listen(listening: Listening): () => void {
    this.listening = listening;
    this.looked_s = Number.NaN;
    this.clock = new ClockMonitor(asked(this.parameters.clock_jump_s), listening.clock_settle_s);
    const { bus, clock, subscriber } = listening;
    const age_s = (stamp_ns: bigint) => stampToSeconds(clock.now_ns() - stamp_ns);
    const subscriptions = [
      bus.subscribe(TOPICS.joint_states, subscriber, (state) => this.hearState(state, age_s(state.stamp_ns))),
      bus.subscribe(TOPICS.wrench, subscriber, (wrench) => {
        const now_s = this.attentive_s();
        this.excess.hear(wrench, now_s);
        this.frozen.hear(wrench);
        this.hearTopic('the wrench', now_s);
      }),
      bus.subscribe(TOPICS.dynamic_joint_states, subscriber, (states) => this.temperature.hear(states)),
      bus.subscribe(TOPICS.policy_status, subscriber, (status) => this.policy_input.hear(status, this.attentive_s())),
      bus.subscribe(TOPICS.bodies, subscriber, (tracks) => {
        this.bodies_lost.hear(tracks, this.attentive_s());
        this.bodies.hear(tracks, this.attentive_s());
      }),
      bus.subscribe(TOPICS.diagnostics, subscriber, (diagnostics) => this.disk.hear(diagnostics)),
      ...this.hearPlanners(bus, subscriber),
    ];
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      this.sight?.unsubscribe();
      this.sight = null;
      this.listening = null;
    };
  }

  /** What a writer of this process says: why it cannot write, or the empty text. */
  tellWriter(writer: string, failure: string): void {
    this.disk.tell(writer, failure);
  }

  /** A heartbeat of a node that is heard over the bus: one of the peers that a partition takes away together. */
  hearPeer(node: string): void {
    this.partition.hear(node, this.attentive_s());
  }

  /** Looks once. What has changed by it, null for nothing. @param gate  its counts, as far as they are known */
  look(gate: GateCounts | null): LadderChange | null {
    const { listening } = this;
    if (listening === null) return null;
    const machine_s = listening.machine_s();
    this.now_s = this.attentive_s();
    this.looked_s = machine_s;
    this.clock.hear(stampToSeconds(listening.clock.now_ns()), machine_s);
    if (gate !== null) this.divergence.hear(gate, this.now_s);
    this.lookForSight(listening);
    const found: Finding[] = [];
    for (const monitor of this.others) {
      const finding = monitor.look(this.now_s);
      if (finding !== null) found.push(finding);
    }
    // Clocks are compared by the machine's own time, however long nobody looked.
    const jump = this.clock.look(machine_s);
    if (jump !== null) found.push(jump);
    return this.ladder.update(found, this.now_s);
  }

  private hearState(told: JointState, age_s: number): void {
    const state = this.order.of(told);
    // Of a gripper alone, say.
    if (state === null) return;
    const now_s = this.attentive_s();
    this.states.hear(now_s, age_s);
    this.jump.hear(state, now_s);
    this.plausible.hear(state, now_s);
    this.hearTopic('joint states', now_s);
    let speed = 0;
    for (let i = 0; i < this.robot.arm_joints; i++) speed = Math.max(speed, Math.abs(state.velocity[i]));
    this.frozen.hearSpeed(speed);
  }

  private hearTopic(topic: string, now_s: number): void {
    if (this.listening?.topics_are_peers === true) this.partition.hear(topic, now_s);
  }

  private hearPlanners(bus: Bus, subscriber: string): Subscription[] {
    if (this.planners.size === 0) return [];
    return [
      bus.subscribe(TOPICS.heartbeats, subscriber, ({ node }) => {
        const now_s = this.attentive_s();
        this.planners.get(bare(node))?.hear(now_s);
      }),
    ];
  }

  /** What is seen matters while somebody acts on it, and not to those who only look on; and perception works only while it is read. */
  private lookForSight({ bus, subscriber }: Listening): void {
    if (this.parameters.perception_silence_s === 0) return;
    const waits = bus.isReadBy(TOPICS.detections, this.parameters.perception_readers);
    this.lost.hearWaiting(waits, this.now_s);
    if (waits) {
      this.sight ??= bus.subscribe(TOPICS.detections, subscriber, (seen) => this.hearDetections(seen));
      return;
    }
    this.sight?.unsubscribe();
    this.sight = null;
    this.uncertain.forget();
    this.camera_frozen.forget();
  }

  private hearDetections(seen: Detections): void {
    this.lost.hear(this.attentive_s());
    this.uncertain.hear(seen);
    this.camera_frozen.hear(seen);
  }

  /** Time by which silences go: that of whoever looks, without the time for which it could not look. */
  private attentive_s(): number {
    const elapsed_s = (this.listening?.machine_s() ?? Number.NaN) - this.looked_s;
    return this.now_s + (elapsed_s > 0 ? Math.min(elapsed_s, MOST_ELAPSED_S) : 0);
  }
}

/** A limit, endless where nobody asks. */
function asked(limit: number): number {
  return limit === 0 ? Number.POSITIVE_INFINITY : limit;
}

/** A node's name without the slash of its namespace. */
function bare(name: string): string {
  return name.replace(/^\//, '');
}
