import type { RestartPolicy } from './graph.ts';

/** What follows the end of a process: a new start after a wait, or none, with the reason. */
export type RestartDecision =
  | { readonly again: true; readonly after_s: number }
  | { readonly again: false; readonly reason: string };

/** Counts the ends of one process against its policy. Times are seconds of any steady clock. */
export class RestartBudget {
  private readonly policy: RestartPolicy;
  private readonly ends: number[] = [];
  restarts = 0;

  constructor(policy: RestartPolicy) {
    this.policy = policy;
  }

  /** The process has ended at `now_s` without being asked to. */
  onEnd(now_s: number, how: string): RestartDecision {
    const { policy, max, within_s, backoff_s } = this.policy;
    if (policy === 'never') return { again: false, reason: `${how}; its policy is never to start it again` };
    while (this.ends.length > 0 && now_s - this.ends[0] > within_s) this.ends.shift();
    if (this.ends.length >= max) {
      return { again: false, reason: `${how}; it was started again ${max} times within ${within_s} s already` };
    }
    this.ends.push(now_s);
    this.restarts++;
    return { again: true, after_s: backoff_s * 2 ** (this.ends.length - 1) };
  }
}
