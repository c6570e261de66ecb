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
import type { SafetyGate } from './gate.ts';
import { type OutsideConditions, OutsideStops } from './outside_stops.ts';
import { reasonNames } from './reasons.ts';
import type { Supervisor } from './supervisor.ts';

const PERIOD_NS = NS_PER_S / 10n;
const LOOK_NS = NS_PER_S / 100n;

/**
 * The gate on the bus: /safety/state on change and at 10 Hz, /safety/stop, /safety/reset and /safety/set_mode; and
 * /safety/external, where somebody is given who says what of it stops the arm.
 */
export class SafetyNode implements Node {
  readonly name = 'safety';
  private readonly gate: SafetyGate;
  private readonly supervisor: Supervisor;
  private readonly outside: OutsideStops | null;
  private context: NodeContext | null = null;
  private undo: (() => void)[] = [];
  private cancelTimer: () => void = () => {};
  private cancelLook: () => void = () => {};
  private seen_mode = '';
  private seen_reasons = -1;
  private seen_latched = -1;

  constructor(gate: SafetyGate, supervisor: Supervisor, outside: OutsideConditions | null = null) {
    this.gate = gate;
    this.supervisor = supervisor;
    this.outside = outside === null ? null : new OutsideStops(outside, gate, supervisor);
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    const { bus } = this.require();
    this.undo = [
      bus.serve(SERVICES.safety_stop, () => this.stop()),
      bus.serve(SERVICES.safety_reset, () => this.reset()),
      bus.serve(SERVICES.safety_set_mode, (request) => this.setMode(request)),
    ];
    if (this.outside !== null) this.listen(this.outside);
    this.publishPeriodically();
  }

  deactivate(): void {
    this.cancelTimer();
    this.cancelLook();
    for (const undo of this.undo) undo();
    this.undo = [];
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  /** After every cycle of the gate; publishes if mode or reasons have changed, and costs next to nothing otherwise. */
  afterTick(): void {
    const { gate } = this;
    if (
      gate.mode === this.seen_mode &&
      gate.reasons === this.seen_reasons &&
      gate.latchedReasons === this.seen_latched
    ) {
      return;
    }
    if (gate.mode !== this.seen_mode && this.seen_mode !== '') {
      const fields = { from: this.seen_mode, to: gate.mode, reasons: reasonNames(gate.reasons | gate.latchedReasons) };
      if (gate.mode === 'protective_stop' || gate.mode === 'fault' || gate.mode === 'emergency_stop')
        this.require().log.warn(fields, 'safety gate stopped');
      else this.require().log.info(fields, 'safety gate changed mode');
    }
    this.publish();
  }

  private listen(outside: OutsideStops): void {
    const { bus, clock } = this.require();
    const look = () => {
      if (outside.look(stampToSeconds(clock.now_ns()))) this.publish();
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

  private publishPeriodically(): void {
    const { clock } = this.require();
    this.publish();
    this.cancelTimer = clock.schedule(clock.now_ns() + PERIOD_NS, () => this.publishPeriodically());
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
      reasons: [...(this.outside?.reasons ?? []), ...reasonNames(gate.reasons | gate.latchedReasons)],
      stop_category: gate.stopCategory,
      drives_on: gate.lastCommand.drives_on,
      stop_time_s: gate.lastCommand.stop_time_s,
      lease_valid: gate.leaseValid,
      passed: gate.passed,
      limited: gate.limited,
      stopped: gate.stopped,
      degradation: 'none',
      pace: 1,
      separation_m: null,
      protective_distance_m: null,
    };
    bus.publish(TOPICS.safety_state, state);
  }

  private stop(): { success: boolean; message: string } {
    this.gate.requestStop();
    this.supervisor.requestStop();
    return { success: true, message: 'stopping' };
  }

  private reset(): { success: boolean; message: string } {
    const refusal = this.outside?.refusal || this.gate.acknowledge();
    if (refusal !== '') return { success: false, message: refusal };
    this.supervisor.clearStop();
    this.outside?.clear();
    return { success: true, message: 'reset; motion waits for the supervisor' };
  }

  private setMode({ mode, enabled }: SetModeRequest): { success: boolean; message: string } {
    const refusal = this.gate.selectMode(mode);
    if (refusal !== '') return { success: false, message: refusal };
    this.gate.setEnabled(enabled);
    return { success: true, message: mode };
  }

  private require(): NodeContext {
    if (this.context === null) throw new Error('the safety node is not configured');
    return this.context;
  }
}
