import type {
  Container,
  Detections,
  EpisodeStage,
  EscalationEnd,
  InspectSurfaceGoal,
  InspectSurfaceResult,
  JointTrajectory,
  Wrench,
} from '../contracts/index.ts';
import type { Grasp } from './grasp.ts';

/** Distance between the fingers to go to (m), with at most this force (N). */
export interface Grip {
  readonly width_m: number;
  readonly force_N: number;
}

/** A motion that a task is going to ask for. */
export interface PlannedMotion {
  readonly label: string;
  readonly trajectory: JointTrajectory;
}

/** What a task asks of the world, one at a time. */
export type TaskRequest =
  | { readonly kind: 'detect' }
  | { readonly kind: 'detect_inside'; readonly container: Container }
  | { readonly kind: 'inspect'; readonly held: InspectSurfaceGoal }
  /** What is the one object in these detections? Asks a person. */
  | { readonly kind: 'ask'; readonly doubt: Detections }
  /** A motion of the arm, and one of the fingers at the same time if there is `grip`; done when both are. */
  | {
      readonly kind: 'move';
      readonly label: string;
      readonly trajectory: JointTrajectory;
      readonly grip?: Grip;
      /** The arm comes to rest on its path once the force at the hand has changed by more than this (N). */
      readonly most_N?: number;
    }
  | { readonly kind: 'grip'; readonly width_m: number; readonly force_N: number }
  | {
      readonly kind: 'stage';
      readonly name: EpisodeStage;
      readonly attempt: number;
      readonly reason: string;
      /** Where a row of motions begins that was planned as a whole. */
      readonly ahead?: readonly PlannedMotion[];
      /** The grasp in which that row takes an object. */
      readonly taking?: Grasp;
    }
  | { readonly kind: 'state' };

/** The world's answer to the last request. `time_s` counts from the start of the task. */
export type TaskEvent =
  | { readonly kind: 'detections'; readonly time_s: number; readonly detections: Detections }
  | { readonly kind: 'inspected'; readonly time_s: number; readonly result: InspectSurfaceResult }
  | {
      readonly kind: 'asked';
      readonly time_s: number;
      readonly end: Exclude<EscalationEnd['end'], 'refused'>;
      /** As in EscalationEnd. */
      readonly answer: string;
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'moved';
      readonly time_s: number;
      readonly ok: boolean;
      readonly stopped_by_safety: boolean;
      readonly reason: string;
      /** Whether it ended on the way because of the force at the hand. */
      readonly touched?: boolean;
      /** Distance between the fingers (m), where they moved as well. */
      readonly width_m?: number;
    }
  | { readonly kind: 'gripped'; readonly time_s: number; readonly width_m: number }
  | { readonly kind: 'noted'; readonly time_s: number }
  | {
      readonly kind: 'state';
      readonly time_s: number;
      readonly q: Float64Array;
      readonly finger_width_m: number;
      readonly wrench: Wrench | null;
    };

/** A task under way: yields requests, is given events, returns its result. */
export type Steps<T> = Generator<TaskRequest, T, TaskEvent>;
