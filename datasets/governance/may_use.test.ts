import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { governedEpisode } from '../../test/support/governed.ts';
import { leftOutLines, mayUse, sortByUse } from './may_use.ts';
import { CONSENTS } from './tags.ts';

const now = '2026-06-01T00:00:00Z';

describe('mayUse', () => {
  it('allows exactly what nobody speaks against, over all combinations of tags', () => {
    const rng = createRng(7, 'may-use');
    const purposes = ['training', 'evaluation', 'publication'];
    for (let k = 0; k < 2000; k++) {
      const told = {
        consent: CONSENTS[rng.int(CONSENTS.length)],
        retain_until: [null, '2026-05-31T23:59:59Z', now, '2026-06-01T00:00:01Z'][rng.int(4)],
        purposes: purposes.filter(() => rng.uniform() < 0.4),
      };
      const purpose = ['', ...purposes][rng.int(4)];
      const { allowed, reasons } = mayUse(governedEpisode('e1', told), { purpose, now });
      const agreed = told.consent === 'given' || told.consent === 'none_needed';
      const in_time = told.retain_until === null || told.retain_until > now;
      const fits = told.purposes.length === 0 || told.purposes.includes(purpose);
      const where = JSON.stringify({ told, purpose });
      expect(allowed, where).toBe(agreed && in_time && fits);
      expect(reasons.length, where).toBe([agreed, in_time, fits].filter((one) => !one).length);
    }
  });

  it('says what was left out and why, a line a reason', () => {
    const episodes = [
      governedEpisode('a'),
      governedEpisode('b', { consent: 'unknown' }),
      governedEpisode('c', { consent: 'unknown' }),
      governedEpisode('d', { purposes: ['research'] }),
    ];
    const sorted = sortByUse(episodes, { purpose: '', now });
    expect(sorted.usable.map(({ id }) => id)).toEqual(['a']);
    expect(leftOutLines(sorted)).toEqual([
      expect.stringMatching(/^left out 2: consent is unknown; .*--consent given \(b, c\)$/),
      expect.stringMatching(/^left out 1: is for research only; .*--purpose \(d\)$/),
    ]);
  });
});
