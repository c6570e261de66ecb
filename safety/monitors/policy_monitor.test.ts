import { describe, expect, it } from 'vitest';
import { PolicyDivergenceMonitor, PolicyInputMonitor } from './policy_monitor.ts';

describe('the monitor of what a policy sees', () => {
  it('finds two scores in a row over the limit, and nothing in one, or in old ones', () => {
    const monitor = new PolicyInputMonitor();
    const hear = (ood_score: number, now_s: number) => {
      monitor.hear({ stamp_ns: 0n, policy: 'reach', model_sha256: '', ood_score, ood_limit: 3 }, now_s);
      return monitor.look(now_s)?.detail ?? null;
    };
    expect([hear(3, 0), hear(4, 0.05), hear(2, 0.1), hear(4, 0.15)]).toEqual([null, null, null, null]);
    expect(hear(4.5, 0.2)).toBe('reach has an out-of-distribution score of 4.50, at most 3');
    expect(monitor.look(0.8)).toBeNull();
    expect([hear(2, 1), hear(4.6, 1.05)]).toEqual([null, expect.stringContaining('4.60')]);
  });
});

describe('the monitor of policies that diverge', () => {
  /** Looks every 10 ms at 500 Hz; of the commands of each look `passed` (of 5) pass. Time of the finding, s. */
  function found(source: 'policy' | 'trajectory', passed: (k: number) => number): number | null {
    const monitor = new PolicyDivergenceMonitor({ least_passed: 0.1, window_s: 0.08 });
    const counts = { source, passed: 0, limited: 0, stopped: 0 };
    for (let k = 0; k < 200; k++) {
      counts.passed += passed(k);
      counts.limited += 5 - passed(k);
      monitor.hear(counts, 0.01 * k);
      if (monitor.look(0.01 * k) !== null) return 0.01 * k;
    }
    return null;
  }

  it('finds one whose commands the gate cannot let pass for 80 ms, and none that is limited now and then', () => {
    expect(found('policy', (k) => (k < 100 ? 5 : 0))).toBeCloseTo(1.07, 2);
    expect(found('policy', (k) => (k % 4 === 0 ? 5 : 0))).toBeNull();
    expect(found('policy', () => 1)).toBeNull();
    const stopped = new PolicyDivergenceMonitor({ least_passed: 0.1, window_s: 0.08 });
    for (let k = 0; k < 50; k++) {
      stopped.hear({ source: 'policy', passed: 7, limited: 7, stopped: k }, 0.01 * k);
      expect(stopped.look(0.01 * k)).toBeNull();
    }
    expect(found('trajectory', () => 0)).toBeNull();
  });
});
