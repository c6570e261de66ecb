import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { ClockOffset } from './clock_offset.ts';

/** Messages of `seconds` whose way takes 0.5 ms and up to `jitter_s` more. */
function watched(offset_s: (t_s: number) => number, jitter_s: number, seconds: number, seed = 1): ClockOffset {
  const rng = createRng(seed, 'way');
  const clock = new ClockOffset();
  for (let t_s = 0; t_s < seconds; t_s += 0.01) {
    clock.add(t_s + offset_s(t_s), t_s + 5e-4 + jitter_s * rng.uniform() ** 3);
  }
  return clock;
}

describe('the offset of another clock', () => {
  it('is none before anything came, and none for one clock', () => {
    expect(new ClockOffset().offset_s).toBe(0);
    for (const jitter_s of [0, 0.005, 0.05]) expect(watched(() => 0, jitter_s, 2).offset_s).toBe(0);
  });

  it('is found but for the least time on the way, whatever the jitter', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed, 'offset');
      const offset_s = (rng.uniform() < 0.5 ? -1 : 1) * rng.range(0.04, 100);
      const found_s = watched(() => offset_s, 0.03, 3, seed).offset_s;
      expect(found_s, `seed ${seed}`).toBeLessThan(offset_s);
      expect(found_s, `seed ${seed}`).toBeGreaterThan(offset_s - 0.002);
    }
  });

  it('forgets what was before its windows', () => {
    const stepped = watched((t_s) => (t_s < 20 ? 1 : -1), 0.001, 40);
    expect(stepped.offset_s).toBeCloseTo(-1, 2);
    expect(watched((t_s) => (t_s < 20 ? 1 : 0), 0.001, 40).offset_s).toBe(0);
  });

  it('tells how much the way varies', () => {
    expect(watched(() => 3, 0.02, 5).jitter_s).toBeGreaterThan(0.017);
    expect(watched(() => 3, 0.02, 5).jitter_s).toBeLessThan(0.02);
  });
});
