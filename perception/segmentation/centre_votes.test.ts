import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { heapGrowthPerCall } from '../../test/support/heap.ts';
import { CentreVotes, MOST_CENTRES } from './centre_votes.ts';

const WIDTH = 60;
const HEIGHT = 40;
const CELLS = WIDTH * HEIGHT;

interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Cells of discs that all point to their disc's middle, wrong by a normal error. */
function votesOf(discs: readonly Disc[], sigma: number, seed = 1): { p: Float32Array; offset: Float32Array } {
  const rng = createRng(seed);
  const p = new Float32Array(CELLS);
  const offset = new Float32Array(2 * CELLS);
  for (let i = 0; i < CELLS; i++) {
    const [u, v] = [i % WIDTH, Math.floor(i / WIDTH)];
    const disc = discs.find(({ x, y, radius }) => Math.hypot(u - x, v - y) <= radius);
    if (disc === undefined) continue;
    p[i] = 0.9;
    offset[i] = disc.x - u + sigma * rng.normal();
    offset[CELLS + i] = disc.y - v + sigma * rng.normal();
  }
  return { p, offset };
}

describe('centres by votes', () => {
  it('are where the cells of each object point, to a fraction of a cell, also for objects that touch', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'discs');
      const radius = rng.range(2.5, 6);
      const [x, y] = [rng.range(12, 30), rng.range(12, 28)];
      const other = { x: x + 2 * radius + 0.5, y, radius };
      const { p, offset } = votesOf([{ x, y, radius }, other], 0.5, seed);
      const votes = new CentreVotes(WIDTH, HEIGHT);
      const { count, ...found } = votes.find(p, offset, null, 0.5);
      expect(count, `seed ${seed}`).toBe(2);
      const [left, right] = found.x[0] < found.x[1] ? [0, 1] : [1, 0];
      expect(Math.hypot(found.x[left] - x, found.y[left] - y), `seed ${seed}`).toBeLessThan(0.6);
      expect(Math.hypot(found.x[right] - other.x, found.y[right] - other.y), `seed ${seed}`).toBeLessThan(0.6);
    }
  });

  it('come with the number of cells that agree, the most first', () => {
    const { p, offset } = votesOf(
      [
        { x: 12.5, y: 12.5, radius: 3 },
        { x: 40.5, y: 20.5, radius: 6 },
      ],
      0,
    );
    const { count, x, votes } = new CentreVotes(WIDTH, HEIGHT).find(p, offset, null, 0.5);
    expect(count).toBe(2);
    expect(x[0]).toBeCloseTo(40.5, 3);
    const cells = (radius: number) => votesOf([{ x: 20.5, y: 20.5, radius }], 0).p.filter((value) => value > 0).length;
    expect(votes[0] / votes[1]).toBeCloseTo(cells(6) / cells(3), 1);
  });

  it('are none where nothing is sure, where votes go astray, and where they leave the picture', () => {
    const votes = new CentreVotes(WIDTH, HEIGHT);
    const { p, offset } = votesOf([{ x: 20, y: 20, radius: 5 }], 0);
    expect(votes.find(p, offset, null, 0.95).count).toBe(0);
    const astray = offset.map((_, i) => 40 * Math.sin(7.1 * i * i));
    expect(votes.find(p, astray, null, 0.5).count).toBe(0);
    expect(votes.find(p, new Float32Array(2 * CELLS).fill(-100), null, 0.5).count).toBe(0);
    expect(votes.find(p, new Float32Array(2 * CELLS).fill(Number.NaN), null, 0.5).count).toBe(0);
  });

  it('are only where the network calls a centre near, if it says so', () => {
    const { p, offset } = votesOf(
      [
        { x: 12, y: 12, radius: 4 },
        { x: 40, y: 20, radius: 4 },
      ],
      0,
    );
    const centre = new Float32Array(CELLS);
    centre[21 * WIDTH + 39] = 0.7;
    const votes = new CentreVotes(WIDTH, HEIGHT);
    expect(votes.find(p, offset, null, 0.5).count).toBe(2);
    const { count, x } = votes.find(p, offset, centre, 0.5);
    expect(count).toBe(1);
    expect(x[0]).toBeCloseTo(40, 3);
  });

  it('are kept to so many, those with the most votes', () => {
    const votes = new CentreVotes(WIDTH, HEIGHT);
    const p = new Float32Array(CELLS);
    const offset = new Float32Array(2 * CELLS);
    // A field of small squares, five cells apart.
    for (let i = 0; i < CELLS; i++) {
      const [u, v] = [i % WIDTH, Math.floor(i / WIDTH)];
      p[i] = 1;
      offset[i] = 5 * Math.floor(u / 5) + 2 - u;
      offset[CELLS + i] = 5 * Math.floor(v / 5) + 2 - v;
    }
    const { count, votes: found } = votes.find(p, offset, null, 0.5);
    expect(count).toBe(MOST_CENTRES);
    expect([...found]).toEqual([...found].sort((a, b) => b - a));
  });

  it('allocate nothing', () => {
    const votes = new CentreVotes(WIDTH, HEIGHT);
    const { p, offset } = votesOf([{ x: 20, y: 20, radius: 5 }], 0.4);
    expect(heapGrowthPerCall(() => votes.find(p, offset, null, 0.5), 200)).toBeLessThan(64);
  });
});
