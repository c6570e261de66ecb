import { describe, expect, it } from 'vitest';
import { drawnEpisodes, episodeOf, hashOf, rngOf } from '../../test/support/dataset_episodes.ts';
import { checkLeaks, leakText, parseShares, SPLIT_LEVELS, splitEpisodes, withSplit } from './index.ts';

const SHARES = parseShares('80/10/10');

describe('a split', () => {
  it('gives every episode a part, lets nothing cross that its level keeps apart, whatever the order', () => {
    for (let seed = 0; seed < 150; seed++) {
      const rng = rngOf(seed, 'split');
      const episodes = drawnEpisodes(rng, 2 + rng.int(60));
      for (const level of [undefined, ...SPLIT_LEVELS]) {
        const { split, counts, level: taken } = splitEpisodes(episodes, SHARES, seed, level);
        expect(split.size, `seed ${seed}`).toBe(episodes.length);
        expect(counts.train + counts.validation + counts.test).toBe(episodes.length);
        const leaks = checkLeaks({ episodes: withSplit(episodes, split) });
        const kept = { kinds: ['kind', 'kind_set'], kind_sets: ['kind_set'], scenes: [] }[taken];
        const never = ['content', 'near_duplicate', 'scene', ...kept];
        expect(leaks.filter(({ kind }) => never.includes(kind)).map(leakText), `seed ${seed}, ${taken}`).toEqual([]);
        const turned = splitEpisodes([...episodes].reverse(), SHARES, seed, level);
        expect([...turned.split].sort(), `seed ${seed}`).toEqual([...split].sort());
      }
    }
  });

  it('comes near the wanted shares where groups are small', () => {
    const episodes = Array.from({ length: 200 }, (_, k) => episodeOf(`e-${k}`, { scene_sha256: hashOf(`${k}`) }));
    const { counts, level, said } = splitEpisodes(episodes, SHARES, 1);
    expect({ counts, level, said }).toEqual({
      counts: { train: 160, validation: 20, test: 20 },
      level: 'kinds',
      said: [],
    });
    expect([...splitEpisodes(episodes, SHARES, 2).split]).not.toEqual([...splitEpisodes(episodes, SHARES, 1).split]);
  });

  it('says why it keeps scenes alone apart where all have the same objects', () => {
    const episodes = Array.from({ length: 20 }, (_, k) =>
      episodeOf(`e-${k}`, { objects: ['box'], scene_sha256: hashOf(`${k}`) }),
    );
    const { level, said } = splitEpisodes(episodes, SHARES, 1);
    expect(level).toBe('scenes');
    expect(said.join()).toContain('kinds of objects 1 groups: train would have 100 % instead of 80 %');
  });

  it.each(['80', '0/0/0', 'a/b', '80/10/10/0', '-1/2', ''])('refuses shares %s', (text) => {
    expect(() => parseShares(text)).toThrow('80/10/10');
  });
});

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
    for (let seed = 0; seed < 100; seed++) {
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
