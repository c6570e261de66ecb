import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { Buckets, RATE_LIMITS } from './limits.ts';
import { TokenBucket } from './token_bucket.ts';

describe('a token bucket', () => {
  it('lets a burst through, and then so many a second', () => {
    const bucket = new TokenBucket({ burst: 5, per_s: 2 }, 0);
    const passed = (from_ms: number, to_ms: number) => {
      let count = 0;
      for (let t = from_ms; t < to_ms; t += 10) if (bucket.take(t)) count++;
      return count;
    };
    expect(passed(0, 100)).toBe(5);
    expect(passed(100, 10_100)).toBe(20);
  });

  it('never lets through more than burst + rate × time, whenever it is asked', () => {
    const rng = createRng(5);
    for (let trial = 0; trial < 200; trial++) {
      const limits = { burst: 1 + rng.int(20), per_s: 1 + rng.int(100) };
      const bucket = new TokenBucket(limits, 0);
      let [now_ms, passed, over] = [0, 0, 0];
      for (let i = 0; i < 300; i++) {
        now_ms += rng.int(30);
        if (bucket.take(now_ms)) passed++;
        over = Math.max(over, passed - limits.burst - (now_ms * limits.per_s) / 1000);
      }
      expect(over, `trial ${trial}`).toBeLessThanOrEqual(1e-6);
    }
  });

  it('gives nothing for a clock that goes back and forth', () => {
    const bucket = new TokenBucket({ burst: 1, per_s: 1 }, 1000);
    expect(bucket.take(1000)).toBe(true);
    for (let i = 0; i < 10; i++) expect(bucket.take(i % 2 === 0 ? 500 : 600)).toBe(false);
  });
});

describe('buckets of many', () => {
  it('are apart: one who asks too much takes nothing from others', () => {
    const buckets = new Buckets({ burst: 2, per_s: 1 });
    for (let i = 0; i < 100; i++) buckets.take('loud', 0);
    expect([buckets.take('loud', 0), buckets.take('quiet', 0)]).toEqual([false, true]);
  });

  it('are bounded in number, and those still empty are kept for longest', () => {
    const buckets = new Buckets({ burst: 2, per_s: 1 }, 10);
    buckets.take('loud', 0);
    buckets.take('loud', 0);
    for (let i = 0; i < 1000; i++) buckets.take(`other ${i}`, 1 + i * 1000 * Number(i < 9));
    expect(buckets.size).toBeLessThanOrEqual(10);
  });

  it('let held controls through at 30 Hz for hours', () => {
    const buckets = new Buckets(RATE_LIMITS.message);
    let refused = 0;
    for (let i = 0; i < 30 * 3600; i++) if (!buckets.take('page', (i * 1000) / 30)) refused++;
    expect(refused).toBe(0);
  });
});
