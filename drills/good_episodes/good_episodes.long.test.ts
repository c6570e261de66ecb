import { afterAll, beforeAll, expect, it } from 'vitest';
import { wilson95 } from '../../contracts/index.ts';
import { partsAsked } from '../../test/support/parts.ts';
import { type EpisodePair, GoodEpisodes, separationCost } from './good_episodes.ts';

const LONG_MS = 3_600_000;
const PART = 50;
const PARTS = 20;
const MOST_STOPPED = 0.005;
const MOST_TIME = 1.05;

let episodes: GoodEpisodes;
const pairs: EpisodePair[] = [];

beforeAll(async () => {
  episodes = await GoodEpisodes.create();
}, LONG_MS);
afterAll(() => episodes.close());

function report(): void {
  const cost = separationCost(pairs);
  const text = JSON.stringify({ ...cost, wilson95: wilson95(cost.stopped, cost.episodes) });
  process.stdout.write(`${pairs.length} worlds: ${text}\n`);
}

it.each(partsAsked(PARTS))(
  'fifty good picks of part %i are hardly slower for people at a distance',
  async (part) => {
    for (let i = 0; i < PART; i++) {
      const pair = await episodes.play(PART * part + i);
      pairs.push(pair);
      const { index, watched } = pair;
      if (pairs.length % 10 === 0) report();
      if (watched.stops.length > 0) process.stdout.write(`episode ${index}: ${watched.stops.join('; ')}\n`);
    }
    const cost = separationCost(pairs.slice(-PART));
    expect(cost.episodes).toBeGreaterThan(0.9 * PART);
    expect(cost.time_ratio).toBeLessThan(MOST_TIME);
  },
  LONG_MS,
);

it('under one in two hundred good episodes is stopped, and a good pick takes under 5 % more time', () => {
  const cost = separationCost(pairs);
  expect(cost.stopped / cost.episodes).toBeLessThan(MOST_STOPPED);
  expect(cost.spoilt / cost.episodes).toBeLessThan(MOST_STOPPED);
  expect(cost.time_ratio).toBeLessThan(MOST_TIME);
});
