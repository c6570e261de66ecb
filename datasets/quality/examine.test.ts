import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { goodEpisode, graveOf } from '../../test/support/quality_checks.ts';
import { FAULTS } from '../../test/support/quality_faults.ts';
import { examineEvidence } from './index.ts';

const SEEDS = [500, 501];
/** One fault of each finding. */
const ONE_EACH = [...new Map(FAULTS.map((fault) => [fault.told_as[0], fault])).values()];

describe('all checks together', () => {
  it('find nothing in good episodes', () => {
    for (const seed of SEEDS) expect(graveOf(examineEvidence(goodEpisode(seed))), `seed ${seed}`).toEqual([]);
  });

  it.each(ONE_EACH.map((fault) => [fault.told_as[0], fault] as const))('tell %s', (_name, fault) => {
    const [seed] = SEEDS;
    const found = graveOf(
      examineEvidence(fault.apply(goodEpisode(seed), fault.found_from, createRng(seed, fault.name))),
    );
    expect(
      found.filter(({ check }) => fault.told_as.includes(check)).length,
      JSON.stringify(found.map(({ check, detail }) => [check, detail])),
    ).toBeGreaterThan(0);
  });
});
