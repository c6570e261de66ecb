import { describe, expect, it } from 'vitest';
import { DegradationLadder } from './degradation.ts';
import { TemperatureMonitor } from './temperature.ts';

const hear = (monitor: TemperatureMonitor, value: number, what = 'motor_temperature') =>
  monitor.hear({ stamp_ns: 0n, joints: [{ name: 'joint2', values: [{ interface: what, value }] }] });

describe('the monitor of temperatures', () => {
  it('makes the arm slower near the limit, stops it over it, and lets it cool down by 2 K first', () => {
    const monitor = new TemperatureMonitor({ warm_C: 70, hot_C: 80 });
    const ladder = new DegradationLadder();
    const at = (value: number, now_s: number) => {
      hear(monitor, value);
      const finding = monitor.look();
      ladder.update(finding === null ? [] : [finding], now_s);
      return ladder.degradation;
    };
    expect([at(20, 0), at(69.9, 1), at(70, 2), at(79, 3), at(80, 4)]).toEqual([
      ...['none', 'none', 'slower', 'slower', 'stop'],
    ]);
    expect(ladder.stopping[0].detail).toBe('joint2 motor_temperature at 80.0 °C, at most 80');
    at(79, 5);
    expect(ladder.stopping).toHaveLength(1);
    at(77, 6);
    expect(ladder.stopping).toHaveLength(0);
    ladder.clear();
    expect([at(69, 7), at(67, 7.3), at(67, 8)]).toEqual(['slower', 'slower', 'none']);
  });

  it('says nothing of an arm that reports none, or no number', () => {
    const monitor = new TemperatureMonitor({ warm_C: 70, hot_C: 80 });
    hear(monitor, 500, 'effort');
    expect(monitor.look()).toBeNull();
    hear(monitor, Number.NaN);
    expect(monitor.look()).toBeNull();
  });
});
