import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  type EnablingDevice,
  type Heartbeat,
  InputError,
  type Node,
  type NodeContext,
  type SafetyState,
  SERVICES,
  type SetModeRequest,
  type Subscription,
  TOPICS,
} from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import {
  ANY_AUTONOMY,
  type AuditSink,
  type AutonomyLimits,
  type CommissioningPermit,
  type MonitoredEnvelope,
  monitorParameters,
  SafetyMonitors,
} from '../safety/index.ts';
import { BusConditions } from './bus_conditions.ts';
import type { GateLink } from './gate_link.ts';
import { MACHINE_CLOCK } from './monotonic_clock.ts';
import { OtherSupervisors } from './other_supervisors.ts';
import { safetyStateOf } from './safety_state.ts';
import type { StopCondition, SupervisorView } from './supervisor_core.ts';
import { SupervisorThread } from './supervisor_thread.ts';
import type { HeardProcess } from './supervisor_thread_messages.ts';
import { SupervisorTrail } from './supervisor_trail.ts';
import { TAMPERING } from './tampering.ts';

/** Parameters of the supervisor. */
export const safetyParameters = z.strictObject({
  silence_s: z
    .number()
    .min(0.03)
    .max(1)
    .default(0.045)
    .describe('Silence of a process on this machine, or of the gate, after which the arm is stopped (s).'),
  busy_s: z
    .number()
    .min(0.05)
    .max(10)
    .default(0.5)
    .describe('How long this process may be too busy to serve a stop before the arm is stopped (s).'),
  watch: z
    .array(z.string())
    .readonly()
    .default([])
    .describe('Nodes whose /heartbeats must come before anything moves.'),
  watch_optional: z
    .array(z.string())
    .readonly()
    .default([])
    .describe('Nodes whose silence on /heartbeats is only told.'),
  external: z.array(z.string()).default([]).describe('Sources on /safety/external that must be heard.'),
  external_timeout_s: z
    .number()
    .min(0.02)
    .max(5)
    .default(0.2)
    .describe('Silence of a source on /safety/external that counts as a stop (s).'),
  // The control thread has the arm's states at first hand: on the bus a busy machine makes them late.
  monitors: monitorParameters
    .prefault({ joint_states_silence_s: 0, joint_states_age_s: 0, stamp_jitter_s: 0.02 })
    .describe('What is watched on the bus, and its limits; 0 for a silence or an age that is not.'),
});
export type SafetyParameters = z.infer<typeof safetyParameters>;

export interface SafetySupervisorOptions {
  readonly gate: GateLink;
  /** Processes of this machine whose heartbeats it hears by channels. */
  readonly processes: readonly HeardProcess[];
  readonly parameters?: Partial<SafetyParameters>;
  /** What the arm may do with what is known of it, asked for at the beginning and at every reset; by default everything. */
  readonly permit?: () => MotionPermit;
  /** What it may do by itself; by default everything. */
  readonly autonomy?: AutonomyLimits;
  /** What else speaks against motion, asked for a hundred times a second: it holds the arm until a reset. */
  readonly conditions?: () => readonly StopCondition[];
  /** The arm whose topics are watched, and what its envelope says of faults; without it nothing but heartbeats is. */
  readonly monitored?: { readonly robot: Robot; readonly envelope: MonitoredEnvelope };
  /** Told every finding, mode, stop, reset and refusal; by default nobody is. */
  readonly audit?: AuditSink | null;
}

/** What the arm may do, and the SHA-256 of the envelope that this is for, which control must have loaded; without, any. */
export interface MotionPermit extends CommissioningPermit {
  readonly envelope_sha256?: string;
}

const UNLIMITED: MotionPermit = { tool_speed_m_per_s: null, share: 1, reason: '' };
const CONDITIONS_MS = 10;
const STATE_MS = 100;
/** Heard for so long before anything is granted: another supervisor speaks ten times a second. */
const LISTEN_MS = 250;
const OTHERS: StopCondition = {
  reason: TAMPERING['tampering.second_supervisor'],
  category: 1,
  awaited: false,
};
/** The bus's time may come late at first, s. */
const CLOCK_SETTLE_S = 2;

/**
 * The safety supervisor on the bus, in a process of its own: /safety/state at 10 Hz and on change whatever becomes of
 * control, /safety/stop, /safety/reset, /safety/set_mode, and what it hears on /safety/external and /heartbeats. Grants come
 * from a thread of their own.
 */
export class SafetySupervisorNode implements Node {
  readonly name = 'safety';
  private readonly options: SafetySupervisorOptions;
  private readonly parameters: SafetyParameters;
  private readonly conditions: BusConditions;
  private context: NodeContext | null = null;
  private thread: SupervisorThread | null = null;
  private undo: (() => void)[] = [];
  private sent = '[]';
  private shown = '';
  private mode = '';
  private device: EnablingDevice = 'none';
  private failure: string | null = null;
  private permit = UNLIMITED;
  private readonly monitors: SafetyMonitors | null;
  private readonly audit: SupervisorTrail;
  private readonly others = new OtherSupervisors();
  private listening: Subscription | null = null;

  constructor(options: SafetySupervisorOptions) {
    this.options = options;
    this.parameters = safetyParameters.parse(options.parameters ?? {});
    const { watch, watch_optional, external, external_timeout_s } = this.parameters;
    const watched = [
      ...watch.map((node) => ({ node, required: true })),
      ...watch_optional.map((node) => ({ node, required: false })),
    ];
    this.conditions = new BusConditions(watched, external, external_timeout_s);
    this.audit = new SupervisorTrail(options.audit);
    const { monitored } = options;
    this.monitors =
      monitored === undefined
        ? null
        : new SafetyMonitors(monitored.robot, monitored.envelope, this.parameters.monitors);
  }

  async configure(context: NodeContext): Promise<void> {
    const { gate, processes } = this.options;
    const { autonomy = ANY_AUTONOMY } = this.options;
    const { silence_s, busy_s, external_timeout_s } = this.parameters;
    this.context = context;
    this.failure = null;
    const limits = this.askPermit();
    this.listening = context.bus.subscribe(TOPICS.safety_state, this.name, ({ stamp_ns }) => {
      this.others.hear(stamp_ns, MACHINE_CLOCK.now_s());
    });
    await sleep(LISTEN_MS);
    this.thread = new SupervisorThread(
      { ...gate, processes, silence_s, busy_s, device_silence_s: external_timeout_s, autonomy, ...limits },
      (view) => this.see(view),
      (error) => {
        this.failure = 'the supervisor has failed';
        context.log.error({ error: error.message }, this.failure);
      },
    );
  }

  activate(): void {
    const { bus } = this.require();
    const thread = this.requireThread();
    if (this.others.areHeard(MACHINE_CLOCK.now_s())) {
      this.audit.tampered('tampering.second_supervisor', 'this supervisor grants nothing');
      throw new InputError(TAMPERING['tampering.second_supervisor'], 'one supervisor an arm; end the other one');
    }
    this.audit.start(this.options.monitored?.robot.name ?? '');
    this.tellConditions();
    thread.setActive(true);
    const timers = [
      setInterval(() => {
        this.lookAtMonitors();
        this.tellConditions();
      }, CONDITIONS_MS),
      setInterval(() => this.publish(), STATE_MS),
    ];
    const subscriptions = [
      ...this.watchNodes(),
      ...this.watchTopics(),
      bus.subscribe(TOPICS.external_inputs, this.name, (inputs) => {
        this.conditions.hearInputs(inputs, MACHINE_CLOCK.now_s());
        this.tellConditions();
      }),
    ];
    this.undo = [
      bus.serve(SERVICES.safety_stop, () => {
        this.requestStop('service.stop', 'a stop was asked for');
        return { success: true, message: 'stopping' };
      }),
      bus.serve(SERVICES.safety_reset, () => this.reset()),
      bus.serve(SERVICES.safety_set_mode, (request) => this.setMode(request)),
      ...timers.map((timer) => () => clearInterval(timer)),
      ...subscriptions.map((subscription) => () => subscription.unsubscribe()),
    ];
    this.publish();
  }

  /** Every node beats 50 times a second: they are heard only where one is watched. */
  private watchNodes(): Subscription[] {
    const { watch, watch_optional } = this.parameters;
    if (watch.length + watch_optional.length === 0) return [];
    const hear = (beat: Heartbeat) => {
      this.conditions.hearHeartbeat(beat, MACHINE_CLOCK.now_s());
      if (this.conditions.watches(beat.node)) this.monitors?.hearPeer(beat.node);
    };
    return [this.require().bus.subscribe(TOPICS.heartbeats, this.name, hear)];
  }

  private watchTopics(): { unsubscribe(): void }[] {
    const { bus, clock } = this.require();
    const { monitors, name } = this;
    if (monitors === null) return [];
    const machine_s = () => MACHINE_CLOCK.now_s();
    const listening = { bus, clock, subscriber: name, machine_s, clock_settle_s: CLOCK_SETTLE_S };
    return [{ unsubscribe: monitors.listen(listening) }];
  }

  private lookAtMonitors(): void {
    const { monitors, audit } = this;
    if (monitors === null) return;
    monitors.tellWriter('the audit log', audit.failure);
    const change = monitors.look(this.view?.gate ?? null);
    if (change === null) return;
    audit.ladder(change);
    const thread = this.requireThread();
    for (const { finding, degradation } of change.began) {
      const { fault, detail } = finding;
      this.require().log.warn({ fault, degradation }, detail);
      if (degradation === 'stop') thread.requestStop(1, `${fault}: ${detail}`);
    }
    thread.setPace(monitors.ladder.pace, monitors.ladder.policies);
    this.publish();
  }

  deactivate(): void {
    if (this.undo.length > 0) this.audit.end();
    this.thread?.setActive(false);
    for (const undo of this.undo) undo();
    this.undo = [];
  }

  async cleanup(): Promise<void> {
    this.listening?.unsubscribe();
    this.listening = null;
    await this.thread?.close();
    this.thread = null;
    this.context = null;
  }

  /** What the supervisor knows; null before it said anything. */
  get view(): SupervisorView | null {
    return this.thread?.view ?? null;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const { tool_speed_m_per_s, share, reason } = this.permit;
    if (reason === '') return {};
    return { limited: reason, tool_speed_m_per_s: tool_speed_m_per_s ?? 'as in the envelope', speed_share: share };
  }

  /** What only has to be told: silent processes and nodes that nothing waits for. */
  get warnings(): readonly string[] {
    return [...(this.view?.warnings ?? []), ...this.conditions.warnings(MACHINE_CLOCK.now_s())];
  }

  private see(view: SupervisorView): void {
    const state = this.state(view);
    this.audit.view(view, state);
    const { mode, latched, reasons, stop_category, lease_valid, degradation, pace } = state;
    const shown = [mode, latched, reasons, stop_category, lease_valid, degradation, pace].join();
    if (shown === this.shown) return;
    this.shown = shown;
    this.note(state);
    if (this.undo.length > 0) this.publish();
  }

  private note({ mode, reasons }: SafetyState): void {
    const fields = { from: this.mode, to: mode, reasons };
    this.mode = mode;
    const { log } = this.require();
    if (mode === 'protective_stop' || mode === 'fault' || mode === 'emergency_stop') log.warn(fields, 'stopped');
    else log.info(fields, `mode ${mode}`);
  }

  private publish(): void {
    const { view } = this;
    if (view === null) return;
    const state = this.state(view);
    this.others.send(state.stamp_ns);
    this.require().bus.publish(TOPICS.safety_state, state);
  }

  private state(view: SupervisorView): SafetyState {
    return safetyStateOf(view, this.failure, this.require().clock.now_ns(), this.monitors?.ladder);
  }

  private tellConditions(): void {
    this.tellEnablingDevice();
    const own = this.options.conditions?.() ?? [];
    const others = this.others.areHeard(MACHINE_CLOCK.now_s()) ? [OTHERS] : [];
    const found = this.monitors?.ladder.stopping ?? [];
    const conditions: StopCondition[] = [
      ...found.map(({ fault, detail }) => ({ reason: `${fault}: ${detail}`, category: 1 as const, awaited: false })),
      ...this.conditions.conditions(MACHINE_CLOCK.now_s()),
      ...others,
      ...own,
    ];
    const text = JSON.stringify(conditions);
    if (text === this.sent) return;
    this.sent = text;
    this.requireThread().setConditions(conditions);
  }

  /** A device that is held is told again and again: the supervisor's thread takes it back where this one is silent. */
  private tellEnablingDevice(): void {
    const device = this.conditions.enablingDevice(MACHINE_CLOCK.now_s());
    if (device === this.device && device !== 'held') return;
    if (device !== this.device) this.require().log.info({ device }, 'enabling device');
    this.device = device;
    this.requireThread().setEnablingDevice(device);
  }

  /** Stops the arm by category 1 until a reset; `rule` tells the audit log by what way it was asked for. */
  requestStop(rule: string, reason: string): void {
    this.requireThread().requestStop(1, reason);
    this.audit.stop(rule, 1, reason);
  }

  private async reset(): Promise<{ success: boolean; message: string }> {
    if (this.failure !== null) return { success: false, message: this.failure };
    try {
      const { tool_speed_m_per_s, speed_share, envelope_sha256 } = this.askPermit();
      this.requireThread().setLimits(tool_speed_m_per_s, speed_share);
      this.requireThread().setEnvelope(envelope_sha256);
    } catch (error) {
      const refusal = error instanceof Error ? error.message : String(error);
      this.audit.reset(refusal);
      return { success: false, message: refusal };
    }
    const refusal = await this.requireThread().reset();
    this.require().log.info({ refusal }, refusal === '' ? 'reset' : 'reset refused');
    this.audit.reset(refusal);
    if (refusal === '') this.clearLadder();
    return { success: refusal === '', message: refusal === '' ? 'motion is allowed' : refusal };
  }

  private clearLadder(): void {
    const { monitors } = this;
    const change = monitors?.ladder.clear() ?? null;
    if (monitors === null || change === null) return;
    this.audit.ladder(change);
    this.requireThread().setPace(monitors.ladder.pace, monitors.ladder.policies);
    this.publish();
  }

  private askPermit() {
    const permit = this.options.permit?.() ?? UNLIMITED;
    const limits = { tool_speed_m_per_s: permit.tool_speed_m_per_s, speed_share: permit.share };
    if (permit.reason !== this.permit.reason) {
      const { log } = this.require();
      if (permit.reason === '') log.info(limits, 'no limit but the envelope');
      else log.warn(limits, permit.reason);
      this.audit.limits(permit.tool_speed_m_per_s, permit.share, permit.reason);
    }
    this.permit = permit;
    return { ...limits, envelope_sha256: permit.envelope_sha256 ?? null };
  }

  private async setMode({ mode, enabled }: SetModeRequest): Promise<{ success: boolean; message: string }> {
    const refusal = await this.requireThread().setMode(mode, enabled);
    this.audit.selected(mode, enabled, refusal);
    return { success: refusal === '', message: refusal === '' ? mode : refusal };
  }

  private require(): NodeContext {
    if (this.context === null) throw new Error('the safety node is not configured');
    return this.context;
  }

  private requireThread(): SupervisorThread {
    if (this.thread === null) throw new Error('the safety node is not configured');
    return this.thread;
  }
}
