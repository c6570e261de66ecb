import type { EpisodeOpenLoop, OpenLoopEngine } from './open_loop_episode.ts';
import type { EpisodeReplay } from './replay_episode.ts';
import type { ReplaySource } from './sources.ts';

/** Handed to a worker once, as workerData. */
export interface ReplayWorkerSetup {
  /** One Int32: not 0 once it is to end. */
  readonly stop: ArrayBufferLike;
  /** Null to replay as it was; else the engine in which commands are played in the open loop. */
  readonly open_loop: OpenLoopEngine | null;
}

export type ToReplayWorker = { readonly kind: 'replay'; readonly source: ReplaySource } | { readonly kind: 'end' };

export type FromReplayWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'replayed'; readonly replay: EpisodeReplay }
  | { readonly kind: 'driven'; readonly driven: EpisodeOpenLoop }
  | { readonly kind: 'broken_off' }
  | { readonly kind: 'failed'; readonly message: string };
