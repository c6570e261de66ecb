import { describe, expect, it } from 'vitest';
import { importMutated } from '../../test/support/mutated_bags.ts';

const [SEED, COUNT] = [2020, 3000];

describe('bags with bytes changed, added or removed anywhere', () => {
  it('are read or refused by name, never more than they held, and with no other error', async () => {
    const { read, refused } = await importMutated(SEED, COUNT);
    expect(read).toBeGreaterThan(COUNT / 10);
    expect(refused).toBeGreaterThan(COUNT / 10);
  }, 1_200_000);
});
