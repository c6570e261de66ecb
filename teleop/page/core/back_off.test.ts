import { expect, it } from 'vitest';
import { BackOff } from './back_off.ts';

it('waits twice as long each time, up to the most, and is quick again after a success', () => {
  const backOff = new BackOff({ first_ms: 100, most_ms: 1000 }, () => 0.5);
  expect(Array.from({ length: 6 }, () => backOff.next_ms())).toEqual([100, 200, 400, 800, 1000, 1000]);
  backOff.succeeded();
  expect(backOff.next_ms()).toBe(100);
});

it('spreads tries by a fifth each way and never overflows', () => {
  for (const random of [0, 1]) {
    const backOff = new BackOff({ first_ms: 100, most_ms: 1000 }, () => random);
    expect(backOff.next_ms()).toBeCloseTo(random === 0 ? 80 : 120);
    for (let i = 0; i < 2000; i++) expect(backOff.next_ms()).toBeLessThan(1200.001);
  }
});
