import { expect, it } from 'vitest';
import { track } from '../test/support/tracking_cell.ts';

it.each([0.5, 0.95])(
  'keeps the tool within 2 mm rms at %d of the limits, for twenty arms',
  (fraction) => {
    for (const seed of [null, ...Array.from({ length: 19 }, (_, k) => k + 1)]) {
      const { rms_m } = track(seed, fraction);
      expect(rms_m, `masses ${seed ?? 'all heavier'}`).toBeLessThan(2e-3);
    }
  },
  600_000,
);
