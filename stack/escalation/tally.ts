import type { PickPlaceFeedback } from '../../contracts/index.ts';
import type { EpisodeCounts } from '../../datasets/index.ts';
import type { Evaluation, PhysicsEngine, TaskInstance, TaskView } from '../../sim/index.ts';
import { PickWatch } from './pick_watch.ts';
import { QuestionWatch } from './question_watch.ts';

/** Counts of one episode: what went wrong, what was tried again, what people were asked, and what that prevented. */
export class EpisodeTally {
  readonly questions: QuestionWatch;
  private readonly picks: PickWatch;
  private attempt = 1;
  private retries = 0;

  constructor(instance: TaskInstance, engine: PhysicsEngine) {
    this.questions = new QuestionWatch(instance.scene, engine);
    this.picks = new PickWatch(instance);
  }

  /** A stage of the task begins. @param view  the world as the judge sees it */
  enter({ stage, attempt, reason }: PickPlaceFeedback, view: TaskView): void {
    if (stage === 'perceive' && attempt > this.attempt && reason !== '') this.retries++;
    this.attempt = Math.max(this.attempt, attempt);
    this.picks.enter(stage, view);
  }

  counts(evaluation: Pick<Evaluation, 'measures'>): EpisodeCounts {
    return { wrong_picks: this.picks.wrongPicks(evaluation), retries: this.retries, ...this.questions.counts() };
  }
}
