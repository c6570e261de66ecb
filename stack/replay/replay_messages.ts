import type { EpisodeReplay } from './replay_episode.ts';
import type { ReplaySource } from './sources.ts';

/** Handed to a worker once, as workerData. */
export interface ReplayWorkerSetup {
  /** One Int32: not 0 once it is to end. */
  readonly stop: ArrayBufferLike;
}

export type ToReplayWorker = { readonly kind: 'replay'; readonly source: ReplaySource } | { readonly kind: 'end' };

export type FromReplayWorker =
  | { readonly kind: 'ready' }
  /** Null for one that was broken off. */
  | { readonly kind: 'replayed'; readonly replay: EpisodeReplay | null }
  | { readonly kind: 'failed'; readonly message: string };
