import { describe, expect, it } from 'vitest';
import { expectStopped, runTrials } from '../test/support/death_report.ts';

const CHUNKS = 10;
const TRIALS = 100;

/** A thousand trials; one chunk alone by its name: -t "trials 200 to 299". */
describe('a moving arm whose software dies', () => {
  it.each(Array.from({ length: CHUNKS }, (_, chunk) => [chunk * TRIALS, (chunk + 1) * TRIALS - 1]))(
    'slows down within 100 ms and stands within the computed time, trials %i to %i',
    async (first) => {
      const verdicts = await runTrials(1000 + first, TRIALS);
      expect(verdicts.length).toBeGreaterThanOrEqual(0.9 * TRIALS);
      expectStopped(verdicts);
    },
    600_000,
  );
});
