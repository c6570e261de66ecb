import { createRng } from '../../contracts/index.ts';
import type { PlayedEpisode, PlayedPolicy } from '../../stack/index.ts';

export interface Luck {
  /** Share of its failed episodes that the gate stops. */
  readonly stopped?: number;
  /** Whether it says how sure it is. */
  readonly confident?: boolean;
}

/** A policy that succeeds in a share of the worlds, by its own luck in each. */
export function lucky(
  name: string,
  share: number,
  { stopped = 0, confident = false }: Luck = {},
): PlayedPolicy & { readonly worlds: readonly number[] } {
  const worlds: number[] = [];
  const play = async (first: number, episodes: number, signal?: AbortSignal) => {
    if (signal?.aborted === true) return [];
    return Array.from({ length: episodes }, (_, k): PlayedEpisode => {
      const rng = createRng(first + k, name);
      const success = rng.range(0, 1) < share;
      const stage = success ? '' : rng.uniform() < stopped ? 'safety' : 'grasp';
      worlds.push(first + k);
      return {
        ...{ episode: first + k, success, stage, reason: success ? '' : 'slipped' },
        ...{ time_s: 5, interventions: 1, roughness: 0.1, asked: false, disturbed: [], picture: null },
        confidence: confident ? { median: share, least: share / 2 } : null,
      };
    });
  };
  return { name, model_sha256: null, play, worlds };
}
