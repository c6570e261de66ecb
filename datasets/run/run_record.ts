import type { PlanStageRow } from '../../contracts/index.ts';
import type { CountedRun } from './run_history.ts';

/** A named stretch of an episode on sim time. */
export interface StageSpan {
  readonly name: string;
  readonly start_s: number;
  readonly end_s: number;
}

/** A camera picture as encoded bytes with what was detected in it, in pixels. */
export interface AnnotatedImage {
  readonly width: number;
  readonly height: number;
  readonly jpeg: Uint8Array;
  readonly time_s: number;
  readonly boxes: readonly {
    readonly label: string;
    readonly score: number;
    /** Edges of the projected shape: x1, y1, x2, y2 each. */
    readonly edges: readonly (readonly [number, number, number, number])[];
    readonly image_box: readonly [number, number, number, number];
  }[];
  readonly source: 'onnx' | 'classical' | 'state' | 'none';
}

/** Where an audit log ends, with the checkpoint that says so. */
export interface AuditSeal {
  /** From the folder that holds it. */
  readonly file: string;
  readonly log: string;
  readonly sequence: number;
  readonly hash: string;
  /** Decimal digits, ns. */
  readonly stamp_ns: string;
  /** Fingerprint of the signing key and its signature, base64; both empty where nobody signed. */
  readonly key: string;
  readonly signature: string;
}

/** What went wrong in an episode, what was tried again, what people were asked, and what that prevented. */
export interface EpisodeCounts {
  /** Something else was taken than what was wanted, or it was put where it does not belong; by the judge. */
  readonly wrong_picks: number;
  /** Attempts after one that failed. */
  readonly retries: number;
  readonly escalations_asked: number;
  readonly escalations_answered: number;
  /** The answer named something else than the model's best guess. */
  readonly escalations_overruled: number;
  /** The guess that was asked about and not acted on was wrong; by the judge. */
  readonly saves: number;
}

export const COUNT_NAMES = [
  'wrong_picks',
  'retries',
  'escalations_asked',
  'escalations_answered',
  'escalations_overruled',
  'saves',
] as const satisfies readonly (keyof EpisodeCounts)[];

/** Of several episodes together. */
export function sumCounts(all: readonly EpisodeCounts[]): EpisodeCounts {
  const total = (name: keyof EpisodeCounts): number => all.reduce((sum, counts) => sum + counts[name], 0);
  return {
    wrong_picks: total('wrong_picks'),
    retries: total('retries'),
    escalations_asked: total('escalations_asked'),
    escalations_answered: total('escalations_answered'),
    escalations_overruled: total('escalations_overruled'),
    saves: total('saves'),
  };
}

/** What a report shows of one episode. */
export interface EpisodeRecord {
  readonly index: number;
  readonly success: boolean;
  readonly stage: string;
  readonly reason: string;
  readonly object: string;
  readonly attempts: number;
  readonly sim_seconds: number;
  readonly wall_seconds: number;
  readonly placement_error_m: number;
  readonly interventions: readonly { readonly time_s: number; readonly reason: string }[];
  readonly checks: Readonly<Record<string, boolean>>;
  readonly stages: readonly StageSpan[];
  /** What its plans tried, depth first; absent or empty where nothing was planned by stages. */
  readonly plan_stages?: readonly PlanStageRow[];
  /** Sampled together: joint positions (rad, one row a sample) and speed of the tool centre (m/s). */
  readonly time_s: readonly number[];
  readonly joint_names: readonly string[];
  readonly joint_position: readonly (readonly number[])[];
  readonly tool_speed: readonly number[];
  /** Median and 95th percentile of wall time per call, s, by stage name. */
  readonly latency: Readonly<
    Record<string, { readonly p50_s: number; readonly p95_s: number; readonly calls: number }>
  >;
  readonly images: readonly AnnotatedImage[];
  readonly recording: string;
  /** SHA-256 of what its physics went through and how it ended, hexadecimal; absent of what nobody simulated. */
  readonly digest?: string;
  /** Its audit log; absent where none was kept. */
  readonly audit?: AuditSeal;
  /** Absent of what nobody simulated. */
  readonly counts?: EpisodeCounts;
}

/** A whole run: what was asked, on what, and how it went. */
export interface RunRecord {
  readonly run_id: string;
  readonly command: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly model: { readonly name: string; readonly sha256: string } | null;
  /** Why the classical detector stood in for the model; empty or absent when it did not. */
  readonly degraded_reason?: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly digest: string;
  readonly success_rate: number;
  readonly wilson95: readonly [number, number];
  readonly real_time_factor: number;
  readonly interrupted: boolean;
  /** The run's audit log; absent where none was kept. */
  readonly audit?: AuditSeal;
  readonly episodes: readonly EpisodeRecord[];
  /** What earlier runs of its task counted, oldest first; for its report. */
  readonly earlier?: readonly CountedRun[];
}
