import { describe, expect, it } from 'vitest';
import { lucky } from '../../test/support/lucky_policy.ts';
import { flyCanary } from './canary.ts';

const SEEDS = 60;
const EPISODES = 200;

const fly = (candidate: number, current: number, seed: number, stopped = 0, signal?: AbortSignal) => {
  const players = {
    candidate: lucky(`candidate ${seed}`, candidate, { stopped }),
    current: lucky(`current ${seed}`, current),
  };
  const order = { ...players, first: 1000 * seed, episodes: EPISODES, rate: current };
  return flyCanary(order, () => {}, signal);
};

async function accepted(candidate: number, current: number): Promise<number> {
  let count = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    if ((await fly(candidate, current, seed))?.outcome === 'accepted') count++;
  }
  return count / SEEDS;
}

describe('the trial run of a candidate', () => {
  it('accepts one that is as good as the policy or better, at any rate of success, and rolls back one that got worse', async () => {
    for (const rate of [0.55, 0.75, 0.9]) {
      expect(await accepted(Math.min(0.98, rate + 0.05), rate), `better than ${rate}`).toBeGreaterThan(0.8);
      expect(await accepted(rate - 0.2, rate), `worse than ${rate}`).toBeLessThan(0.12);
    }
    expect(await accepted(0.3, 0.9)).toBe(0);
  });

  it('has the candidate drive a quarter of the episodes, in worlds of its own, and says how both did', async () => {
    const [candidate, current] = [lucky('new', 0.3), lucky('old', 0.9)];
    const report = await flyCanary({ candidate, current, first: 500, episodes: 200, rate: 0.9 }, () => {});
    expect(report?.outcome).toBe('rolled back');
    expect(report?.reason).toMatch(/^worse than the current policy's 0\.900 after \d+ of its episodes$/);
    expect(report?.episodes).toBeLessThan(200);
    expect(3 * candidate.worlds.length).toBe(current.worlds.length);
    expect(new Set([...candidate.worlds, ...current.worlds]).size).toBe(report?.episodes);
    expect(report?.candidate).toMatchObject({ episodes: candidate.worlds.length, stopped: 0 });
    expect(report?.current.successes).toBeGreaterThan(report?.candidate.successes ?? 0);
  });

  it('ends at once where the safety gate stops the candidate beyond chance, however it does otherwise', async () => {
    const report = await fly(0.5, 0.5, 3, 1);
    expect(report?.outcome).toBe('rolled back');
    expect(report?.reason).toMatch(/^the safety gate stopped \d+ of its \d+ episodes, and 0 of \d+/);
  });

  it('rolls back what episodes ran out for, says null where it was interrupted, and refuses too few', async () => {
    const few = { candidate: lucky('a', 0.8), current: lucky('b', 0.8), first: 0, episodes: 20, rate: 0.8 };
    const report = await flyCanary(few, () => {});
    expect(report).toMatchObject({ outcome: 'rolled back', episodes: 20 });
    expect(report?.reason).toContain('not shown to be as good');
    expect(await fly(0.9, 0.5, 1, 0, AbortSignal.abort())).toBeNull();
    await expect(flyCanary({ ...few, episodes: 19 }, () => {})).rejects.toThrow('19 episodes');
  });
});
