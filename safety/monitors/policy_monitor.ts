import type { PolicyStatus } from '../../contracts/index.ts';
import type { CommandSourceKind } from '../command_request.ts';
import type { Finding, Monitor } from './finding.ts';

/** Scores in a row over the limit before a policy counts as lost: one picture may be an exception … */
const SCORES = 2;
/** … but not where it is over this multiple of the limit. */
const FAR = 1.5;
/** A score says something for so long, s. */
const SCORE_S = 0.5;

/** A policy that sees what it was not trained on, by its own score. */
export class PolicyInputMonitor implements Monitor {
  private over = 0;
  private heard_s = Number.NEGATIVE_INFINITY;
  private detail = '';

  hear({ policy, ood_score, ood_limit }: PolicyStatus, now_s: number): void {
    this.heard_s = now_s;
    if (ood_score > FAR * ood_limit) this.over = SCORES;
    else this.over = ood_score <= ood_limit ? 0 : this.over + 1;
    if (this.over === 0) return;
    this.detail = `${policy} has an out-of-distribution score of ${ood_score.toFixed(2)}, at most ${ood_limit}`;
  }

  look(now_s: number): Finding | null {
    if (this.over < SCORES || now_s - this.heard_s > SCORE_S) return null;
    return { fault: 'policy_unknown_input', detail: this.detail };
  }
}

/** What is looked at of the gate; a SafetyGate fits, and what a gate in another process tells. */
export interface GateCounts {
  readonly source: CommandSourceKind | 'none';
  readonly passed: number;
  readonly limited: number;
  readonly stopped: number;
}

export interface DivergenceLimits {
  /** A policy diverges when the gate could let pass no more than this share of its commands … */
  readonly least_passed: number;
  /** … for so long, s. */
  readonly window_s: number;
}

/** A policy whose commands the gate does not let pass, cycle after cycle: it fights its limits. */
export class PolicyDivergenceMonitor implements Monitor {
  private readonly limits: DivergenceLimits;
  private since_s = Number.NaN;
  private passed = 0;
  private limited = 0;
  /** Commands that were passed or limited up to the last look. */
  private seen = -1;
  private event_s = Number.NEGATIVE_INFINITY;
  private detail = '';

  constructor(limits: DivergenceLimits) {
    this.limits = limits;
  }

  /** The gate's counts at `now_s`. */
  hear({ source, passed, limited }: GateCounts, now_s: number): void {
    const { least_passed, window_s } = this.limits;
    if (source !== 'policy') {
      this.since_s = Number.NaN;
      return;
    }
    const commands = passed - this.passed + limited - this.limited;
    // A gate that is stopped answers none.
    const fine = passed + limited === this.seen || passed - this.passed > least_passed * commands;
    this.seen = passed + limited;
    if (Number.isNaN(this.since_s) || fine) {
      this.since_s = now_s;
      this.passed = passed;
      this.limited = limited;
      return;
    }
    if (now_s - this.since_s < window_s - 1e-9) return;
    this.event_s = now_s;
    this.detail = `of ${commands} commands of a policy the gate could let pass ${passed - this.passed}, ${(100 * least_passed).toFixed(0)} % at least`;
  }

  look(now_s: number): Finding | null {
    return now_s - this.event_s < window(this.limits) ? { fault: 'policy_diverging', detail: this.detail } : null;
  }
}

/** How long a finding counts after the last look at the gate that made it, s. */
const window = ({ window_s }: DivergenceLimits) => Math.min(0.05, window_s);
