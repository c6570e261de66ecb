import { type Bus, type Clock, type Log, type Node, type Qos, TOPICS } from '../../contracts/index.ts';
import type { LinkStats } from '../bus/index.ts';
import type { RosFields } from '../mapping.ts';
import type { ParameterStore } from '../parameters/index.ts';
import { type ParameterHost, parameterEvent, parameterServices } from '../parameters/index.ts';
import { LifecycleMachine } from './lifecycle_machine.ts';
import { lifecycleServices, transitionEvent } from './lifecycle_services.ts';
import { ManagedBus } from './managed_bus.ts';
import { NodeCallbacks } from './node_callbacks.ts';
import { NodeDiagnostics } from './node_diagnostics.ts';
import type { NodeErrors } from './node_errors.ts';
import { guardProcess } from './process_guard.ts';
import { isRequest, type LifecycleRequest, type LifecycleState, type LifecycleTransition } from './states.ts';

/** What a host needs of the node's own bus; RosBus has it. */
export interface HostBus extends Bus {
  readonly clock: Clock;
  /** Name in the graph, with its namespace. */
  readonly fullName: string;
  /** What local links carry; absent or null where there are none. */
  readonly local_link?: LinkStats | null;
  readonly raw: {
    advertise(type: string, name: string, qos: Qos): { publish(fields: object): void; close(): void };
    serve(type: string, name: string, handler: (request: RosFields) => object | Promise<object>): () => void;
  };
  useSimTime(simulated: boolean): void;
}

export interface HostOptions {
  readonly log: Log;
  /** The one that the bus reports to as well. */
  readonly errors: NodeErrors;
  readonly parameters: ParameterStore;
  /** Asked before parameters change that are taken up at once: what it throws refuses them. */
  readonly mayChange?: (values: Readonly<Record<string, unknown>>, changed: readonly string[]) => void;
  /** For /diagnostics, e.g. the robot's serial number. Default empty. */
  readonly hardware_id?: string;
  /** After every transition. */
  readonly onState?: (state: LifecycleState) => void;
}

export interface Change {
  readonly success: boolean;
  /** Why not; empty on success. */
  readonly reason: string;
}

/** /diagnostics, ms of wall time: a simulator that stands still is seen. */
const DIAGNOSTICS_MS = 1000;
const HEARTBEAT_MS = 20;
/** Ten heartbeats. */
const HEARTBEAT_TIMEOUT_S = 0.2;
const RELIABLE: Qos = { reliability: 'reliable', durability: 'volatile', depth: 10 };
const PARAMETER_EVENTS: Qos = { reliability: 'reliable', durability: 'volatile', depth: 1000 };
const SENDING: readonly LifecycleState[] = ['activating', 'active', 'deactivating'];

/**
 * Makes a node a managed ROS 2 node: the lifecycle and parameter services, ~/transition_event, /parameter_events,
 * /diagnostics at 1 Hz and /heartbeats at 50 Hz. It begins unconfigured.
 */
export function hostNode(bus: HostBus, node: Node, options: HostOptions): NodeHost {
  return new NodeHost(bus, node, options);
}

/** A node under its lifecycle. No exception of the node leaves it. */
export class NodeHost {
  readonly full_name: string;
  private readonly bus: HostBus;
  private readonly machine: LifecycleMachine;
  private readonly callbacks: NodeCallbacks;
  private readonly parameters: ParameterStore;
  private readonly diagnostics: NodeDiagnostics;
  private readonly errors: NodeErrors;
  private readonly events: ReturnType<HostBus['raw']['advertise']>;
  private readonly log: Log;
  private readonly onState: (state: LifecycleState) => void;
  private undo: (() => void)[] = [];
  private beats = 0;
  /** Longest that a heartbeat came late since the last status (s). */
  private late_s = 0;

  constructor(bus: HostBus, node: Node, options: HostOptions) {
    const { log, errors, parameters } = options;
    this.bus = bus;
    this.full_name = bus.fullName;
    this.errors = errors;
    this.log = log;
    this.onState = options.onState ?? (() => {});
    this.parameters = parameters;
    const managed = new ManagedBus(bus, bus.clock, () => SENDING.includes(this.machine.state), errors.report);
    this.callbacks = new NodeCallbacks(node, managed, log, errors);
    this.events = bus.raw.advertise('lifecycle_msgs/msg/TransitionEvent', '~/transition_event', RELIABLE);
    this.machine = new LifecycleMachine(this.callbacks, {
      onTransition: (transition) => this.onTransition(transition),
      onError: errors.report,
    });
    this.diagnostics = new NodeDiagnostics({
      ...{ full_name: this.full_name, hardware_id: options.hardware_id ?? '', node, bus: managed, errors },
      state: () => this.machine.state,
      reason: () => this.callbacks.reason,
      loop_delay_s: () => this.loopDelay(),
      link: () => bus.local_link ?? null,
    });
    bus.useSimTime(parameters.standardValues.use_sim_time);
    const refused = (reason: string) => log.warn({ reason }, 'transition refused');
    const services = [...lifecycleServices(this.machine, refused), ...parameterServices(parameters)];
    this.undo = [
      guardProcess(errors.report),
      ...services.map(({ type, name, answer }) => bus.raw.serve(type, name, answer)),
      this.shareParameters(options.mayChange ?? (() => {})),
      () => this.events.close(),
      this.every(DIAGNOSTICS_MS, (elapsed_s) => this.diagnose(elapsed_s)),
      this.every(HEARTBEAT_MS, (elapsed_s) => this.beat(elapsed_s)),
    ];
  }

  get state(): LifecycleState {
    return this.machine.state;
  }

  /** Asks for a transition from within the process. */
  async change(request: LifecycleRequest): Promise<Change> {
    const { success, refused } = await this.machine.change(request);
    return { success, reason: success ? '' : refused === '' ? this.callbacks.reason : refused };
  }

  /** Waits for a transition under way, shuts the node down from whatever state it is in, and ends its services. */
  async shutDown(): Promise<void> {
    await this.machine.shutDown();
    for (const undo of this.undo) undo();
    this.undo = [];
  }

  private onTransition(transition: LifecycleTransition): void {
    const { label, start, goal } = transition;
    this.guarded(() => this.events.publish(transitionEvent(transition, this.bus.clock.now_ns())));
    this.guarded(() => this.onState(goal));
    const fields = { transition: label, from: start };
    if (label === 'transition_success') this.log.info({}, goal);
    else if (isRequest(label)) this.log.debug(fields, goal);
    else this.log.warn(fields, goal);
  }

  /** What follows a change must not undo it, nor each other. */
  private guarded(follow: () => void): void {
    try {
      follow();
    } catch (error) {
      this.errors.report(error, `${this.full_name} after a change`);
    }
  }

  private shareParameters(mayChange: ParameterHost['mayChange']): () => void {
    const { bus, parameters, machine } = this;
    const events = bus.raw.advertise('rcl_interfaces/msg/ParameterEvent', '/parameter_events', PARAMETER_EVENTS);
    const tell = (changes: Parameters<ParameterHost['changed']>[0], declared: boolean) =>
      events.publish(parameterEvent(this.full_name, bus.clock.now_ns(), changes, declared));
    parameters.attach({
      mayChange,
      mayConfigure() {
        if (machine.state === 'unconfigured') return;
        throw new Error(`is taken up at configure; clean the node up first, it is ${machine.state}`);
      },
      changed: (changes, { use_sim_time }) => {
        this.guarded(() => bus.useSimTime(use_sim_time));
        this.guarded(() => tell(changes, false));
      },
    });
    tell(parameters.all(), true);
    return () => {
      parameters.attach(null);
      events.close();
    };
  }

  private diagnose(elapsed_s: number): void {
    const { bus } = this;
    bus.publish(TOPICS.diagnostics, { stamp_ns: bus.clock.now_ns(), status: [this.diagnostics.status(elapsed_s)] });
  }

  private beat(elapsed_s: number): void {
    const { bus, full_name } = this;
    this.late_s = Math.max(this.late_s, elapsed_s - HEARTBEAT_MS / 1000);
    const stamp_ns = bus.clock.now_ns();
    bus.publish(TOPICS.heartbeats, {
      stamp_ns,
      node: full_name,
      sequence: ++this.beats,
      timeout_s: HEARTBEAT_TIMEOUT_S,
    });
  }

  private loopDelay(): number {
    const { late_s } = this;
    this.late_s = 0;
    return late_s;
  }

  /** Calls `work` with the time since its last call, by the wall clock; returns what ends it. */
  private every(period_ms: number, work: (elapsed_s: number) => void): () => void {
    let last_ns = process.hrtime.bigint();
    const timer = setInterval(() => {
      const now_ns = process.hrtime.bigint();
      try {
        work(Number(now_ns - last_ns) / 1e9);
      } catch (error) {
        this.errors.report(error, 'timer');
      }
      last_ns = now_ns;
    }, period_ms);
    timer.unref();
    return () => clearInterval(timer);
  }
}
