import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { plotOf } from './observation.ts';

it('a plot of any length has at most 240 points in order, and keeps single peaks to within one stretch', () => {
  for (let seed = 0; seed < 60; seed++) {
    const rng = createRng(seed, 'plot');
    const n = 1 + rng.int(5000);
    const time_s = Float64Array.from({ length: n }, (_, k) => k / 100);
    const at = rng.int(n);
    const sign = rng.int(2) === 0 ? 1 : -1;
    const value = time_s.map((t, k) => (k === at ? 50 * sign : Math.sin(t)));
    const plot = plotOf('signal, rad', time_s, value, [1]);
    expect(plot.time_s.length, `seed ${seed}`).toBe(plot.value.length);
    expect(plot.time_s.length, `seed ${seed}`).toBeLessThanOrEqual(240);
    expect(
      [...plot.time_s].sort((a, b) => a - b),
      `seed ${seed}`,
    ).toEqual(plot.time_s);
    // Stretches show their highest and their lowest in turn.
    const stretch = Math.max(1, Math.ceil(n / 240));
    const shown = Math.floor(at / stretch) % 2 === (sign > 0 ? 0 : 1) || stretch === 1;
    if (shown) expect(plot.value, `seed ${seed}`).toContain(50 * sign);
    const off = plot.time_s.map((t, k) => Math.abs(plot.value[k] - value[Math.round(100 * t)]));
    expect(Math.max(...off), `seed ${seed}`).toBeLessThan(1e-3);
  }
  expect(plotOf('nothing', [0, 1], [Number.NaN, Number.NaN]).value).toEqual([]);
});
