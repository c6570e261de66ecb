import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { readScenarios } from '../scenarios/scenario.ts';
import { type EpisodePair, GoodEpisodes, separationCost } from './good_episodes.ts';
import { STROLL, Stroller } from './strollers.ts';

describe('people who stroll about an arm', () => {
  it('keep their distance, their speed and their way', () => {
    let [rested, walked] = [0, 0];
    for (let seed = 0; seed < 12; seed++) {
      const stroller = new Stroller(createRng(seed, 'stroller'));
      let before = stroller.at(0);
      let [nearest_m, farthest_m, fastest_m] = [Infinity, 0, 0];
      for (let k = 1; k < 3000; k++) {
        const now = stroller.at(k / 50);
        const step_m = Math.hypot(now.at[0] - before.at[0], now.at[1] - before.at[1]);
        nearest_m = Math.min(nearest_m, Math.hypot(...now.at));
        farthest_m = Math.max(farthest_m, Math.hypot(...now.at));
        fastest_m = Math.max(fastest_m, step_m);
        if (step_m < 1e-12) rested++;
        else walked++;
        before = now;
      }
      expect(nearest_m, `seed ${seed}`).toBeGreaterThanOrEqual(STROLL.nearest_m - 1e-9);
      expect(farthest_m, `seed ${seed}`).toBeLessThanOrEqual(STROLL.farthest_m + 1e-9);
      expect(50 * fastest_m, `seed ${seed}`).toBeLessThanOrEqual(STROLL.fastest_m_per_s + 1e-9);
    }
    expect(rested).toBeGreaterThan(500);
    expect(walked).toBeGreaterThan(rested);
  });
});

describe('good picks with people at a distance', () => {
  let episodes: GoodEpisodes;
  let pair: EpisodePair;
  beforeAll(async () => {
    episodes = await GoodEpisodes.create();
    pair = await episodes.play(1);
  }, 240_000);
  afterAll(() => episodes.close());

  it('are neither stopped nor spoilt nor much slower', () => {
    const cost = separationCost([pair]);
    expect(pair.watched.people).toBeGreaterThan(0);
    expect(pair.watched.nearest_m).toBeGreaterThan(0.5);
    expect(pair.alone).toMatchObject({ success: true, people: 0, nearest_m: null, pace: 1, stops: [] });
    expect(cost, pair.watched.stops.join('; ')).toMatchObject({ episodes: 1, stopped: 0, spoilt: 0 });
    expect(cost.time_ratio).toBeLessThan(1.05);
  });

  it('are told from those in which safety steps in', async () => {
    const { cell } = readScenarios();
    const strict = { ...cell, separation: { ...cell.separation, body_speed_m_per_s: 0.1 } };
    const { watched } = await episodes.play(1, strict);
    expect(watched.success).toBe(false);
    expect(watched.stops.join('; ')).toContain('latched_stop');
  }, 240_000);

  it('are counted as they are', () => {
    const { alone, watched } = pair;
    const stopped = { ...pair, watched: { ...watched, stops: ['stop'] } };
    const spoilt = { ...pair, watched: { ...watched, success: false } };
    const slow = { ...pair, watched: { ...watched, duration_s: 2 * alone.duration_s, pace: 0.5 } };
    const never_good = { ...stopped, alone: { ...alone, success: false } };
    const cost = separationCost([pair, stopped, spoilt, slow, never_good]);
    expect(cost).toMatchObject({ episodes: 4, stopped: 1, spoilt: 1, worst_ratio: 2 });
    const time_s = 2 * watched.duration_s + 2 * alone.duration_s;
    expect(cost.time_ratio).toBeCloseTo(time_s / (3 * alone.duration_s), 12);
  });
});
