import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { bareEpisode, evenStamps, jointsAt, tellsFaults } from '../../../test/support/quality_checks.ts';
import { findIncomplete } from './incomplete.ts';

const joints = jointsAt(evenStamps(100, 6), () => 0);
const told = (entries: Readonly<Record<string, Readonly<Record<string, string>>>>) =>
  findIncomplete(bareEpisode({ joints }, { metadata: new Map(Object.entries(entries)) }));

describe('incompleteness', () => {
  tellsFaults(findIncomplete, 'incomplete');

  it('is what the recorder left out, grave from 5 % on', () => {
    expect(told({ recording: { left_out_messages: '0' } })).toEqual([]);
    for (let seed = 0; seed < 40; seed++) {
      const lost = 1 + createRng(seed, 'lost').int(200);
      const share = lost / (lost + 2 * joints.time_s.length);
      const [found, ...more] = told({ recording: { left_out_messages: String(lost), left_out: '/overview/image' } });
      expect(more).toEqual([]);
      expect(found.severity, `seed ${seed}, ${lost}`).toBe(share > 0.05 ? 'major' : 'minor');
      expect(found.detail).toContain(`left out ${lost} messages`);
      expect(found.detail).toMatch(/major from 5.0 %\): \/overview\/image/);
    }
  });

  it('is no number that is none', () => {
    for (const text of ['', 'many', '-4', '1e400', '2.5', 'NaN'])
      expect(told({ recording: { left_out_messages: text } }), text).toEqual([]);
  });

  it('is an early end, a repair and an interruption, each placed', () => {
    expect(told({ recording: { ended_early: 'disk full' } })).toMatchObject([
      { severity: 'major', detail: 'the recorder ended early: disk full', from_s: 6, to_s: 6 },
    ]);
    expect(told({ repair: { lost_bytes: '812' } })).toMatchObject([{ severity: 'minor', from_s: 0, to_s: 6 }]);
    expect(told({ repair: { lost_bytes: '812' } })[0].detail).toContain('lost_bytes 812');
    expect(told({ outcome: { interrupted: 'true' } })).toMatchObject([{ severity: 'minor', from_s: 6, to_s: 6 }]);
    expect(told({ outcome: { interrupted: 'false' }, repairs: { count: '0' } })).toEqual([]);
  });
});
