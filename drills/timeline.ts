import { DEGRADATIONS, type Degradation, type SafetyState } from '../contracts/index.ts';

/** What a run was seen to do, cycle by cycle; times in s by the cell's clock. */
export class Timeline {
  readonly time_s: number[] = [];
  /** Greatest commanded joint speed, rad/s (m/s), and how long the verified stop from there takes, s. */
  readonly speed: number[] = [];
  readonly stop_time_s: number[] = [];
  /** Whether the gate took commands. */
  readonly operating: boolean[] = [];
  /** The states on the bus, and when each was heard. */
  readonly states: { readonly at_s: number; readonly state: SafetyState }[] = [];
  readonly stages: { readonly at_s: number; readonly stage: string }[] = [];

  cycle(time_s: number, speed: number, stop_time_s: number, operating: boolean): void {
    this.time_s.push(time_s);
    this.speed.push(speed);
    this.stop_time_s.push(stop_time_s);
    this.operating.push(operating);
  }

  get stage(): string {
    return this.stages.at(-1)?.stage ?? '';
  }

  get state(): SafetyState | null {
    return this.states.at(-1)?.state ?? null;
  }

  /** The first state from `from_s` on of which this holds. */
  firstState(from_s: number, holds: (state: SafetyState) => boolean): { at_s: number; state: SafetyState } | null {
    return this.states.find(({ at_s, state }) => at_s >= from_s && holds(state)) ?? null;
  }

  /** The first cycle from `from_s` on of which this holds, −1 for none. */
  firstCycle(from_s: number, holds: (k: number) => boolean): number {
    for (let k = 0; k < this.time_s.length; k++) if (this.time_s[k] >= from_s && holds(k)) return k;
    return -1;
  }
}

/** What is left of normal work by a state: an arm that must not move is stopped, whatever else is said. */
export function degradationOf({ mode, degradation }: SafetyState): Degradation {
  return mode === 'automatic' || mode === 'reduced' || mode === 'guided' ? degradation : 'stop';
}

export function atLeast(degradation: Degradation, least: Degradation): boolean {
  return DEGRADATIONS.indexOf(degradation) >= DEGRADATIONS.indexOf(least);
}
