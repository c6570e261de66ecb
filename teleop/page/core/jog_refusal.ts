import type { Release } from '../../protocol/commands.ts';
import type { PageState } from '../page_state.ts';
import { MODE_WORDS, moves } from './safety_words.ts';

/** Why nothing may be commanded while the views show what was. */
export const PAST_SHOWN = 'a moment of the past is shown: go back to Live first';

export interface JogRefusal {
  readonly cause: Release;
  readonly why: string;
}

/** Whoever jogs needs the lease, and state and pictures that are newer than the server's limits. Null where all is well. */
export function jogRefusal(page: Readonly<PageState>, pictureAge_ms: number | null, now_ms: number): JogRefusal | null {
  const { link, state, welcome } = page;
  if (link !== 'open' || welcome === null || state === null) return refuse('lease_lost', 'no connection to the server');
  const { lease, safety, lost } = state.message;
  if (!lease.yours) return refuse('lease_lost', 'take control first');
  if (page.replaying) return refuse('picture_old', PAST_SHOWN);
  const state_ms = stateAge_ms(page, now_ms);
  if (state_ms > welcome.limits.tick_ms) return refuse('picture_old', `the state is ${state_ms.toFixed(0)} ms old`);
  if (pictureAge_ms !== null && pictureAge_ms > welcome.limits.picture_ms) {
    return refuse('picture_old', `the picture is ${pictureAge_ms.toFixed(0)} ms old`);
  }
  if (lost !== '') return refuse('released', lost);
  if (safety !== null && !moves(safety.mode)) return refuse('released', MODE_WORDS[safety.mode]);
  return null;
}

/** How old what the page shows of the robot is, ms. */
export function stateAge_ms({ state, stateTrueSince_ms }: Readonly<PageState>, now_ms: number): number {
  return state === null ? Number.POSITIVE_INFINITY : Math.max(0, now_ms - stateTrueSince_ms);
}

function refuse(cause: Release, why: string): JogRefusal {
  return { cause, why };
}
