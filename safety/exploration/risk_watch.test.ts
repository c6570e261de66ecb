import { describe, expect, it } from 'vitest';
import { InProcessBus, type SafetyState, SILENT_LOG, SimClock, secondsToStamp, TOPICS } from '../../contracts/index.ts';
import type { AuditEvent } from '../audit/event.ts';
import { parseRiskBudget } from './risk_budget.ts';
import { RiskWatch } from './risk_watch.ts';

const budget = parseRiskBudget(
  {
    ...{ schema: 'surepick.risk_budget', version: 1, purpose: 'training', tool_speed_m_per_s: 0.5 },
    ...{ joint_speed_share: 0.5, region: null, force_N: 30, interventions_per_hour: 3 },
  },
  'budget',
);
const AUTOMATIC: SafetyState = {
  ...{ stamp_ns: 0n, mode: 'automatic', latched: false, reasons: [], stop_category: -1, drives_on: true },
  ...{ stop_time_s: 0, lease_valid: true, passed: 0, limited: 0, stopped: 0, degradation: 'none', pace: 1 },
  ...{ separation_m: null, protective_distance_m: null },
};

async function watching() {
  const bus = new InProcessBus();
  const clock = new SimClock();
  const events: AuditEvent[] = [];
  const watch = new RiskWatch(budget, { record: (event) => events.push(event) });
  await watch.configure({ bus, clock, log: SILENT_LOG });
  watch.activate();
  return {
    watch,
    events,
    rules: () => events.map(({ rule }) => rule),
    async at(now_s: number, mode: SafetyState['mode'], force_N = 0) {
      clock.advance(secondsToStamp(now_s));
      const stamp_ns = clock.now_ns();
      bus.publish(TOPICS.safety_state, {
        ...AUTOMATIC,
        stamp_ns,
        mode,
        reasons: mode === 'automatic' ? [] : ['limit'],
      });
      bus.publish(TOPICS.wrench, { stamp_ns, frame_id: 'hand', force: [0, 0, force_N], torque: [0, 0, 0] });
      await bus.settled();
    },
  };
}

describe('the watch over a risk budget', () => {
  it('spends it on stops, then says that the arm must rest until the hour has passed', async () => {
    const { watch, at, rules } = await watching();
    await at(1, 'automatic', 10);
    await at(2, 'protective_stop');
    await at(3, 'protective_stop');
    await at(4, 'automatic', 32);
    await at(5, 'emergency_stop', 5);
    await at(5.5, 'automatic');
    expect(watch.conditions()).toEqual([]);
    await at(6, 'fault');
    expect(watch.conditions()).toEqual([
      {
        reason: 'the risk budget for training is spent: 3 interventions within an hour',
        ...{ category: 2, awaited: false },
      },
    ]);
    await at(7, 'automatic');
    await at(8, 'protective_stop');
    expect(watch.statement()).toMatchObject({ interventions: 3, left: 0, most_force_N: 32 });
    await at(3601, 'protective_stop');
    expect(watch.conditions()).toHaveLength(1);
    await at(3602, 'protective_stop');
    expect(watch.conditions()).toEqual([]);
    watch.deactivate();
    expect(rules()).toEqual([
      'exploration.begins',
      ...['exploration.intervention', 'exploration.intervention', 'exploration.intervention', 'exploration.spent'],
      'exploration.ends',
    ]);
  });

  it('counts only time in which the arm may move', async () => {
    const { watch, at } = await watching();
    await at(1, 'initialising');
    await at(2, 'automatic');
    await at(4, 'automatic');
    await at(5, 'protective_stop');
    await at(9, 'protective_stop');
    expect(watch.statement().exploring_s).toBe(3);
  });
});
