import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { TailPieces } from './tail_pieces.ts';

/** Pieces of a stop, each halved until it is of at most `leaf` cycles, or by chance no further. */
function piecesOf(cycles: number, leaf: number, stops: () => boolean): [number, number][] {
  const pieces = new TailPieces();
  const settled: [number, number][] = [];
  for (pieces.begin(cycles); !pieces.done; ) {
    const { from, to } = pieces;
    if (to - from > leaf && !stops()) {
      pieces.halve((from + to) >> 1);
      expect([pieces.from, pieces.to]).toEqual([from, (from + to) >> 1]);
      continue;
    }
    settled.push([from, to]);
    pieces.settle();
  }
  return settled;
}

describe('the pieces of a stop', () => {
  it('follow one another from the beginning to the end, wherever they are halved', () => {
    for (let seed = 0; seed < 300; seed++) {
      const rng = createRng(seed, 'pieces');
      const cycles = rng.int(5000);
      const settled = piecesOf(cycles, 1 + rng.int(8), () => rng.uniform() < 0.3);
      expect(settled[0][0], `seed ${seed}`).toBe(0);
      expect(settled.at(-1)?.[1], `seed ${seed}`).toBe(cycles);
      for (let i = 1; i < settled.length; i++)
        expect(settled[i][0], `seed ${seed}, piece ${i}`).toBe(settled[i - 1][1]);
    }
  });

  it('can be as short as a cycle in the longest stop that there is', () => {
    const settled = piecesOf(20_000, 1, () => false);
    expect(settled).toHaveLength(20_000);
  });

  it('are the one cycle of an arm at rest', () => {
    expect(piecesOf(0, 1, () => false)).toEqual([[0, 0]]);
  });
});
