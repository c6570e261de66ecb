import { expect, it } from 'vitest';
import { drawnEpisodes, episodeOf, hashOf, rngOf } from '../../test/support/dataset_episodes.ts';
import { closePairs, duplicateDetail, duplicateOf } from './close_pairs.ts';

const finding = (detail: string) =>
  ({ check: 'duplicate', severity: 'minor', detail, fix: '', from_s: 0, to_s: 1 }) as const;

it('names every episode that is another again, and what quality calls like another that is there', () => {
  const episodes = [
    episodeOf('a', { sha256: hashOf('same') }),
    episodeOf('b', { sha256: hashOf('same') }),
    episodeOf('c', { quality: { score: 0.8, findings: [finding(duplicateDetail('a', 'near'))] } }),
    episodeOf('d', { quality: { score: 0.8, findings: [finding(duplicateDetail('gone', 'near'))] } }),
  ];
  expect(closePairs(episodes)).toEqual([
    ['a', 'b'],
    ['a', 'c'],
  ]);
});

it('gives each pair once and none with itself', () => {
  for (let seed = 0; seed < 40; seed++) {
    const pairs = closePairs(drawnEpisodes(rngOf(seed, 'pairs'), 40));
    expect(new Set(pairs.map((pair) => pair.join(' '))).size, `seed ${seed}`).toBe(pairs.length);
    for (const [a, b] of pairs) expect(a < b, `seed ${seed}: ${a} ${b}`).toBe(true);
  }
});

it('reads the other episode from a finding, and from no other finding', () => {
  expect(duplicateOf(finding(duplicateDetail('run-1.e_2', 'joints 0.01 rad apart')))).toBe('run-1.e_2');
  expect(duplicateOf({ ...finding(duplicateDetail('a', 'x')), check: 'gaps' })).toBeNull();
  expect(duplicateOf(finding('a like b: c'))).toBeNull();
});
