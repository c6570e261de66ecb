import type { PickPlaceFeedback, PickPlaceResult, PlanStageRow } from '../contracts/index.ts';
import type { Evaluation } from '../sim/index.ts';
import type { PickCount } from './outcome.ts';

/** What a task under way has told of itself. */
export class TaskProgress {
  stage = '';
  attempts = 1;
  /** How often the hand has closed on something to take it, or could not come to where it would have. */
  grasps = 0;
  /** What its plans tried so far, see PickPlaceFeedback. */
  plan_stages: readonly PlanStageRow[] = [];

  enter({ stage, attempt, reason, plan_stages }: PickPlaceFeedback): void {
    if (this.stage === 'approach' && stage === 'perceive' && reason !== '') this.grasps++;
    this.stage = stage;
    this.attempts = attempt;
    if (stage === 'grasp') this.grasps++;
    if (plan_stages !== undefined) this.plan_stages = plan_stages;
  }

  end({ plan_stages }: PickPlaceResult): void {
    if (plan_stages !== undefined) this.plan_stages = plan_stages;
  }

  /**
   * Picks of a task of several objects: an object counts as picked when the judge finds it where it belongs. A task given
   * up because nothing could be taken any more, or on the way there, has made one attempt for which the hand never closed. Null for a task of one.
   */
  picks({ done }: Pick<Evaluation, 'done'>, end: PickPlaceResult | null): PickCount | null {
    if (done === undefined) return null;
    const given_up = end !== null && !end.ok && NEVER_CLOSED.includes(end.stage) ? 1 : 0;
    return { attempts: Math.max(this.grasps + given_up, done), done };
  }
}

/** Stages in which a pick ends before the hand has closed. */
const NEVER_CLOSED: readonly string[] = ['plan', 'approach'];
