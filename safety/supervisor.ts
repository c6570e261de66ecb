import type { SafetyMode } from './state_machine.ts';

/** What a supervisor sees of the gate. */
export interface GateObservation {
  readonly mode: SafetyMode;
  /** The newest nonce of the gate's lease; 0 for none. */
  readonly nonce: number;
}

/** Time between two grants; the lease lasts several of them. */
export const GRANT_PERIOD_S = 0.01;

/**
 * Decides whether the robot may move: echoes the gate's nonce every 10 ms unless a stop was asked for or the gate reports
 * a fault. Pure and stepped: in simulation in lock-step with the gate, on a robot in a process of its own.
 */
export class Supervisor {
  grants = 0;
  /** Nothing is granted while this is true; what was granted stays. */
  withheld = false;
  private stop_wanted = false;
  private readonly last_grant_s = new Float64Array(1).fill(Number.NEGATIVE_INFINITY);

  /** True from `requestStop` until `clearStop`. */
  get stopRequested(): boolean {
    return this.stop_wanted;
  }

  requestStop(): void {
    this.stop_wanted = true;
  }

  clearStop(): void {
    this.stop_wanted = false;
  }

  /** The nonce to be granted at `t_s` (this supervisor's clock), or 0 for none. */
  step(t_s: number, gate: GateObservation): number {
    if (this.stop_wanted || this.withheld || gate.mode === 'fault' || gate.nonce === 0) return 0;
    // A tenth of a nanosecond: cycles at k·h must not lose a period to rounding.
    if (t_s - this.last_grant_s[0] < GRANT_PERIOD_S - 1e-10) return 0;
    this.last_grant_s[0] = t_s;
    this.grants++;
    return gate.nonce;
  }
}
