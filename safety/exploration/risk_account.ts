import type { RiskBudget } from './risk_budget.ts';

const HOUR_S = 3600;

/** What a budget has been spent on. */
export interface RiskStatement {
  readonly purpose: string;
  /** Time in which the arm was allowed to move, s. */
  readonly exploring_s: number;
  /** Interventions in all, and within the last hour. */
  readonly interventions: number;
  readonly in_last_hour: number;
  /** How many more the last hour may have. */
  readonly left: number;
  /** Greatest force on the tool that was seen, N. */
  readonly most_force_N: number;
}

/** Keeps account of a risk budget: interventions within a sliding hour, and the greatest force that was seen. */
export class RiskAccount {
  readonly budget: RiskBudget;
  private exploring_s = 0;
  private interventions = 0;
  /** When the last ones came, s, oldest first: as many as an hour may have. */
  private readonly recent: number[] = [];
  private last_s = Number.NaN;
  private most_force_N = 0;

  constructor(budget: RiskBudget) {
    this.budget = budget;
  }

  /** What was measured at `now_s` (rising), and whether the arm may move. */
  observe(now_s: number, moving: boolean, force_N: number): void {
    if (moving && now_s > this.last_s) this.exploring_s += now_s - this.last_s;
    this.last_s = now_s;
    this.most_force_N = Math.max(this.most_force_N, force_N);
  }

  /** A stop, or a person who stepped in, at `now_s`. */
  intervene(now_s: number): void {
    this.interventions++;
    this.recent.push(now_s);
    if (this.recent.length > this.budget.interventions_per_hour) this.recent.shift();
  }

  /** Whether nothing more may be risked at `now_s`: the hour before it has had all its interventions. */
  spent(now_s: number): boolean {
    return this.left(now_s) === 0;
  }

  /** Interventions that are left. */
  left(now_s: number): number {
    return this.budget.interventions_per_hour - this.inHourBefore(now_s);
  }

  statement(now_s: number): RiskStatement {
    return {
      purpose: this.budget.purpose,
      exploring_s: this.exploring_s,
      interventions: this.interventions,
      in_last_hour: this.inHourBefore(now_s),
      left: this.left(now_s),
      most_force_N: this.most_force_N,
    };
  }

  private inHourBefore(now_s: number): number {
    return this.recent.filter((at_s) => now_s - at_s < HOUR_S).length;
  }
}
