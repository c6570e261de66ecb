import { describe, expect, it } from 'vitest';
import { readSlo } from './slo_file.ts';
import { type Objective, type RequestOutcome, SloMonitor, type SloReport } from './slo_monitor.ts';

const SLO = readSlo();
const stateOf = ({ objectives }: SloReport, wanted: Objective) => {
  const found = objectives.find(({ objective }) => objective === wanted);
  if (found === undefined) throw new Error(`no ${wanted}`);
  return found;
};

/** A request a second from `from_s` on, each of so many ms. */
function fill(monitor: SloMonitor, from_s: number, requests: number, ms: number, outcome: RequestOutcome = 'answered') {
  for (let k = 0; k < requests; k++) monitor.add(from_s + k, ms / 1000, outcome);
  return from_s + requests;
}

describe('objectives of perception', () => {
  it('are met by quick answers, and say which limit is broken otherwise', () => {
    const monitor = new SloMonitor(SLO);
    let now = fill(monitor, 0, 1000, 2);
    expect(monitor.report(now)).toMatchObject({ requests: 1000, met: true });
    now = fill(monitor, now, 20, 20);
    const report = monitor.report(now);
    expect(report.met).toBe(false);
    expect(report.objectives.map(({ met }) => met)).toEqual([true, true, false, true]);
    expect(stateOf(report, 'p50').measured).toBeCloseTo(2, 1);
    expect(stateOf(report, 'p99').measured).toBeGreaterThan(19.9);
  });

  it('spend the budget that their shares allow', () => {
    const monitor = new SloMonitor(SLO);
    const now = fill(monitor, fill(monitor, 0, 995, 2), 5, 20);
    const p99 = stateOf(monitor.report(now), 'p99');
    expect(p99.budget_left).toBeCloseTo(0.5, 9);
    expect(stateOf(monitor.report(now + 2 * SLO.budget_window_s), 'p99').budget_left).toBe(1);
  });

  it('count what is lost or answered by no network as not available', () => {
    const monitor = new SloMonitor(SLO);
    let now = fill(monitor, 0, 1998, 2);
    now = fill(monitor, now, 1, 2, 'degraded');
    expect(stateOf(monitor.report(now), 'availability')).toMatchObject({ met: true });
    now = fill(monitor, now, 3, 0, 'lost');
    const state = stateOf(monitor.report(now), 'availability');
    expect(state.measured).toBeCloseTo(1998 / 2002, 12);
    expect(state.budget_left).toBeCloseTo(1 - 4 / 2.002, 9);
    expect(state.met).toBe(false);
  });

  it('alert only while both windows burn too fast', () => {
    const monitor = new SloMonitor(SLO);
    const firing = (now_s: number) =>
      stateOf(monitor.report(now_s), 'availability').burns.map(({ alert, firing: fires }) => fires && alert);
    let now = fill(monitor, 0, 3600, 2);
    expect(firing(now)).toEqual([false, false]);
    // 60 lost of an hour: 17 times as fast as allowed, over the last five minutes more.
    now = fill(monitor, now, 60, 0, 'lost');
    expect(firing(now)).toEqual(['page', 'ticket']);
    // Five good minutes later the short window is calm.
    now = fill(monitor, now, 310, 2);
    expect(firing(now)).toEqual([false, 'ticket']);
    now = fill(monitor, now, 1800, 2);
    expect(firing(now)).toEqual([false, false]);
  });

  it('have a price: of the time at work, and of all time', () => {
    const monitor = new SloMonitor(SLO);
    const now = fill(monitor, 0, 1001, 3.6);
    const report = monitor.report(now);
    expect(report.cost_per_1000).toBeCloseTo((SLO.cost.per_hour * 3.6) / 3600, 12);
    expect(report.cost_per_1000_reserved).toBeCloseTo((SLO.cost.per_hour * 1000) / 3600 / 1.001, 12);
    expect(report.cost_met).toBe(true);
    fill(monitor, now, 1000, 100);
    expect(monitor.report(now).cost_met).toBe(false);
  });

  it('hold cold starts against their limit, by the longest', () => {
    const monitor = new SloMonitor(SLO);
    expect(monitor.report(0)).toMatchObject({ cold_start_ms: null, cold_start_met: true, met: true });
    for (const duration_s of [0.2, 0.5, 0.3]) monitor.addColdStart(duration_s);
    expect(monitor.report(0)).toMatchObject({ cold_start_ms: 500, cold_start_met: false, met: false });
  });
});
