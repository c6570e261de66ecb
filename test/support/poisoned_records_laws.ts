import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { type EpisodeRecord, type Screening, screenRecords } from '../../learning/index.ts';
import {
  type HonestRecords,
  playHonest,
  SOURCES,
  shiftedInTime,
  some,
  steeredAside,
  withOffset,
} from './poisoned_records.ts';

/** The laws of screening, for so many seeds and records. */
export function screeningLaws(seeds: number, counts: { readonly trusted: number; readonly per_source: number }): void {
  const SEEDS = Array.from({ length: seeds }, (_, seed) => seed);
  let records: HonestRecords;
  beforeAll(() => {
    records = playHonest(counts.trusted, counts.per_source);
  }, 600_000);

  const screen = (offered: readonly EpisodeRecord[]): Screening =>
    screenRecords(records.trusted, offered, records.layout);
  const nameOf = ({ source, name }: { readonly source: string; readonly name: string }) => `${source} ${name}`;
  const named = ({ sources }: Screening) => sources.filter((one) => one.named).map(({ source }) => source);

  describe('records that were tampered with', () => {
    it('are told from honest ones, of which none is refused, failures and disturbed ones among them', () => {
      const { honest } = records;
      expect(honest.filter(({ success }) => !success).length).toBeGreaterThan(0);
      const screening = screen(honest);
      expect(screening.refused).toEqual([]);
      expect(screening.accepted).toEqual(honest);
      expect(named(screening)).toEqual([]);
    });

    it('are refused one by one where the outcome of a tenth of them is flipped', () => {
      const { honest } = records;
      for (const seed of SEEDS) {
        const flipped = some(0.1, honest.length, createRng(seed, 'flip'));
        const offered = honest.map((one, k) => (flipped.has(k) ? { ...one, success: !one.success } : one));
        const refused = screen(offered).refused.map(nameOf);
        expect(refused, `seed ${seed}`).toEqual(offered.filter((_, k) => flipped.has(k)).map(nameOf));
      }
    });

    it('are refused one by one where something steers a twentieth 60 mm aside and calls it success', () => {
      const { honest, layout } = records;
      for (const seed of SEEDS) {
        const rng = createRng(seed, 'steer');
        const placed = honest.flatMap(({ success }, k) => (success ? [k] : []));
        const share = some((0.05 * honest.length) / placed.length, placed.length, rng);
        const steered = new Set(placed.filter((_, k) => share.has(k)));
        const offered = honest.map((one, k) =>
          steered.has(k) ? steeredAside(one, layout, rng.range(-Math.PI, Math.PI)) : one,
        );
        const { refused } = screen(offered);
        expect(refused.map(nameOf), `seed ${seed}`).toEqual(offered.filter((_, k) => steered.has(k)).map(nameOf));
      }
    });

    it('have their source named where the actions of one are shifted in time, by any step or two', () => {
      const { honest, layout } = records;
      for (const seed of SEEDS) {
        const source = SOURCES[seed % SOURCES.length];
        const shift = [-2, -1, 1, 2][seed % 4];
        const offered = honest.map((one) => (one.source === source ? shiftedInTime(one, layout, shift) : one));
        const screening = screen(offered);
        expect(named(screening), `seed ${seed}, ${shift} steps`).toEqual([source]);
        expect(screening.accepted.filter((one) => one.source === source)).toEqual([]);
        const verdict = screening.sources.find((one) => one.source === source);
        expect(verdict?.shift.steps, `seed ${seed}`).toBe(shift);
      }
    });

    it('have their source named where a constant is added to its actions', () => {
      const { honest, layout } = records;
      for (const seed of SEEDS) {
        const rng = createRng(seed, 'offset');
        const source = SOURCES[rng.int(SOURCES.length)];
        const offset = [rng.range(0.25, 0.5), -rng.range(0.25, 0.5), 0];
        const offered = honest.map((one) => (one.source === source ? withOffset(one, layout, offset) : one));
        expect(named(screen(offered)), `seed ${seed}`).toEqual([source]);
      }
    });
  });

  describe('records that cannot be read', () => {
    it('are named with their source', () => {
      const { honest, trusted, layout } = records;
      const [first] = honest;
      const broken = { ...first, actions: first.actions.slice() };
      broken.actions[7] = Number.NaN;
      const offer = (one: EpisodeRecord) => () => screen([one]);
      expect(offer(broken)).toThrow(`record ${first.name} of line 1: actions step 1 entry 2 is NaN`);
      expect(offer({ ...first, length: first.length + 1 })).toThrow('numbers of observations');
      expect(offer({ ...first, length: 0 })).toThrow('of 0 steps');
      expect(() => screen([first, first])).toThrow('offered once');
      expect(() => screenRecords(trusted.slice(0, 5), [first], layout)).toThrow('5 trusted records');
    });
  });
}
