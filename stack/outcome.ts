import type { EpisodeStage } from '../contracts/index.ts';
import type { EpisodeCounts } from '../datasets/index.ts';
import type { DisturbanceHappened } from '../sim/index.ts';

/** How an episode ended; part of the digest, so nothing measured on the wall clock is in it. */
export interface EpisodeOutcome {
  readonly success: boolean;
  /** Where it failed, and why; empty on success. */
  readonly stage: EpisodeStage | '';
  readonly reason: string;
  readonly attempts: number;
  readonly checks: Readonly<Record<string, boolean>>;
  readonly placement_error_m: number;
  /** Counts and shares of a task of several objects; absent for a task of one. */
  readonly measures?: Readonly<Record<string, number>>;
  /** Picks of a task of several objects; absent for a task of one. */
  readonly picks?: PickCount;
  readonly steps: number;
  readonly policy_steps: number;
  readonly frames: number;
  /** Events in which the gate limited or stopped a command. */
  readonly interventions: number;
  /** Which pushes and slips came about; absent where none was asked for. */
  readonly disturbed?: readonly DisturbanceHappened[];
}

/** How often an object was to be taken, and how many ended where they belong. */
export interface PickCount {
  readonly attempts: number;
  readonly done: number;
}

/** Picks of all episodes of a batch together. */
export interface PickSummary extends PickCount {
  /** Share of attempts after which an object was where it belongs, with its Wilson interval at 95 %. */
  readonly success_rate: number;
  readonly wilson95: readonly [number, number];
  /** Objects brought where they belong in an hour of simulated time, everything included. */
  readonly per_hour: number;
}

/** A finished episode with what it cost. */
export interface EpisodeResult {
  readonly index: number;
  readonly outcome: EpisodeOutcome;
  readonly object: string;
  /** Absent of an episode whose world could not be made. */
  readonly counts?: EpisodeCounts;
  readonly sim_seconds: number;
  readonly wall_seconds: number;
  readonly interrupted: boolean;
}

export interface BatchSummary {
  readonly episodes: number;
  readonly successes: number;
  readonly success_rate: number;
  readonly wilson95: readonly [number, number];
  readonly failures: readonly { readonly episode: number; readonly stage: string; readonly reason: string }[];
  readonly interventions: number;
  /** Null where the task has one object, or no episode was finished. */
  readonly picks: PickSummary | null;
  /** Of all finished episodes together. */
  readonly counts: EpisodeCounts;
  readonly sim_seconds: number;
  /** From the moment the first worker is ready; `startup_seconds` is what it took until then. */
  readonly wall_seconds: number;
  readonly startup_seconds: number;
  readonly real_time_factor: number;
  readonly env_steps: number;
  readonly env_steps_per_s: number;
  readonly substeps_per_s: number;
  readonly frames_per_s: number;
}
