import { expect, it } from 'vitest';
import { rngOf } from '../../test/support/dataset_episodes.ts';
import { UnionFind } from './union_find.ts';

it('puts together what a walk along the pairs reaches, and nothing else', () => {
  for (let seed = 0; seed < 60; seed++) {
    const rng = rngOf(seed, 'union');
    const n = 1 + rng.int(25);
    const pairs = Array.from({ length: rng.int(n) }, () => [rng.int(n), rng.int(n)]);
    const sets = new UnionFind(n);
    for (const [a, b] of pairs) sets.union(a, b);
    const label = Array.from({ length: n }, (_, i) => i);
    for (let round = 0; round < n; round++)
      for (const [a, b] of pairs) label[a] = label[b] = Math.min(label[a], label[b]);
    const reached = [...new Set(label)].map((of) => label.flatMap((each, i) => (each === of ? [i] : [])));
    expect(sets.groups(), `seed ${seed}`).toEqual(reached);
  }
});
