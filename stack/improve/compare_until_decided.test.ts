import { describe, expect, it } from 'vitest';
import { lucky } from '../../test/support/lucky_policy.ts';
import { compareUntilDecided } from './compare_until_decided.ts';

const compare = (candidate: number, current: number, seed: number, worlds = 400, signal?: AbortSignal) => {
  const players = { candidate: lucky(`candidate ${seed}`, candidate), current: lucky(`current ${seed}`, current) };
  return compareUntilDecided({ ...players, first: 1000 * seed, worlds }, () => {}, signal);
};

const SEEDS = 60;

async function verdicts(candidate: number, current: number): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = { better: 0, 'not better': 0, open: 0 };
  for (let seed = 0; seed < SEEDS; seed++) {
    const found = await compare(candidate, current, seed);
    if (found !== null) counts[found.verdict]++;
  }
  return counts;
}

describe('the comparison of a candidate with the policy it would replace', () => {
  it('finds a better one better, and one as good or worse hardly ever', async () => {
    expect((await verdicts(0.9, 0.75)).better).toBeGreaterThan(0.9 * SEEDS);
    // 5 %, and three standard deviations of so many.
    expect((await verdicts(0.8, 0.8)).better).toBeLessThan(0.05 * SEEDS + 3 * Math.sqrt(0.05 * 0.95 * SEEDS));
    expect((await verdicts(0.6, 0.8)).better).toBe(0);
  });

  it('ends sooner the clearer it is, with the same worlds for both, and is open where worlds run out', async () => {
    const [clear, close] = [await compare(0.95, 0.5, 1), await compare(0.8, 0.75, 1)];
    expect(clear?.after.episodes).toBeLessThan(close?.after.episodes ?? 0);
    for (const found of [clear, close]) {
      expect(found?.before.episodes).toBe(found?.after.episodes);
      expect(found?.comparison.pairs).toBe(found?.after.episodes);
    }
    const short = await compare(0.8, 0.8, 1, 30);
    expect(short).toMatchObject({ verdict: 'open', after: { episodes: 30 } });
  });

  it('says null where it was interrupted', async () => {
    expect(await compare(0.9, 0.5, 1, 400, AbortSignal.abort())).toBeNull();
  });
});
