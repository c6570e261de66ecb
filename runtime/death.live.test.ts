import { describe, expect, it } from 'vitest';
import { expectStopped, runStops, runTrials } from '../test/support/death_report.ts';
import { DEATHS, STOPS } from '../test/support/death_trial.ts';
import { sweep } from '../test/support/sweep.ts';

describe('a moving arm whose software dies', () => {
  it('slows down within 100 ms and stands within the computed time', async () => {
    const verdicts = await runTrials(11, sweep(1, 2) * DEATHS.length);
    expect(new Set(verdicts.map(({ death }) => death))).toEqual(new Set(DEATHS));
    expectStopped(verdicts);
  });
});

describe('a moving arm that is asked to stop, or whose sources fall silent', () => {
  it('slows down within 50 ms, or what is declared of the source, and stops within its limits', async () => {
    const verdicts = await runStops(12, 4, null);
    expect(verdicts.length).toBeGreaterThan(0);
    expect(STOPS).toEqual(expect.arrayContaining(verdicts.map(({ death }) => death)));
    expectStopped(verdicts);
  });
});
