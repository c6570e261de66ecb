import { describe, expect, it } from 'vitest';
import { expectStopped, runStops, runTrials } from '../test/support/death_report.ts';
import { rosForTests } from '../test/support/ros.ts';

const DEATH_CHUNKS = 5;
const STOP_CHUNKS = 5;
const TRIALS = 100;
/** Tried beyond those, for motions that were over before the signal came. */
const MORE = 15;
const chunksOf = (chunks: number) =>
  Array.from({ length: chunks }, (_, chunk): [number, number] => [chunk * TRIALS, (chunk + 1) * TRIALS - 1]);

/** At least a thousand trials together; one chunk alone by its name: -t "dies.* trials 200 to 299". */
describe('a moving arm whose software dies', () => {
  it.each(chunksOf(DEATH_CHUNKS))(
    'slows down within 100 ms and stands within the computed time, trials %i to %i',
    async (first) => {
      const verdicts = await runTrials(1000 + first, TRIALS + MORE);
      expect(verdicts.length).toBeGreaterThanOrEqual(TRIALS);
      expectStopped(verdicts);
    },
    900_000,
  );
});

describe('a moving arm that is asked to stop, or whose sources fall silent', () => {
  it.each(chunksOf(STOP_CHUNKS))(
    'slows down within 50 ms, or what is declared of the source, and stops within its limits, trials %i to %i',
    async (first) => {
      const ros = await rosForTests();
      const verdicts = await runStops(2000 + first, TRIALS + MORE, 'env' in ros ? ros : null);
      expect(verdicts.length).toBeGreaterThanOrEqual(TRIALS);
      expectStopped(verdicts);
    },
    900_000,
  );
});
