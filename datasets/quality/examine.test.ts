import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { plausibleEvidence } from '../../test/support/quality_evidence.ts';
import { FAULTS } from '../../test/support/quality_faults.ts';
import { examineEvidence, scoreOf } from './index.ts';

const grave = (evidence: Parameters<typeof examineEvidence>[0]) =>
  examineEvidence(evidence).filter(({ severity }) => severity !== 'note');
const SEEDS = [500, 501, 502];

describe('the checks of one episode', () => {
  it('find nothing in good episodes', () => {
    for (const seed of SEEDS) expect(grave(plausibleEvidence(seed)), `seed ${seed}`).toEqual([]);
  });

  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('find: %s', (name, fault) => {
    for (const seed of SEEDS) {
      const clean = plausibleEvidence(seed);
      for (const strength of fault.strengths.filter((each) => each >= fault.found_from)) {
        const found = grave(fault.apply(clean, strength, createRng(seed, name)));
        const told = found.filter(({ check }) => fault.told_as.includes(check));
        expect(
          told.length,
          `seed ${seed}, ${strength} ${fault.unit}: ${JSON.stringify(found.map(({ plot: _, ...rest }) => rest))}`,
        ).toBeGreaterThan(0);
        for (const { detail, fix, from_s, to_s } of told) {
          expect(detail).toMatch(/\d/);
          expect(fix).not.toBe('');
          expect(from_s).toBeLessThanOrEqual(to_s);
        }
      }
    }
  });

  it('tell the shift that mends a camera to 20 ms', () => {
    const late = FAULTS.find(({ name }) => name === 'pictures stamped late');
    for (const seed of SEEDS) {
      const spoiled = late?.apply(plausibleEvidence(seed), 0.2, createRng(seed)) ?? plausibleEvidence(seed);
      for (const { fix } of grave(spoiled).filter(({ check }) => check === 'camera_desync')) {
        const [, shift] = /by ([+-][\d.]+) s/.exec(fix) ?? [];
        expect(Math.abs(Number(shift) + 0.2), `seed ${seed}: ${fix}`).toBeLessThanOrEqual(0.02);
      }
    }
  });
});

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
