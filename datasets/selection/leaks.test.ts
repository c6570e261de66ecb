import { describe, expect, it } from 'vitest';
import { drawnEpisodes, episodeOf, hashOf, rngOf } from '../../test/support/dataset_episodes.ts';
import { checkLeaks, parseShares, splitEpisodes, withSplit } from './index.ts';

const SHARES = parseShares('80/10/10');

describe('leaks', () => {
  it.each([
    ['content', { sha256: hashOf('same') }],
    ['scene', { scene_sha256: hashOf('scene') }],
    ['kind', { objects: ['box'] }],
    ['run', { lineage: { ...episodeOf('x').lineage, run_id: 'r' } }],
  ] as const)('name the %s that crosses', (kind, given) => {
    const episodes = [episodeOf('a', { ...given, split: 'train' }), episodeOf('b', { ...given, split: 'test' })];
    const leak = checkLeaks({ episodes }).find((found) => found.kind === kind);
    expect(leak?.between.map(({ id }) => id)).toEqual(['a', 'b']);
    const together = episodes.map((episode) => ({ ...episode, split: 'train' as const }));
    expect(checkLeaks({ episodes: together })).toEqual([]);
    expect(checkLeaks({ episodes: episodes.map((episode) => ({ ...episode, split: null })) })).toEqual([]);
  });

  it('finds none in what nobody split, and every crossing that is planted', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = rngOf(seed, 'leak');
      const episodes = drawnEpisodes(rng, 5 + rng.int(40));
      const { split } = splitEpisodes(episodes, SHARES, seed, 'scenes');
      const parted = withSplit(episodes, split);
      const from = parted[rng.int(parted.length)];
      const other = { ...from, id: 'planted', split: from.split === 'train' ? ('test' as const) : ('train' as const) };
      const found = checkLeaks({ episodes: [...parted, other] }).filter(({ kind }) => kind === 'content');
      expect(
        found.some(({ between }) => between.some(({ id }) => id === 'planted')),
        `seed ${seed}`,
      ).toBe(true);
    }
  });
});
