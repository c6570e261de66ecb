import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { scoreOf } from './index.ts';

describe('a score', () => {
  it('falls with every further check and with gravity, never with repetition, and stays within 0..1', () => {
    const rng = createRng(3);
    const severities = ['note', 'minor', 'major'] as const;
    for (let trial = 0; trial < 300; trial++) {
      const findings = Array.from({ length: rng.int(12) }, () => ({
        check: `c${rng.int(6)}`,
        severity: severities[rng.int(3)],
      }));
      const score = scoreOf(findings);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
      expect(scoreOf([...findings, ...findings])).toBe(score);
      expect(scoreOf([...findings, { check: 'new', severity: 'minor' }])).toBeLessThanOrEqual(score);
      if (findings.some(({ severity }) => severity === 'major')) expect(score).toBeLessThan(0.5);
    }
    expect(scoreOf([])).toBe(1);
  });
});
