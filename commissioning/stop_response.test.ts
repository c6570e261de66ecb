import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { type SpeedSample, stopResponse, stopStatistics } from './stop_response.ts';

const REQUESTED_S = 1;

/** Two joints that move evenly until `late_s` after the request and then brake for `brake_s`, sampled with noise. */
function stop(late_s: number, brake_s: number, hz: number, noise = 0, seed = 1): SpeedSample[] {
  const rng = createRng(seed, 'stop_response');
  return Array.from({ length: 2 * hz }, (_, k) => {
    const t_s = k / hz;
    const braked = Math.min(Math.max((t_s - REQUESTED_S - late_s) / brake_s, 0), 1);
    const speed = 1 - braked;
    const velocity = Float64Array.of(0.1 * speed, -0.05 * speed).map((v) => v + noise * (rng.uniform() - 0.5));
    return { t_s, velocity };
  });
}

describe('response to a stop', () => {
  it('finds when braking began and ended, to less than a sample', () => {
    for (const [late_s, brake_s] of [
      [0.05, 0.1],
      [0.13, 0.2],
      [0, 0.05],
    ]) {
      const { deceleration_s, standstill_s, cruise_rad_per_s } = stopResponse(stop(late_s, brake_s, 500), REQUESTED_S);
      expect(deceleration_s).toBeCloseTo(late_s + 0.05 * brake_s, 4);
      expect(standstill_s).toBeCloseTo(late_s + 0.98 * brake_s, 4);
      expect(cruise_rad_per_s).toBeCloseTo(Math.hypot(0.1, 0.05), 12);
    }
  });

  it('is not misled by noise within the thresholds', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { deceleration_s, standstill_s } = stopResponse(stop(0.06, 0.1, 200, 0.002, seed), REQUESTED_S);
      expect(Math.abs((deceleration_s ?? 9) - 0.065), `seed ${seed}`).toBeLessThan(0.01);
      expect(Math.abs((standstill_s ?? 9) - 0.158), `seed ${seed}`).toBeLessThan(0.01);
    }
  });

  it('says so when the arm never stops or never moved', () => {
    expect(stopResponse(stop(5, 1, 100), REQUESTED_S).deceleration_s).toBeNull();
    expect(stopResponse(stop(-1, 0.1, 100), REQUESTED_S)).toMatchObject({ deceleration_s: null, standstill_s: null });
    const { seen, trials, reaction_bound_s } = stopStatistics([stopResponse(stop(5, 1, 100), REQUESTED_S)]);
    expect({ seen, trials }).toEqual({ seen: 0, trials: 1 });
    expect(reaction_bound_s).toBeNaN();
  });

  it('bounds what is to be reckoned with above all that was seen', () => {
    const rng = createRng(2, 'stop_statistics');
    let kept = 0;
    for (let run = 0; run < 200; run++) {
      const draw = () => 0.06 + 0.005 * rng.normal();
      const trials = Array.from({ length: 20 }, () => ({
        ...{ deceleration_s: draw(), standstill_s: 0.3, cruise_rad_per_s: 0.1 },
      }));
      const { reaction_bound_s, deceleration_s } = stopStatistics(trials);
      expect(reaction_bound_s).toBeGreaterThanOrEqual(deceleration_s.most);
      // The 95 % quantile of the normal distribution lies 1.645 deviations above its mean.
      if (reaction_bound_s >= 0.06 + 1.645 * 0.005) kept++;
    }
    expect(kept).toBeGreaterThan(180);
  });
});
