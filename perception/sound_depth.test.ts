import { expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { soundDepth } from './sound_depth.ts';

it('gives sound depths back as they are, and none for what cannot be', () => {
  const rng = createRng(9).stream('depth');
  const strange = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1e-3, -1, 100.1, 3e38];
  for (let k = 0; k < 300; k++) {
    const depth = Float32Array.from({ length: 1 + rng.int(50) }, () => (rng.uniform() < 0.3 ? 0 : rng.range(0, 100)));
    expect(soundDepth(depth)).toBe(depth);
    const spoilt = depth.map((value) => (rng.uniform() < 0.2 ? strange[rng.int(strange.length)] : value));
    const before = spoilt.slice();
    const wanted = spoilt.map((value) => (strange.map(Math.fround).includes(value) ? 0 : value));
    expect(soundDepth(spoilt), `case ${k}: ${before}`).toEqual(wanted);
    expect(spoilt).toEqual(before);
  }
});
