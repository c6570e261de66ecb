import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { FULL, NOISE_PER_GRAIN, NOISE_SIZE, noiseVolume, PATTERN, patternAt } from './texture.ts';

const noise = noiseVolume();
const at = (kind: keyof typeof PATTERN, x: number, y: number, z: number): number =>
  patternAt(PATTERN[kind], Float64Array.of(x, y, z), noise) / FULL;

describe('patterns', () => {
  test('a chequerboard and stripes repeat after one period and turn over after half of one', () => {
    const rng = createRng(1, 'periods');
    for (let i = 0; i < 500; i++) {
      const p = [rng.range(-3, 3), rng.range(-3, 3), rng.range(-3, 3)] as const;
      for (const kind of ['checker', 'stripes'] as const) {
        const here = at(kind, ...p);
        expect(at(kind, p[0] + 1, p[1], p[2]), `${kind} ${p}`).toBe(here);
        expect(at(kind, p[0] + 0.5, p[1], p[2]), `${kind} ${p}`).toBe(1 - here);
      }
      expect(at('checker', p[0], p[1] + 0.5, p[2])).toBe(1 - at('checker', ...p));
      expect(at('stripes', p[0], p[1] + 0.3, p[2] - 2)).toBe(at('stripes', ...p));
    }
  });

  test('a spot is full within its radius and empty outside', () => {
    const rng = createRng(2, 'spot');
    for (let i = 0; i < 500; i++) {
      const p = [rng.range(-1, 1), rng.range(-1, 1), rng.range(-1, 1)] as const;
      expect(at('spot', ...p), `${p}`).toBe(Math.hypot(...p) <= 1 ? 1 : 0);
    }
  });

  test('noise is spread over 0 to 1, alike nearby and independent beyond a grain', () => {
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    expect([...new Set(noise)].sort((a, b) => a - b)).toEqual(Array.from({ length: FULL + 1 }, (_, i) => i));
    const correlation = (samples: number): number => {
      let [sum, square] = [0, 0];
      for (let i = 0; i + samples < noise.length; i++) {
        sum += (noise[i] - mean) * (noise[i + samples] - mean);
        square += (noise[i] - mean) ** 2;
      }
      return sum / square;
    };
    expect(Math.abs(mean / FULL - 0.5)).toBeLessThan(0.02);
    expect(correlation(1)).toBeGreaterThan(0.7);
    expect(Math.abs(correlation(3 * NOISE_PER_GRAIN))).toBeLessThan(0.1);
    const grains = NOISE_SIZE / NOISE_PER_GRAIN;
    expect(at('noise', 0.3, -0.2, 5.1)).toBe(at('noise', 0.3 + grains, -0.2 - grains, 5.1));
  });
});
