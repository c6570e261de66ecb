import { describe, expect, it } from 'vitest';
import { drawnEpisodes, episodeOf, rngOf } from '../../test/support/dataset_episodes.ts';
import { balancedSubset, balancedWeights, parseBalance } from './index.ts';

const FIELDS = parseBalance('task,outcome');
const keyOf = ({ task, outcome }: ReturnType<typeof episodeOf>) => `${task} ${outcome.success}`;

describe('balanced sampling', () => {
  it('takes equal numbers of every combination, none twice, the same for the same seed in any order', () => {
    for (let seed = 0; seed < 50; seed++) {
      const rng = rngOf(seed, 'balance');
      const episodes = drawnEpisodes(rng, 3 + rng.int(80));
      const { episodes: chosen, cells } = balancedSubset(episodes, FIELDS, seed);
      const counts = new Map<string, number>();
      for (const episode of chosen) counts.set(keyOf(episode), (counts.get(keyOf(episode)) ?? 0) + 1);
      expect(new Set(counts.values()).size, `seed ${seed}`).toBe(1);
      expect(counts.size).toBe(new Set(episodes.map(keyOf)).size);
      expect(new Set(chosen.map(({ id }) => id)).size).toBe(chosen.length);
      expect(cells.reduce((sum, { there }) => sum + there, 0)).toBe(episodes.length);
      const again = balancedSubset([...episodes].reverse(), FIELDS, seed).episodes;
      expect(again.map(({ id }) => id).sort()).toEqual(chosen.map(({ id }) => id).sort());
    }
  });

  it('fills what is asked for as evenly as there is, and says who is short', () => {
    for (let seed = 0; seed < 50; seed++) {
      const rng = rngOf(seed, 'most');
      const episodes = drawnEpisodes(rng, 3 + rng.int(80));
      const most = 1 + rng.int(100);
      const { episodes: chosen, cells, said } = balancedSubset(episodes, FIELDS, seed, most);
      expect(chosen.length, `seed ${seed}`).toBe(Math.min(most, episodes.length));
      const highest = Math.max(...cells.map(({ taken }) => taken));
      for (const { taken, there } of cells) expect(taken === there || taken >= highest - 1, `seed ${seed}`).toBe(true);
      const short = cells.filter(({ taken }) => taken < highest).length;
      expect(said.filter((line) => line.includes('where others have')).length).toBe(short);
    }
  });

  it('weighs values of every field equally where that can be had, and says where it cannot', () => {
    for (let seed = 0; seed < 30; seed++) {
      const episodes = drawnEpisodes(rngOf(seed, 'weights'), 60);
      const { weights, said } = balancedWeights(episodes, FIELDS);
      expect(said, `seed ${seed}`).toEqual([]);
      const sums = new Map<string, number>();
      for (const { id, task } of episodes) sums.set(task, (sums.get(task) ?? 0) + (weights.get(id) ?? 0));
      for (const sum of sums.values()) expect(sum).toBeCloseTo(60 / sums.size, 0);
    }
    const outcome = (success: boolean) => ({ ...episodeOf('x').outcome, success });
    const tied = [
      episodeOf('a', { task: 'a', outcome: outcome(true) }),
      episodeOf('b', { task: 'b', outcome: outcome(false) }),
      episodeOf('c', { task: 'c', outcome: outcome(false) }),
    ];
    expect(balancedWeights(tied, FIELDS).said.join()).toMatch(/shares differ by up to \d+ %/);
  });

  it('names what is no field', () => {
    expect(() => parseBalance('task,colour')).toThrow('balance colour: is no field');
  });
});
