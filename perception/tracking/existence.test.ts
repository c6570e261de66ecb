import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { Belief } from './belief.ts';
import { DEFAULT_EXISTENCE, Existence } from './existence.ts';

describe('existence', () => {
  it('is a probability that hits raise and misses lower, whatever comes', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const rng = createRng(seed, 'existence');
      const one = new Existence(Math.exp(4 * rng.normal()));
      for (let k = 0; k < 100; k++) {
        const before = one.present;
        const what = rng.int(3);
        if (what === 0) one.predict(rng.uniform());
        else if (what === 1) one.hit(2 + 20 * rng.uniform());
        else one.miss();
        const say = `seed ${seed}, step ${k}, ${what}`;
        expect(one.seen >= 0 && one.hidden >= 0 && one.present <= 1 + 1e-12, say).toBe(true);
        if (what === 1) expect(one.seen, say).toBeGreaterThanOrEqual(0);
        if (what !== 1) expect(one.present, say).toBeLessThanOrEqual(before + 1e-12);
      }
    }
  });

  it('is as often right as it says: things drawn by its own chain', () => {
    const { detection, life_s, unhidden_s, hidden_s } = DEFAULT_EXISTENCE;
    const bins = Array.from({ length: 10 }, () => ({ sum: 0, right: 0, n: 0 }));
    const dt = 0.1;
    for (let seed = 1; seed <= 4000; seed++) {
      const rng = createRng(seed, 'chain');
      let state: 'seen' | 'hidden' | 'absent' = rng.uniform() < 0.5 ? 'seen' : 'absent';
      const filter = new Existence(1);
      for (let k = 0; k < 25; k++) {
        if (state !== 'absent' && rng.uniform() < 1 - Math.exp(-dt / life_s)) state = 'absent';
        else if (state === 'seen' && rng.uniform() < dt / unhidden_s) state = 'hidden';
        else if (state === 'hidden' && rng.uniform() < dt / hidden_s) state = 'seen';
        filter.predict(dt);
        // False detections of an absent thing come once in 50 pictures: odds of a detection are 1 against 0.02.
        const hit = rng.uniform() < (state === 'seen' ? detection : state === 'absent' ? 0.02 * (1 - detection) : 0);
        if (hit) filter.hit(50);
        else filter.miss();
      }
      const bin = bins[Math.min(9, Math.floor(10 * filter.present))];
      bin.sum += filter.present;
      bin.right += state === 'absent' ? 0 : 1;
      bin.n++;
    }
    for (const { sum, right, n } of bins) {
      if (n < 40) continue;
      const said = sum / n;
      expect(Math.abs(right / n - said), JSON.stringify({ said, right, n })).toBeLessThan(
        0.03 + 3.5 * Math.sqrt((said * (1 - said)) / n),
      );
    }
  });
});

describe('belief', () => {
  it('counts pictures of one camera for less than those of two', () => {
    const [one, two] = [new Belief(['a', 'b'], 0.7), new Belief(['a', 'b'], 0.7)];
    for (let k = 0; k < 10; k++) {
      one.add('overview', (name) => (name === 'a' ? 0.8 : 0.2));
      two.add(k % 2 === 0 ? 'overview' : 'wrist', (name) => (name === 'a' ? 0.8 : 0.2));
    }
    expect(one.best().name).toBe('a');
    // Ten pictures with a correlation of 0.7 are worth 10 / (1 + 9 · 0.7) of one.
    expect(one.best().probability).toBeCloseTo(1 / (1 + 4 ** -(10 / 7.3)), 12);
    expect(two.best().probability).toBeCloseTo(1 / (1 + 4 ** -(2 * (5 / 3.8))), 12);
    expect(two.best().probability).toBeGreaterThan(one.best().probability);
  });

  it('knows nothing at first', () => {
    expect(Array.from(new Belief(['a', 'b', 'c', 'd'], 0.5).probabilities())).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
});
