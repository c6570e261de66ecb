import type { SafetyState, ServoReason, ServoState } from '../../contracts/index.ts';
import type { SeenObject, StateFrame, TaskKind } from './messages.ts';
import type { PictureCamera } from './pictures.ts';

/** Frames of one answer: unless asked for otherwise, and at most. */
export const HISTORY_FRAMES = { usual: 600, most: 6000 } as const;

/**
 * What was: answer of GET /api/history?from_ms&to_ms&most and of GET /api/runs/RUN/EPISODE, oldest first everywhere. Times are
 * ms of the server's clock as in `StateFrame.sent_ms`; of a recorded run, of its own clock. Units as in a state frame.
 */
export interface History {
  readonly source: 'live' | 'recording';
  /** Of the recorded run, `RUN/EPISODE`; empty of what is live. */
  readonly name: string;
  /** Order of `q`, `v`, `effort` and `commanded`. */
  readonly joint_names: readonly string[];
  /** All that can be asked for; equal where nothing is kept. */
  readonly kept: { readonly from_ms: number; readonly to_ms: number };
  /** Thinned evenly to what was asked for; the frame at a change of `status` is kept. */
  readonly frames: readonly HistoryFrame[];
  /** What `HistoryFrame.status` counts into. */
  readonly statuses: readonly HistoryStatus[];
  readonly scenes: readonly HistoryScene[];
  readonly events: readonly HistoryEvent[];
  /** When there are pictures: times to ask for with GET …/picture?camera&at_ms. */
  readonly pictures: Readonly<Record<PictureCamera, readonly number[]>>;
  /** What is missing and why, e.g. a recording that was cut off; empty where nothing is. */
  readonly incomplete: string;
}

/** The numbers of one moment. */
export interface HistoryFrame {
  readonly at_ms: number;
  readonly q: readonly number[];
  readonly v: readonly number[];
  readonly effort: readonly number[];
  /** As in a state frame. */
  readonly commanded: readonly number[];
  readonly gripper_width_m: number | null;
  readonly tool: StateFrame['tool'];
  readonly wrench: readonly number[] | null;
  /** Distance to the nearest body, and the least that is safe; null where none is tracked. */
  readonly separation_m: number | null;
  readonly protective_distance_m: number | null;
  /** Share of the speed override, 0..1. */
  readonly speed: number;
  readonly status: number;
}

/** The words of one moment; empty strings and null for what is not known. */
export interface HistoryStatus {
  readonly mode: SafetyState['mode'] | null;
  readonly latched: boolean;
  readonly reasons: readonly string[];
  readonly servo: ServoState | null;
  readonly servo_reason: ServoReason | null;
  readonly task: TaskKind | null;
  readonly stage: string;
  readonly reason: string;
  readonly paused: boolean;
  /** Who held the control lease. */
  readonly operator: string;
  readonly lost: string;
}

/** What was seen from then until the next one. */
export interface HistoryScene {
  readonly at_ms: number;
  readonly objects: readonly SeenObject[];
}

/** `deed`: what somebody did. `note`: what a recording's own log says. */
export const HISTORY_EVENTS = ['alarm', 'stop', 'stage', 'mark', 'deed', 'note'] as const;
export type HistoryEventKind = (typeof HISTORY_EVENTS)[number];

export interface HistoryEvent {
  readonly at_ms: number;
  readonly kind: HistoryEventKind;
  readonly text: string;
  /** Who, where somebody did it; else empty. */
  readonly by: string;
}

/** Answer of GET /api/runs, the newest first. */
export interface RunList {
  readonly runs: readonly RunView[];
  /** Folders that are no readable runs, and why. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

export interface RunView {
  readonly name: string;
  readonly command: string;
  readonly finished: boolean;
  readonly episodes: readonly EpisodeView[];
}

/** `name` is what GET /api/runs/RUN/EPISODE takes. */
export interface EpisodeView {
  readonly name: string;
  readonly success: boolean | null;
  readonly stage: string;
  readonly reason: string;
  readonly object: string;
  readonly seconds: number;
  readonly bytes: number;
}

/** The newest frame at or before a moment, else the oldest; -1 where there is none. */
export function frameAt(frames: readonly { readonly at_ms: number }[], at_ms: number): number {
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames[middle].at_ms <= at_ms) low = middle + 1;
    else high = middle;
  }
  return frames.length === 0 ? -1 : Math.max(low - 1, 0);
}
