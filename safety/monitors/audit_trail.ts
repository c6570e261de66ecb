import type { Degradation } from '../../contracts/index.ts';
import type { AuditSink } from '../audit/event.ts';
import type { OperatingMode, SafetyMode } from '../state_machine.ts';
import type { Degraded, LadderChange } from './degradation.ts';

/** What a supervisor tells the audit log; nothing where there is none. */
export class AuditTrail {
  private readonly sink: AuditSink | null;

  constructor(sink: AuditSink | null | undefined) {
    this.sink = sink ?? null;
  }

  /** Why the log cannot be written; empty while it can. */
  get failure(): string {
    return this.sink?.failure ?? '';
  }

  start(robot: string): void {
    this.sink?.record({
      kind: 'start',
      rule: 'supervisor.active',
      inputs: { robot },
      outcome: 'motion may be allowed',
    });
  }

  end(): void {
    this.sink?.record({ kind: 'end', rule: 'supervisor.inactive', inputs: {}, outcome: 'no motion is allowed' });
  }

  mode(from: SafetyMode | '', to: SafetyMode, reasons: readonly string[]): void {
    this.sink?.record({ kind: 'mode', rule: `mode.${to}`, inputs: { from, to, reasons: [...reasons] }, outcome: to });
  }

  /** @param rule  who asks: a service, an input, a process that is watched */
  stop(rule: string, category: number, reason: string): void {
    const inputs = { category, reason };
    this.sink?.record({ kind: 'stop_requested', rule, inputs, outcome: 'stops until a reset' });
  }

  /** @param refusal  why it was refused, empty where it was not */
  reset(refusal: string): void {
    const rule = refusal === '' ? 'reset.accepted' : 'reset.refused';
    this.sink?.record({ kind: 'reset', rule, inputs: { refusal }, outcome: refusal === '' ? 'accepted' : 'refused' });
  }

  selected(mode: OperatingMode, enabled: boolean, refusal: string): void {
    const rule = refusal === '' ? 'set_mode.accepted' : 'set_mode.refused';
    const inputs = { mode, enabled, refusal };
    this.sink?.record({ kind: 'mode', rule, inputs, outcome: refusal === '' ? mode : 'refused' });
  }

  limits(tool_speed_m_per_s: number | null, speed_share: number, reason: string): void {
    const inputs = { tool_speed_m_per_s, speed_share, reason };
    this.sink?.record({
      kind: 'limits',
      rule: 'commissioning.permit',
      inputs,
      outcome: reason === '' ? 'none' : reason,
    });
  }

  ladder(change: LadderChange): void {
    const { before, now, began, ended } = change;
    for (const one of began) this.fault(one, 'began');
    for (const one of ended) this.fault(one, 'is over');
    if (before !== now) this.degradation(before, now, began.length > 0 ? began : ended);
  }

  private fault({ finding, degradation, since_s }: Degraded, outcome: string): void {
    const inputs = { detail: finding.detail, degradation, since_s };
    this.sink?.record({ kind: 'fault', rule: `reactions.${finding.fault}`, inputs, outcome });
  }

  private degradation(from: Degradation, to: Degradation, by: readonly Degraded[]): void {
    const faults = by.map(({ finding }) => finding.fault);
    this.sink?.record({ kind: 'degradation', rule: 'ladder', inputs: { from, to, faults }, outcome: to });
  }
}
