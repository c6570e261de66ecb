import { describe, expect, it } from 'vitest';
import { createRng } from './rng.ts';

const draw = (seed: number, name: string, n = 8) => {
  const rng = createRng(seed).stream(name);
  return Array.from({ length: n }, () => rng.uniform());
};

describe('random streams', () => {
  it('repeat for equal seed and name and differ otherwise', () => {
    expect(draw(7, 'episode/3')).toEqual(draw(7, 'episode/3'));
    expect(draw(7, 'episode/3')).not.toEqual(draw(7, 'episode/4'));
    expect(draw(7, 'episode/3')).not.toEqual(draw(8, 'episode/3'));
    expect(draw(2 ** 40 + 7, 'a')).not.toEqual(draw(7, 'a'));
  });

  it('are not disturbed by what their siblings or parents draw', () => {
    const root = createRng(1);
    root.uniform();
    expect(root.stream('x').uniform()).toBe(createRng(1).stream('x').uniform());
  });

  it('are uniform: mean 1/2, variance 1/12, no correlation with the step before', () => {
    const rng = createRng(5).stream('stats');
    const n = 200_000;
    let [sum, squares, product, last] = [0, 0, 0, 0.5];
    for (let i = 0; i < n; i++) {
      const x = rng.uniform();
      sum += x;
      squares += (x - 0.5) ** 2;
      product += (x - 0.5) * (last - 0.5);
      last = x;
    }
    expect(Math.abs(sum / n - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(squares / n - 1 / 12)).toBeLessThan(0.001);
    expect(Math.abs(product / n)).toBeLessThan(4 / 12 / Math.sqrt(n));
  });

  it('are normal: mean 0, variance 1, kurtosis 3', () => {
    const rng = createRng(6).stream('normal');
    const n = 200_000;
    const moments = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const x = rng.normal();
      moments[0] += x / n;
      moments[1] += (x * x) / n;
      moments[2] += x ** 4 / n;
    }
    expect(Math.abs(moments[0])).toBeLessThan(0.01);
    expect(Math.abs(moments[1] - 1)).toBeLessThan(0.02);
    expect(Math.abs(moments[2] - 3)).toBeLessThan(0.1);
  });
});
