import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { plausibleEvidence } from '../../test/support/quality_evidence.ts';
import { duplicateOf } from '../selection/index.ts';
import { type Evidence, findDuplicates, fingerprintOf } from './index.ts';

const moved = (evidence: Evidence, spread: number, seed: number): Evidence => {
  const { joints } = evidence.series;
  if (joints === null) return evidence;
  const rng = createRng(seed);
  const offset = joints.names.map(() => spread * rng.normal());
  const position = joints.position.map((value, i) => value + offset[i % offset.length]);
  return { ...evidence, series: { ...evidence.series, joints: { ...joints, position } } };
};

const SECONDS = 6;
const episode = (k: number) => plausibleEvidence(700 + k, SECONDS);

describe('duplicates', () => {
  const prints = Array.from({ length: 16 }, (_, k) => fingerprintOf(`e-${k}`, `hash ${k}`, episode(k)));

  it('are none among different episodes', () => {
    expect(findDuplicates(prints).size).toBe(0);
  });

  it('are found when a recording is there again, and when one is nearly another', () => {
    for (let k = 0; k < 16; k += 3) {
      const again = { ...prints[k], id: 'again' };
      const near = fingerprintOf('near', 'other', moved(episode(k), 0.003, k));
      for (const [print, severity] of [
        [again, 'major'],
        [near, 'minor'],
      ] as const) {
        const found = [...findDuplicates([...prints, print]).values()].flat();
        expect(found.length, `episode ${k} ${print.id}`).toBe(1);
        expect(found[0].severity).toBe(severity);
        expect([`e-${k}`, print.id]).toContain(duplicateOf(found[0]));
      }
      const far = fingerprintOf('far', 'other', moved(episode(k), 0.2, k));
      expect(findDuplicates([...prints, far]).size, `episode ${k}`).toBe(0);
    }
  });
});
