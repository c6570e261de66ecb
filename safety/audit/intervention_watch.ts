import type { CommandSourceKind } from '../command_request.ts';
import type { InterventionLog } from '../intervention_log.ts';
import type { Effect } from '../reasons.ts';
import type { AuditSink } from './event.ts';

/** What the watch looks at after every cycle; a gate fits. */
export interface WatchedGate {
  readonly interventions: InterventionLog;
  /** Who asked for motion in the last cycle. */
  readonly source: CommandSourceKind | 'none';
}

const OUTCOMES: Readonly<Record<Effect, string>> = {
  pass: 'passed',
  limit: 'followed as far as allowed',
  stop: 'stopped until the cause was gone',
  latched_stop: 'stopped until a reset',
  fault: 'stopped by a fault until a reset',
  emergency_stop: 'stopped by the arm itself',
};

/** Tells an audit log every intervention of a gate when it is over. Looking costs nothing while there is none. */
export class InterventionWatch {
  private readonly gate: WatchedGate;
  private readonly sink: AuditSink;
  private told = 0;
  private seen = 0;
  private asked: CommandSourceKind | 'none' = 'none';

  constructor(gate: WatchedGate, sink: AuditSink) {
    this.gate = gate;
    this.sink = sink;
  }

  /** After a cycle. */
  look(): void {
    const { interventions, source } = this.gate;
    const { count, open } = interventions;
    if (count === this.told) return;
    while (this.told < (open ? count - 1 : count)) this.tell(this.told++, OUTCOMES);
    if (count !== this.seen) this.asked = source;
    this.seen = count;
  }

  /** At the end: what goes on is told as it is. */
  finish(): void {
    while (this.told < this.gate.interventions.count) this.tell(this.told++, null);
  }

  private tell(index: number, outcomes: typeof OUTCOMES | null): void {
    const { start_s, end_s, cycles, effect, reasons } = this.gate.interventions.at(index);
    // What ended before the next look was asked for by the one who asks now.
    const source = index + 1 === this.seen ? this.asked : this.gate.source;
    this.sink.record({
      kind: 'intervention',
      rule: `gate.${reasons[0] ?? 'stopped'}`,
      inputs: { start_s, end_s, cycles, effect, reasons: [...reasons], source },
      outcome: outcomes === null ? 'goes on' : outcomes[effect],
    });
  }
}
