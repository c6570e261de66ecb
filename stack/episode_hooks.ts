import type { Node } from '../contracts/index.ts';
import type { EpisodeRecorderOptions } from '../datasets/index.ts';
import type { LogFile } from '../safety/index.ts';
import type { PhysicsEngine } from '../sim/index.ts';
import type { EpisodeTrace } from './digest.ts';
import type { EpisodeResult } from './outcome.ts';
import type { RecordedEpisode, Recording } from './worker_messages.ts';
import type { WorldRecord } from './world_record.ts';

/** Where an episode is recorded; replays record elsewhere than to a disk. */
export interface EpisodeRecording extends Recording {
  readonly recorder?: Pick<EpisodeRecorderOptions, 'disk' | 'jpeg_quality'>;
  readonly audit_file?: LogFile;
}

export interface EpisodeHooks {
  readonly pace: number;
  readonly recording: EpisodeRecording | null;
  readonly trace_file: string | null;
  readonly stopped: () => boolean;
  readonly onStage: (stage: string, reason: string) => void;
  /** What a policy that is told the state is given in place of the world itself; tests spoil it. */
  readonly disclose?: (engine: PhysicsEngine) => PhysicsEngine;
  /** Further nodes on the episode's bus, e.g. of whoever answers questions. */
  readonly company?: readonly Node[];
  /** How long people have to answer what the robot is not sure of (s, simulated). */
  readonly answer_within_s?: number;
}

export interface FinishedEpisode {
  readonly result: EpisodeResult;
  readonly trace: EpisodeTrace;
  readonly recorded: RecordedEpisode | null;
  /** What its world was made from. */
  readonly world: WorldRecord;
}
