import { describe, expect, it } from 'vitest';
import { expectStopped, runTrials } from '../test/support/death_report.ts';
import { DEATHS } from '../test/support/death_trial.ts';

describe('a moving arm whose software dies', () => {
  it('slows down within 100 ms and stands within the computed time', async () => {
    const verdicts = await runTrials(11, 15);
    expect(new Set(verdicts.map(({ death }) => death))).toEqual(new Set(DEATHS));
    expectStopped(verdicts);
  });
});
