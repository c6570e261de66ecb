import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { bareEpisode, evenStamps, jointsAt, movesWithTime, tellsFaults } from '../../../test/support/quality_checks.ts';
import { findLatency } from './latency.ts';

const TIME_S = evenStamps(100, 6);
const logged = (lag: (t: number) => number) =>
  bareEpisode({ joints: jointsAt(TIME_S, () => 0, { logged_s: TIME_S.map((t) => t + lag(t)) }) });
const severities = (lag: (t: number) => number) => findLatency(logged(lag)).map(({ severity }) => severity);

describe('latency', () => {
  tellsFaults(findLatency, 'latency');

  it('of joints is found beyond 50 ms and grave beyond 200 ms, however it scatters below', () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = createRng(seed, 'latency');
      const lag_s = rng.range(0, 0.4);
      if (Math.abs(lag_s - 0.05) < 0.003 || Math.abs(lag_s - 0.2) < 0.003) continue;
      const told = `seed ${seed}, ${lag_s} s`;
      const expected = lag_s > 0.2 ? ['major'] : lag_s > 0.05 ? ['minor'] : [];
      const found = findLatency(logged(() => lag_s + rng.range(-0.002, 0.002)));
      expect(
        found.map(({ severity }) => severity),
        told,
      ).toEqual(expected);
      for (const { detail, from_s, to_s } of found) {
        expect(detail, told).toContain('limit 50 ms');
        const [, median_ms] = /is (\d+) ms behind/.exec(detail) ?? [];
        expect(Math.abs(Number(median_ms) - 1000 * lag_s), told).toBeLessThanOrEqual(2);
        expect([from_s, to_s]).toEqual([0, TIME_S[TIME_S.length - 1]]);
      }
    }
  });

  it('of pictures may be 200 ms', () => {
    const picture = { topic: '/overview/image', camera: 'overview', kind: 'colour', bytes: TIME_S } as const;
    const of = (lag_s: number) =>
      findLatency(bareEpisode({ pictures: [{ ...picture, time_s: TIME_S, logged_s: TIME_S.map((t) => t + lag_s) }] }));
    expect(of(0.18)).toEqual([]);
    expect(of(0.25)[0].detail).toContain('limit 200 ms');
  });

  it('names clocks that disagree, from 5 ms on, with the shift that mends them', () => {
    expect(severities(() => -0.004)).toEqual([]);
    const [found] = findLatency(logged(() => -0.03));
    expect(found.severity).toBe('major');
    expect(found.detail).toContain('30 ms before its stamp, 5 ms allowed');
    expect(found.fix).toContain('by -0.030 s');
  });

  it('names clocks that drift apart by 20 ms or more in an episode', () => {
    expect(severities((t) => 0.001 + (0.019 * t) / 6)).toEqual([]);
    const [found] = findLatency(logged((t) => 0.001 + (0.04 * t) / 6));
    expect(found.detail).toMatch(/changes by 3[67] ms over the episode, 20 ms allowed/);
    expect(severities((t) => 0.001 + (0.2 * t) / 6)).toEqual(['major']);
  });

  it('stays the same later in time', () => {
    movesWithTime(
      findLatency,
      logged(() => 0.1),
      25,
    );
  });
});
