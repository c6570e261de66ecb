import type { EpisodeRecord, MaskRules, McapAttachment } from '../datasets/index.ts';
import type { CalibrationFile } from '../perception/index.ts';
import type { EpisodeTrace } from './digest.ts';
import type { LogLevel } from './log.ts';
import type { EpisodeOptions } from './options.ts';
import type { EpisodeResult } from './outcome.ts';
import type { WorldRecord } from './world_record.ts';

/** Where a run keeps its recordings, and what every one of them says about the run. */
export interface Recording {
  readonly folder: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Where what people answer is kept as labelled examples; nowhere by default. */
  readonly examples?: string;
  /** What all of them carry, beside what each has of its own. */
  readonly attachments?: readonly McapAttachment[];
  /** What is masked in pictures before they are stored, in the report, too. */
  readonly masks?: MaskRules;
}

/** What the main thread keeps of a recorded episode for report and manifest. */
export type RecordedEpisode = EpisodeRecord;

/** How people are asked about what the robot is not sure of: through a folder, for so long (s, simulated). */
export interface AskPeople {
  readonly folder: string;
  readonly answer_within_s: number;
}

/** Handed to a worker once, as workerData. */
export interface WorkerSetup {
  readonly episode: EpisodeOptions;
  readonly pace: number;
  readonly recording: Recording | null;
  /** Null where nobody is there to answer. */
  readonly ask: AskPeople | null;
  /** Null where cameras are as planned. */
  readonly calibration: CalibrationFile | null;
  readonly trace_file: string | null;
  readonly log_level: LogLevel;
  /** Episodes that are played again from their records; the others' worlds are drawn. */
  readonly worlds: readonly WorldRecord[];
  /** One Int32: not 0 once the run is to end. */
  readonly stop: ArrayBufferLike;
}

export type ToWorker = { readonly kind: 'run'; readonly episode: number } | { readonly kind: 'end' };

export type FromWorker =
  | {
      readonly kind: 'ready';
      readonly model_sha256: string | null;
      readonly degraded_reason: string;
      readonly policy_hz: number;
    }
  | { readonly kind: 'stage'; readonly episode: number; readonly stage: string }
  | {
      readonly kind: 'episode';
      readonly result: EpisodeResult;
      readonly trace: EpisodeTrace;
      readonly recorded: RecordedEpisode | null;
    }
  /** Errors lose their class between threads: `input` says that the user's input caused it. */
  | { readonly kind: 'failed'; readonly input: boolean; readonly message: string };
