import type { DatasetEpisode } from '../dataset/schema.ts';

/** What somebody wants to do with episodes. */
export interface Use {
  /** One of the purposes that episodes are tagged with, e.g. `training`; empty where nobody said. */
  readonly purpose: string;
  /** ISO 8601. */
  readonly now: string;
}

export interface UseVerdict {
  readonly allowed: boolean;
  /** Why not, each with the remedy; empty where it is allowed. */
  readonly reasons: readonly string[];
}

type Governed = Pick<DatasetEpisode, 'id' | 'governance'>;

/** Whether an episode may be used. Its people must have agreed, its time must not be over, and its purposes must fit. */
export function mayUse({ governance }: Pick<Governed, 'governance'>, { purpose, now }: Use): UseVerdict {
  const { consent, retain_until, purposes } = governance;
  const reasons: string[] = [];
  if (consent === 'refused') reasons.push('consent was refused; surepick dataset purge removes it');
  if (consent === 'unknown')
    reasons.push(
      `consent is unknown; ask who is seen or steered, then surepick dataset tag DIR --episodes ID --consent given`,
    );
  if (isOver(retain_until, now))
    reasons.push(`was to be kept until ${retain_until} only; surepick dataset purge DIR --expired removes it`);
  const only = purposes.join(', ');
  if (purposes.length > 0 && purpose === '') reasons.push(`is for ${only} only; say what it is for: --purpose`);
  else if (purposes.length > 0 && !purposes.includes(purpose)) reasons.push(`is for ${only} only, not for ${purpose}`);
  return { allowed: reasons.length === 0, reasons };
}

/** Whether the time of an episode is over. */
export function isOver(retain_until: string | null, now: string): boolean {
  return retain_until !== null && Date.parse(retain_until) <= Date.parse(now);
}

export interface Sorted<T extends Governed> {
  readonly usable: readonly T[];
  readonly left_out: readonly { readonly id: string; readonly reasons: readonly string[] }[];
}

/** The episodes that may be used, in order, and why others may not. */
export function sortByUse<T extends Governed>(episodes: readonly T[], use: Use): Sorted<T> {
  const judged = episodes.map((episode) => ({ episode, ...mayUse(episode, use) }));
  return {
    usable: judged.filter(({ allowed }) => allowed).map(({ episode }) => episode),
    left_out: judged.filter(({ allowed }) => !allowed).map(({ episode, reasons }) => ({ id: episode.id, reasons })),
  };
}

/** What was left out, for people: a line a reason, with how many and which. */
export function leftOutLines({ left_out }: Pick<Sorted<Governed>, 'left_out'>): string[] {
  const by_reason = new Map<string, string[]>();
  for (const { id, reasons } of left_out)
    for (const reason of reasons) by_reason.set(reason, [...(by_reason.get(reason) ?? []), id]);
  return [...by_reason].map(([reason, ids]) => {
    const some = ids.slice(0, 3).join(', ');
    return `left out ${ids.length}: ${reason} (${some}${ids.length > 3 ? ', …' : ''})`;
  });
}
