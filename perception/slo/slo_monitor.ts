import { LatencyHistogram } from './latency_histogram.ts';
import type { Slo } from './slo_file.ts';
import { WindowCounts } from './window_counts.ts';

/** What became of a request. `degraded`: answered, but by no network. */
export type RequestOutcome = 'answered' | 'degraded' | 'lost';

/** What is promised, each as a share of requests that may be bad. */
export const OBJECTIVES = ['p50', 'p95', 'p99', 'availability'] as const;
export type Objective = (typeof OBJECTIVES)[number];

/** How fast the budget of one objective is spent: 1 spends it just over its whole window. */
export interface BurnState {
  readonly alert: 'page' | 'ticket';
  readonly long: number;
  readonly short: number;
  readonly limit: number;
  readonly firing: boolean;
}

export interface ObjectiveState {
  readonly objective: Objective;
  /** Limit (ms, or share of requests), and what was measured since the start. */
  readonly limit: number;
  readonly measured: number;
  readonly met: boolean;
  /** Share of the error budget that is left in its window; negative when it is overspent. */
  readonly budget_left: number;
  readonly burns: readonly BurnState[];
}

export interface SloReport {
  readonly requests: number;
  readonly objectives: readonly ObjectiveState[];
  /** Longest of the cold starts (ms) and whether that is allowed; null before the first. */
  readonly cold_start_ms: number | null;
  readonly cold_start_met: boolean;
  /** Of the computer for a thousand answered requests while it worked on them, and with the time between them. */
  readonly cost_per_1000: number;
  readonly cost_per_1000_reserved: number;
  readonly currency: string;
  readonly cost_met: boolean;
  /** Whether all that is measured so far is as promised. */
  readonly met: boolean;
}

/** Holds requests against service level objectives: quantiles, error budgets, burn rates over windows, and cost. */
export class SloMonitor {
  readonly slo: Slo;
  private readonly allowed: readonly number[];
  private readonly windows: WindowCounts;
  private readonly latencies = new LatencyHistogram();
  private readonly outcomes = { answered: 0, degraded: 0, lost: 0 };
  private busy_s = 0;
  private first_s = Number.NaN;
  private last_s = 0;
  private cold_start_ms: number | null = null;

  constructor(slo: Slo) {
    this.slo = slo;
    this.allowed = [0.5, 0.05, 0.01, 1 - slo.availability];
    const { burn_rates, budget_window_s } = slo;
    const windows = [budget_window_s, ...burn_rates.flatMap(({ long_s, short_s }) => [long_s, short_s])];
    this.windows = new WindowCounts(OBJECTIVES.length, Math.min(...windows), Math.max(...windows));
  }

  /**
   * @param at_s  when it came, on a clock that does not go back
   * @param latency_s  spent on it; of a lost one 0
   */
  add(at_s: number, latency_s: number, outcome: RequestOutcome): void {
    const { p50, p95, p99 } = this.slo.latency_ms;
    const ms = 1000 * latency_s;
    const bad = [ms > p50, ms > p95, ms > p99, outcome !== 'answered'];
    this.windows.add(at_s, (kind) => bad[kind]);
    this.outcomes[outcome]++;
    this.busy_s += latency_s;
    if (Number.isNaN(this.first_s)) this.first_s = at_s;
    this.last_s = Math.max(this.last_s, at_s);
    if (outcome !== 'lost') this.latencies.add(latency_s);
  }

  addColdStart(duration_s: number): void {
    this.cold_start_ms = Math.max(this.cold_start_ms ?? 0, 1000 * duration_s);
  }

  report(now_s: number): SloReport {
    const { slo, outcomes, cold_start_ms } = this;
    const requests = outcomes.answered + outcomes.degraded + outcomes.lost;
    const objectives = OBJECTIVES.map((objective, kind) => this.stateOf(objective, kind, now_s, requests));
    const { per_hour, currency, per_1000 } = slo.cost;
    const thousands = (outcomes.answered + outcomes.degraded) / 1000;
    const cost = ((per_hour / 3600) * this.busy_s) / thousands;
    const reserved = ((per_hour / 3600) * (this.last_s - this.first_s)) / thousands;
    const cold_start_met = !(Number(cold_start_ms) > slo.cold_start_ms);
    const cost_met = !(cost > per_1000);
    return {
      ...{ requests, objectives, cold_start_ms, cold_start_met, currency, cost_met },
      ...{ cost_per_1000: cost, cost_per_1000_reserved: reserved },
      met: objectives.every(({ met }) => met) && cold_start_met && cost_met,
    };
  }

  private stateOf(objective: Objective, kind: number, now_s: number, requests: number): ObjectiveState {
    const { slo } = this;
    const available = objective === 'availability';
    const limit = available ? slo.availability : slo.latency_ms[objective];
    const measured = available
      ? this.outcomes.answered / requests
      : 1000 * this.latencies.quantile(1 - this.allowed[kind]);
    const { requests: in_window, bad } = this.windows.over(slo.budget_window_s, now_s, kind);
    const burn = (window_s: number): number => {
      const part = this.windows.over(window_s, now_s, kind);
      return part.requests === 0 ? 0 : part.bad / part.requests / this.allowed[kind];
    };
    return {
      ...{ objective, limit, measured },
      met: available ? !(measured < limit) : !(measured > limit),
      budget_left: in_window === 0 ? 1 : 1 - bad / (this.allowed[kind] * in_window),
      burns: slo.burn_rates.map(({ alert, long_s, short_s, rate }) => {
        const [long, short] = [burn(long_s), burn(short_s)];
        return { alert, long, short, limit: rate, firing: long >= rate && short >= rate };
      }),
    };
  }
}
