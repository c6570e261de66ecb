import type { EpisodeOpenLoop, OpenLoopEngine } from './open_loop_episode.ts';
import type { EpisodeReplay } from './replay_episode.ts';
import { runReplayPool } from './replay_pool.ts';
import type { ReplaySource } from './sources.ts';

interface Tally {
  readonly asked: number;
  readonly interrupted: boolean;
  readonly wall_seconds: number;
}

export interface ReplayTally extends Tally {
  /** In the order of the sources, whatever order they finished in. */
  readonly replays: readonly EpisodeReplay[];
  readonly same: number;
}

export interface OpenLoopTally extends Tally {
  readonly replays: readonly EpisodeOpenLoop[];
  readonly played: number;
}

/**
 * Replays recordings in worker threads. On `signal` what is under way is broken off, and the tally is of what was done.
 * @param onReplay  after each, in the order they finish
 */
export async function replayAll(
  sources: readonly ReplaySource[],
  workers: number,
  onReplay: (replay: EpisodeReplay) => void = () => {},
  signal?: AbortSignal,
): Promise<ReplayTally> {
  const found = new Map<string, EpisodeReplay>();
  const wall_seconds = await runReplayPool(
    sources,
    { workers, open_loop: null },
    (message) => {
      if (message.kind !== 'replayed') return;
      found.set(message.replay.file, message.replay);
      onReplay(message.replay);
    },
    signal,
  );
  const replays = inOrder(sources, found);
  const same = replays.filter(({ result }) => result === 'same').length;
  return { replays, same, asked: sources.length, interrupted: signal?.aborted ?? false, wall_seconds };
}

/** Plays the commands of recordings in the open loop, as `replayAll` replays. */
export async function openLoopAll(
  sources: readonly ReplaySource[],
  engine: OpenLoopEngine,
  workers: number,
  onReplay: (driven: EpisodeOpenLoop) => void = () => {},
  signal?: AbortSignal,
): Promise<OpenLoopTally> {
  const found = new Map<string, EpisodeOpenLoop>();
  const wall_seconds = await runReplayPool(
    sources,
    { workers, open_loop: engine },
    (message) => {
      if (message.kind !== 'driven') return;
      found.set(message.driven.file, message.driven);
      onReplay(message.driven);
    },
    signal,
  );
  const replays = inOrder(sources, found);
  const played = replays.filter(({ result }) => result === 'played').length;
  return { replays, played, asked: sources.length, interrupted: signal?.aborted ?? false, wall_seconds };
}

function inOrder<T>(sources: readonly ReplaySource[], found: ReadonlyMap<string, T>): T[] {
  return sources.map(({ file }) => found.get(file)).filter((each) => each !== undefined);
}
