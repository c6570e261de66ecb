import {
  type Node,
  type NodeContext,
  NS_PER_S,
  type SafetyState,
  SERVICES,
  type SetModeRequest,
  stampToSeconds,
  TOPICS,
} from '../contracts/index.ts';
import type { AuditSink } from './audit/event.ts';
import type { SafetyGate } from './gate.ts';
import { AuditTrail } from './monitors/audit_trail.ts';
import { SafetyMonitors } from './monitors/monitors.ts';
import { type OutsideConditions, OutsideStops } from './outside_stops.ts';
import { reasonNames } from './reasons.ts';
import { BodySources } from './separation/body_sources.ts';
import type { Supervisor } from './supervisor.ts';

const PERIOD_NS = NS_PER_S / 10n;
const LOOK_NS = NS_PER_S / 100n;
/** Time between two looks of the monitors, s. */
const MONITORS_S = 0.01;

export interface SafetyNodeOptions {
  /** Told every finding, mode, stop, reset and refusal; by default nobody is. */
  readonly audit?: AuditSink | null;
  /** What watches the topics; by default all monitors with what the gate's envelope says of faults, null for none. */
  readonly monitors?: SafetyMonitors | null;
}

/**
 * The gate on the bus: /safety/state on change and at 10 Hz, /safety/stop, /safety/reset and /safety/set_mode; what monitors
 * find on the topics; and /safety/external, where somebody is given who says what of it stops the arm.
 */
export class SafetyNode implements Node {
  readonly name = 'safety';
  readonly monitors: SafetyMonitors | null;
  private readonly gate: SafetyGate;
  private readonly supervisor: Supervisor;
  private readonly outside: OutsideStops | null;
  private readonly audit: AuditTrail;
  private context: NodeContext | null = null;
  private undo: (() => void)[] = [];
  private cancelTimer: () => void = () => {};
  private cancelLook: () => void = () => {};
  private seen_mode: SafetyGate['mode'] | '' = '';
  private seen_reasons = -1;
  private seen_latched = -1;
  private seen_outside: readonly string[] = [];
  private cycles = 0;
  private readonly look_cycles: number;

  constructor(
    gate: SafetyGate,
    supervisor: Supervisor,
    outside: OutsideConditions | null = null,
    { audit, monitors }: SafetyNodeOptions = {},
  ) {
    this.gate = gate;
    this.supervisor = supervisor;
    this.outside = outside === null ? null : new OutsideStops(outside, gate, supervisor);
    this.audit = new AuditTrail(audit);
    this.monitors = monitors === undefined ? new SafetyMonitors(gate.robot, gate.envelope) : monitors;
    this.look_cycles = Math.max(1, Math.round(MONITORS_S * gate.hz));
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    const { bus, clock } = this.require();
    this.audit.start(this.gate.robot.name);
    this.undo = [
      bus.serve(SERVICES.safety_stop, () => this.stop()),
      bus.serve(SERVICES.safety_reset, () => this.reset()),
      bus.serve(SERVICES.safety_set_mode, (request) => this.setMode(request)),
    ];
    if (this.outside !== null) this.listen(this.outside);
    this.listenToBodies();
    if (this.monitors !== null) {
      const machine_s = () => this.cycles / this.gate.hz;
      this.undo.push(this.monitors.listen({ bus, clock, subscriber: this.name, machine_s, topics_are_peers: true }));
    }
    this.publishPeriodically();
  }

  deactivate(): void {
    this.cancelTimer();
    this.cancelLook();
    for (const undo of this.undo) undo();
    if (this.undo.length > 0) this.audit.end();
    this.undo = [];
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  /**
   * After every cycle of the gate: now and then the monitors look; publishes if mode or reasons have changed. Costs next to
   * nothing otherwise.
   */
  afterTick(): void {
    const { gate } = this;
    if (++this.cycles % this.look_cycles === 0 && this.undo.length > 0) this.lookAtMonitors();
    if (
      gate.mode === this.seen_mode &&
      gate.reasons === this.seen_reasons &&
      gate.latchedReasons === this.seen_latched
    ) {
      return;
    }
    if (gate.mode !== this.seen_mode && this.seen_mode !== '') {
      const reasons = reasonNames(gate.reasons | gate.latchedReasons);
      const fields = { from: this.seen_mode, to: gate.mode, reasons };
      if (gate.mode === 'protective_stop' || gate.mode === 'fault' || gate.mode === 'emergency_stop')
        this.require().log.warn(fields, 'safety gate stopped');
      else this.require().log.info(fields, 'safety gate changed mode');
      this.audit.mode(this.seen_mode, gate.mode, reasons);
    }
    this.publish();
  }

  /** Stamps are of the bus's clock, and the gate is stepped with it. */
  private listenToBodies(): void {
    const { bus, log } = this.require();
    const sources = new BodySources(this.gate.robot.model.root_link, this.gate);
    const subscription = bus.subscribe(TOPICS.bodies, this.name, (tracks) => {
      const refusal = sources.hear(tracks, stampToSeconds(tracks.stamp_ns));
      if (refusal !== '') log.warn({ refusal }, 'tracked bodies refused');
    });
    this.undo.push(() => subscription.unsubscribe());
  }

  private listen(outside: OutsideStops): void {
    const { bus, clock } = this.require();
    const look = () => {
      if (!outside.look(stampToSeconds(clock.now_ns()))) return;
      for (const reason of outside.reasons) {
        if (!this.seen_outside.includes(reason)) this.audit.stop('external_inputs', 1, reason);
      }
      this.seen_outside = outside.reasons;
      this.publish();
    };
    const subscription = bus.subscribe(TOPICS.external_inputs, this.name, (inputs) => {
      outside.hear(inputs, stampToSeconds(clock.now_ns()));
      look();
    });
    this.undo.push(() => subscription.unsubscribe());
    const lookAgain = () => {
      look();
      this.cancelLook = clock.schedule(clock.now_ns() + LOOK_NS, lookAgain);
    };
    lookAgain();
  }

  private lookAtMonitors(): void {
    const { gate, monitors, audit } = this;
    if (monitors === null) return;
    monitors.tellWriter('the audit log', audit.failure);
    const change = monitors.look(gate);
    if (change === null) return;
    audit.ladder(change);
    const { log } = this.require();
    for (const { finding, degradation } of change.began) {
      log.warn({ fault: finding.fault, degradation }, finding.detail);
      if (degradation !== 'stop') continue;
      gate.requestStop(1);
      this.supervisor.requestStop();
    }
    this.obeyLadder(monitors);
    this.publish();
  }

  private obeyLadder({ ladder }: SafetyMonitors): void {
    this.gate.setPace(ladder.pace);
    this.gate.setPolicies(ladder.policies);
  }

  private publishPeriodically(): void {
    const { clock } = this.require();
    this.publish();
    this.cancelTimer = clock.schedule(clock.now_ns() + PERIOD_NS, () => this.publishPeriodically());
  }

  /** What first stopped the arm, in words: what was heard from outside, what a monitor found, or the gate's reasons. */
  get stopCause(): string {
    const { outside, monitors, gate } = this;
    const found = monitors?.ladder.inForce.find(({ degradation }) => degradation === 'stop')?.finding;
    return (
      outside?.reasons[0] ??
      (found === undefined
        ? reasonNames(gate.reasons | gate.latchedReasons).join(', ')
        : `${found.fault}: ${found.detail}`)
    );
  }

  private publish(): void {
    const { bus, clock } = this.require();
    const { gate } = this;
    this.seen_mode = gate.mode;
    this.seen_reasons = gate.reasons;
    this.seen_latched = gate.latchedReasons;
    const state: SafetyState = {
      stamp_ns: clock.now_ns(),
      mode: gate.mode,
      latched: gate.latched,
      reasons: [
        ...(this.outside?.reasons ?? []),
        ...(this.monitors?.ladder.reasons ?? []),
        ...reasonNames(gate.reasons | gate.latchedReasons),
      ],
      stop_category: gate.stopCategory,
      drives_on: gate.lastCommand.drives_on,
      stop_time_s: gate.lastCommand.stop_time_s,
      lease_valid: gate.leaseValid,
      passed: gate.passed,
      limited: gate.limited,
      stopped: gate.stopped,
      degradation: this.monitors?.ladder.degradation ?? 'none',
      pace: gate.pace,
      separation_m: gate.separation_m,
      protective_distance_m: gate.protective_distance_m,
    };
    bus.publish(TOPICS.safety_state, state);
  }

  private stop(): { success: boolean; message: string } {
    this.gate.requestStop();
    this.supervisor.requestStop();
    this.audit.stop('service.stop', 1, 'a stop was asked for');
    return { success: true, message: 'stopping' };
  }

  private reset(): { success: boolean; message: string } {
    const { monitors, audit } = this;
    const found = monitors?.ladder.refusal ?? '';
    const refusal = this.outside?.refusal || found || this.gate.acknowledge();
    audit.reset(refusal);
    if (refusal !== '') return { success: false, message: refusal };
    this.supervisor.clearStop();
    this.outside?.clear();
    this.seen_outside = [];
    const change = monitors?.ladder.clear() ?? null;
    if (change !== null) audit.ladder(change);
    if (monitors !== null) this.obeyLadder(monitors);
    return { success: true, message: 'reset; motion waits for the supervisor' };
  }

  private setMode({ mode, enabled }: SetModeRequest): { success: boolean; message: string } {
    const refusal = this.gate.selectMode(mode);
    this.audit.selected(mode, enabled, refusal);
    if (refusal !== '') return { success: false, message: refusal };
    this.gate.setEnabled(enabled);
    return { success: true, message: mode };
  }

  private require(): NodeContext {
    if (this.context === null) throw new Error('the safety node is not configured');
    return this.context;
  }
}
