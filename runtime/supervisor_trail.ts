import type { SafetyState } from '../contracts/index.ts';
import type { AuditSink } from '../safety/index.ts';
import { AuditTrail } from '../safety/index.ts';
import type { SupervisorView } from './supervisor_core.ts';
import { TAMPERING, type TamperingRule, tamperingRule } from './tampering.ts';

/** Tells the audit log what a supervisor in a process of its own learns from its thread, which only knows what holds now. */
export class SupervisorTrail extends AuditTrail {
  private readonly events: AuditSink | null;
  private holds: readonly string[] = [];
  private seen: SafetyState | null = null;
  /** Reasons of the intervention under way, and the gate's counts when it began. */
  private reasons = '';
  private limited = 0;
  private stopped = 0;

  constructor(sink: AuditSink | null | undefined) {
    super(sink);
    this.events = sink ?? null;
  }

  /** What the thread knows, and the state that is made of it. */
  view({ holds, category, gate }: SupervisorView, state: SafetyState): void {
    for (const reason of holds) if (!this.holds.includes(reason)) this.held(category, reason);
    this.holds = holds;
    if (this.seen === null || this.seen.mode !== state.mode)
      this.mode(this.seen?.mode ?? '', state.mode, state.reasons);
    this.seen = state;
    if (gate !== null) this.intervention([...gate.reasons], gate.limited, gate.stopped);
  }

  tampered(rule: TamperingRule, outcome: string): void {
    this.events?.record({ kind: 'tampering', rule, inputs: { found: TAMPERING[rule] }, outcome });
  }

  private held(category: number, reason: string): void {
    const rule = tamperingRule(reason);
    if (rule === null) this.stop('supervisor', category, reason);
    else this.tampered(rule, 'stops until a reset');
  }

  /** One intervention is over when the gate's reasons change. */
  private intervention(reasons: readonly string[], limited: number, stopped: number): void {
    const named = reasons.join(', ');
    if (named === this.reasons) return;
    if (this.reasons !== '') {
      const inputs = {
        reasons: this.reasons.split(', '),
        limited: limited - this.limited,
        stopped: stopped - this.stopped,
      };
      const rule = `gate.${inputs.reasons[0]}`;
      this.events?.record({ kind: 'intervention', rule, inputs, outcome: named === '' ? 'is over' : `now ${named}` });
    }
    this.reasons = named;
    this.limited = limited;
    this.stopped = stopped;
  }
}
