import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import type { AlarmPriority } from '../protocol/index.ts';
import { AlarmList } from './alarm_list.ts';
import type { Condition } from './condition.ts';

const condition = (key: string, priority: AlarmPriority = 'medium', after_ms = 0): Condition => {
  return { key, priority, text: `${key} is wrong`, remedy: 'mend it', after_ms };
};

describe('an alarm', () => {
  it('stays until it is over and acknowledged, in either order', () => {
    for (const first of ['over', 'acknowledged'] as const) {
      const list = new AlarmList();
      list.report('a', [condition('x')], 0);
      expect(list.snapshot().alarms).toMatchObject([{ id: 'x', raised_ms: 0, cleared_ms: null, count: 1 }]);
      const clear = (at_ms: number) => {
        list.report('a', [], at_ms);
        list.step(at_ms + 2000);
      };
      if (first === 'over') clear(100);
      else expect(list.acknowledge('x', 'ada', 100)).toBe('');
      expect(list.snapshot().alarms).toMatchObject([
        first === 'over' ? { cleared_ms: 100, acknowledged_by: null } : { cleared_ms: null, acknowledged_by: 'ada' },
      ]);
      if (first === 'over') list.acknowledge('x', 'ada', 3000);
      else clear(3000);
      expect(list.snapshot().alarms).toEqual([]);
      expect(list.acknowledge('x', 'ada', 9000)).toContain('not there any more');
    }
  });

  it('that comes and goes is one, counted', () => {
    const list = new AlarmList();
    for (let k = 0; k < 500; k++) {
      list.report('a', [condition('x')], 1000 * k);
      list.report('a', [], 1000 * k + 500);
    }
    expect(list.snapshot().alarms).toMatchObject([{ id: 'x', raised_ms: 0, cleared_ms: null, count: 500 }]);
  });

  it('that comes back after it was over has to be acknowledged anew, and goes on counting', () => {
    const list = new AlarmList();
    for (const at_ms of [0, 10_000, 20_000]) {
      list.report('a', [condition('x')], at_ms);
      list.acknowledge('x', 'ada', at_ms + 10);
      list.report('a', [], at_ms + 20);
      list.step(at_ms + 5000);
      expect(list.snapshot().alarms).toEqual([]);
    }
    list.report('a', [condition('x')], 30_000);
    expect(list.snapshot().alarms).toMatchObject([{ raised_ms: 30_000, acknowledged_by: null, count: 4 }]);
  });

  it('that must last is none before it has lasted', () => {
    const list = new AlarmList();
    for (let t = 0; t < 1000; t += 100) list.report('a', [condition('x', 'low', 1000)], t);
    expect(list.snapshot().alarms).toEqual([]);
    list.report('a', [], 950);
    list.step(960);
    list.report('a', [condition('x', 'low', 1000)], 1500);
    list.step(2400);
    expect(list.snapshot().alarms).toEqual([]);
    list.step(2500);
    expect(list.snapshot().alarms).toMatchObject([{ raised_ms: 2500, count: 1 }]);
  });

  it('is over only for the source that raised it', () => {
    const list = new AlarmList();
    list.report('a', [condition('x')], 0);
    list.report('b', [], 100);
    list.step(5000);
    expect(list.snapshot().alarms).toMatchObject([{ cleared_ms: null }]);
  });

  it('tells of changes that people see, and of no others', () => {
    const list = new AlarmList();
    list.report('a', [condition('x')], 0);
    const { version } = list;
    for (let t = 0; t < 1000; t += 100) list.report('a', [condition('x')], t);
    expect(list.version).toBe(version);
    list.report('a', [{ ...condition('x'), text: 'worse' }], 1000);
    expect(list.version).toBe(version + 1);
  });
});

describe('the list', () => {
  it('has what is there first, then by priority, then the newest', () => {
    const list = new AlarmList();
    list.report('a', [condition('low', 'low')], 0);
    list.report('b', [condition('gone', 'critical')], 10);
    list.report('b', [], 20);
    list.report('c', [condition('old', 'high')], 30);
    list.report('d', [condition('new', 'high'), condition('worst', 'critical')], 40);
    list.step(5000);
    expect(list.snapshot().alarms.map(({ id }) => id)).toEqual(['worst', 'new', 'old', 'low', 'gone']);
    expect(list.standing).not.toContain('gone is wrong');
  });

  it('does not grow without end, and keeps the gravest', () => {
    const rng = createRng(9, 'flood');
    const list = new AlarmList();
    for (let k = 0; k < 3000; k++) {
      const priority = k === 0 ? 'critical' : 'low';
      list.report(`s${k}`, [condition(`k${k}`, priority)], k);
      if (rng.int(2) === 0) list.acknowledge(`k${rng.int(k + 1)}`, 'ada', k);
    }
    const { alarms } = list.snapshot();
    expect(alarms.length).toBeLessThanOrEqual(100);
    expect(alarms[0].id).toBe('k0');
  });
});
