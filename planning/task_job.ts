import {
  type EpisodeStage,
  type GoalHandle,
  type PickPlaceFeedback,
  type PickPlaceResult,
  type SentGoal,
  stampToSeconds,
} from '../contracts/index.ts';
import type { PickPlanner } from './pick_planner.ts';
import type { Steps, TaskEvent } from './requests.ts';

export type TaskHandle = GoalHandle<PickPlaceFeedback, PickPlaceResult>;

/** What a goal under way is made of. */
export interface TaskJobParts {
  readonly id: number;
  readonly handle: TaskHandle;
  readonly steps: Steps<PickPlaceResult>;
  readonly planner: PickPlanner;
  readonly start_ns: bigint;
}

/** One goal under way at the planning node. */
export class TaskJob {
  readonly id: number;
  readonly handle: TaskHandle;
  readonly steps: Steps<PickPlaceResult>;
  readonly planner: PickPlanner;
  readonly events: TaskEvent[] = [];
  stage: EpisodeStage = 'perceive';
  attempt = 1;
  waiting: 'detect' | 'state' | null = null;
  /** Only pictures taken after this show the arm at rest. */
  since_ns = 0n;
  stopTimer: () => void = () => {};
  /** What arm, gripper or perception are doing for it, and why that is to be given up. */
  sent: SentGoal | null = null;
  busy = false;
  /** The last frame that was looked at, and how long has been planned on it (s). */
  request_id = '';
  planning_s = 0;
  /** Why the goal is being given up; empty while it is not. */
  given_up = '';
  private readonly start_s: number;

  constructor({ id, handle, steps, planner, start_ns }: TaskJobParts) {
    this.id = id;
    this.handle = handle;
    this.steps = steps;
    this.planner = planner;
    this.start_s = stampToSeconds(start_ns);
  }

  /** Since it was accepted (s). */
  time_s(now_ns: bigint): number {
    return stampToSeconds(now_ns) - this.start_s;
  }

  failed(stage: EpisodeStage, reason: string): PickPlaceResult {
    return { ok: false, stage, reason, attempts: this.attempt };
  }

  /** Tells how the task ended: what was planned for it is told with it. */
  end(ended: PickPlaceResult): PickPlaceResult {
    const plan_stages = this.planner.report();
    const result = plan_stages.length > 0 ? { ...ended, plan_stages } : ended;
    this.stopTimer();
    this.steps.return(result);
    return result;
  }
}
