import { describe, expect, it } from 'vitest';
import { governedEpisode, governedIndex } from '../../test/support/governed.ts';
import { tagEpisodes } from './tags.ts';

const now = '2026-06-01T00:00:00Z';

describe('tagEpisodes', () => {
  const index = governedIndex(['a', 'b', 'c'].map((id) => governedEpisode(id)));

  it('changes what is told of those that are named, one revision on', () => {
    const next = tagEpisodes(index, ['a', 'c'], { consent: 'given', purposes: ['training'] }, now);
    expect(next.revision).toBe(index.revision + 1);
    expect(next.changed_at).toBe(now);
    expect(next.episodes.map(({ governance }) => governance.consent)).toEqual(['given', 'none_needed', 'given']);
    expect(next.episodes[1]).toEqual(index.episodes[1]);
    expect(index.episodes[0].governance.consent).toBe('none_needed');
  });

  it('makes no revision where nothing changes', () => {
    expect(tagEpisodes(index, ['a'], { consent: 'none_needed' }, now)).toBe(index);
  });

  it('refuses what is no licence, purpose or date', () => {
    expect(() => tagEpisodes(index, ['a'], { licence: 'mine' }, now)).toThrow('--licence mine');
    expect(() => tagEpisodes(index, ['a'], { purposes: ['All Things'] }, now)).toThrow('--purpose All Things');
    expect(() => tagEpisodes(index, ['a'], { retain_until: 'soon' }, now)).toThrow('--retain-until soon');
  });
});
