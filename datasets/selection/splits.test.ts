import { describe, expect, it } from 'vitest';
import { drawnEpisodes, episodeOf, hashOf, rngOf } from '../../test/support/dataset_episodes.ts';
import { checkLeaks, leakText, parseShares, SPLIT_LEVELS, splitEpisodes, withSplit } from './index.ts';

const SHARES = parseShares('80/10/10');

describe('a split', () => {
  it('gives every episode a part, lets nothing cross that its level keeps apart, whatever the order', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = rngOf(seed, 'split');
      const episodes = drawnEpisodes(rng, 2 + rng.int(40));
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
