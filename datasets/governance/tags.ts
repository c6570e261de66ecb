import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { nextRevision } from '../dataset/folder.ts';
import { type DatasetIndex, type Governance, governance } from '../dataset/schema.ts';
import { checkLicence } from './licence.ts';

/** A purpose is a word of lower-case letters, digits, - and _, e.g. `training`, `evaluation`, `publication`. */
export const purposeName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'lower-case letters, digits, - and _; 40 at most');

export const CONSENTS = governance.shape.consent.options;

/** What changes; what is absent stays. */
export type Tags = Partial<Pick<Governance, 'consent' | 'licence' | 'purposes' | 'retain_until'>>;

/** Checks tags as a person gave them. Throws an InputError that names the one that cannot be. */
export function checkTags(tags: Tags): Tags {
  const { licence, purposes, retain_until } = tags;
  if (licence !== undefined && licence !== '') checkLicence(licence, '--licence');
  for (const purpose of purposes ?? []) {
    const { error } = purposeName.safeParse(purpose);
    if (error !== undefined) throw new InputError(`--purpose ${purpose}`, error.issues[0].message);
  }
  if (typeof retain_until === 'string' && !z.iso.datetime().safeParse(retain_until).success)
    throw new InputError(`--retain-until ${retain_until}`, 'a date, e.g. 2027-12-31 or 2027-12-31T12:00:00Z, or never');
  return tags;
}

/**
 * The index with episodes tagged, one revision on; the same index where nothing changes.
 * @param ids  of episodes that are there
 * @param now  ISO 8601
 */
export function tagEpisodes(index: DatasetIndex, ids: readonly string[], tags: Tags, now: string): DatasetIndex {
  const wanted = new Set(ids);
  const episodes = index.episodes.map((episode) =>
    wanted.has(episode.id) ? { ...episode, governance: { ...episode.governance, ...checkTags(tags) } } : episode,
  );
  const same = episodes.every((episode, k) => JSON.stringify(episode) === JSON.stringify(index.episodes[k]));
  return same ? index : nextRevision(index, { episodes }, now);
}
