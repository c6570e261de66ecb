import type { DatasetEpisode, Finding } from '../dataset/schema.ts';

/** Name of the finding that an episode is like another one. */
export const DUPLICATE_CHECK = 'duplicate';

const OTHER = /^like ([A-Za-z0-9][A-Za-z0-9_.-]*): /;

/** A finding's detail that says which episode this one is like. */
export const duplicateDetail = (id: string, told: string): string => `like ${id}: ${told}`;

/** Id of the episode that a finding says this one is like; null for other findings. */
export function duplicateOf({ check, detail }: Finding): string | null {
  return check === DUPLICATE_CHECK ? (OTHER.exec(detail)?.[1] ?? null) : null;
}

/** Pairs of ids that are alike: equal recordings, and those that their quality's findings call so; each pair once. */
export function closePairs(episodes: readonly DatasetEpisode[]): readonly (readonly [string, string])[] {
  const pairs = new Map<string, readonly [string, string]>();
  const add = (a: string, b: string) => {
    if (a !== b) pairs.set(a < b ? `${a} ${b}` : `${b} ${a}`, a < b ? [a, b] : [b, a]);
  };
  const first = new Map<string, string>();
  const ids = new Set(episodes.map(({ id }) => id));
  for (const { id, sha256, quality } of episodes) {
    add(first.get(sha256) ?? id, id);
    if (!first.has(sha256)) first.set(sha256, id);
    for (const finding of quality?.findings ?? []) {
      const other = duplicateOf(finding);
      if (other !== null && ids.has(other)) add(id, other);
    }
  }
  return [...pairs.values()];
}
