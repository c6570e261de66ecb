import type { EnablingDevice, ExternalInputs } from '../contracts/index.ts';
import type { SafetyGate } from './gate.ts';
import type { StopCategory } from './reasons.ts';
import type { Supervisor } from './supervisor.ts';

/** Something outside that speaks against motion. */
export interface OutsideCondition {
  readonly reason: string;
  readonly category: StopCategory;
  /** Only not there yet: nothing moves before it is, and it stops nothing. */
  readonly awaited: boolean;
}

/** Who hears the plant's own inputs, and says what of them speaks against motion; times in s. */
export interface OutsideConditions {
  hearInputs(inputs: ExternalInputs, now_s: number): void;
  conditions(now_s: number): readonly OutsideCondition[];
  /** Of all sources that have one; `released` too where such a source is silent. By default there is none. */
  enablingDevice?(now_s: number): EnablingDevice;
}

/** Stops gate and supervisor for what speaks against motion from outside, and holds them until a reset once it is gone. */
export class OutsideStops {
  private readonly outside: OutsideConditions;
  private readonly gate: SafetyGate;
  private readonly supervisor: Supervisor;
  private found: readonly OutsideCondition[] = [];
  private held: readonly string[] = [];

  constructor(outside: OutsideConditions, gate: SafetyGate, supervisor: Supervisor) {
    this.outside = outside;
    this.gate = gate;
    this.supervisor = supervisor;
  }

  hear(inputs: ExternalInputs, now_s: number): void {
    this.outside.hearInputs(inputs, now_s);
  }

  /** True if anything has changed since the last look. */
  look(now_s: number): boolean {
    const device = this.outside.enablingDevice?.(now_s) ?? 'none';
    if (device !== 'none') this.gate.setEnabled(device === 'held');
    const before = this.found;
    this.found = this.outside.conditions(now_s);
    this.supervisor.withheld = this.found.length > 0;
    const is_new = ({ reason }: OutsideCondition) => before.every((known) => known.reason !== reason);
    const fresh = this.found.filter(is_new);
    for (const { reason, category, awaited } of fresh) {
      if (awaited) continue;
      this.gate.requestStop(category);
      this.supervisor.requestStop();
      this.held = [...this.held, reason];
    }
    return fresh.length > 0 || before.length !== this.found.length;
  }

  /** What holds until a reset, then what is still there. */
  get reasons(): readonly string[] {
    return [...new Set([...this.held, ...this.found.map(({ reason }) => reason)])];
  }

  /** Why a reset is refused; empty where it is not. */
  get refusal(): string {
    return this.found.map(({ reason }) => reason).join('; ');
  }

  clear(): void {
    this.held = [];
  }
}
