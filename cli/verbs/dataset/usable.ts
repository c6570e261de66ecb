import { InputError } from '../../../contracts/index.ts';
import { type DatasetEpisode, leftOutLines, type Sorted, sortByUse } from '../../../datasets/index.ts';
import { say } from '../../common.ts';

/** The episodes that may be used for a purpose; says which are left out and why. Throws an InputError where none is left. */
export function usableOf(episodes: readonly DatasetEpisode[], purpose: string, now: string): Sorted<DatasetEpisode> {
  const sorted = sortByUse(episodes, { purpose, now });
  const lines = leftOutLines(sorted);
  if (episodes.length > 0 && sorted.usable.length === 0)
    throw new InputError('episodes', `none may be used: ${lines.join('; ')}`);
  for (const line of lines) say(line);
  return sorted;
}
