import {
  DECLINE,
  type Detection,
  type Detections,
  type Escalation,
  type EscalationEnd,
  escalationId,
  type Node,
  type NodeContext,
  objectName,
  type Subscription,
  TOPICS,
} from '../../contracts/index.ts';
import type { EpisodeCounts } from '../../datasets/index.ts';
import type { PhysicsEngine, SceneModel } from '../../sim/index.ts';

/** A guess that is further off than this is wrong whatever it says (m). */
const AT_PLACE_M = 0.025;
/** Doubts remembered until they are asked about. */
const DOUBTS_KEPT = 32;

interface Asked {
  readonly guess: string;
  /** By the truth of the simulation when the question was put. */
  readonly wrong: boolean;
}

/**
 * Counts questions to people and how they ended, and saves: questions whose guess was wrong by the truth of the
 * simulation, and that no answer turned into an action on that guess. It only looks on: nothing of the truth is told.
 */
export class QuestionWatch implements Node {
  readonly name = 'question_watch';
  private readonly scene: SceneModel;
  private readonly engine: PhysicsEngine;
  private readonly state = new Float64Array(13);
  private readonly doubts = new Map<string, Detection>();
  private readonly open = new Map<string, Asked>();
  private subscriptions: Subscription[] = [];
  private asked = 0;
  private answered = 0;
  private overruled = 0;
  private saves = 0;

  constructor(scene: SceneModel, engine: PhysicsEngine) {
    this.scene = scene;
    this.engine = engine;
  }

  async configure({ bus }: NodeContext): Promise<void> {
    this.subscriptions = [
      bus.subscribe(TOPICS.doubts, this.name, (doubts) => this.hearDoubts(doubts)),
      bus.subscribe(TOPICS.escalations, this.name, (question) => this.hearQuestion(question)),
      bus.subscribe(TOPICS.escalation_ends, this.name, (end) => this.hearEnd(end)),
    ];
  }

  activate(): void {}
  deactivate(): void {}

  async cleanup(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }

  /** Questions that nobody has ended count by what was done until now: nothing. */
  counts(): Pick<EpisodeCounts, 'escalations_asked' | 'escalations_answered' | 'escalations_overruled' | 'saves'> {
    const open = [...this.open.values()].filter(({ wrong }) => wrong).length;
    return {
      escalations_asked: this.asked,
      escalations_answered: this.answered,
      escalations_overruled: this.overruled,
      saves: this.saves + open,
    };
  }

  private hearDoubts(doubts: Detections): void {
    for (const detection of doubts.detections) this.doubts.set(escalationId(doubts, detection), detection);
    for (const oldest of this.doubts.keys()) {
      if (this.doubts.size <= DOUBTS_KEPT) return;
      this.doubts.delete(oldest);
    }
  }

  private hearQuestion({ id }: Escalation): void {
    const doubt = this.doubts.get(id);
    if (doubt === undefined || this.open.has(id)) return;
    this.asked++;
    this.open.set(id, { guess: objectName(doubt), wrong: this.isWrong(doubt) });
  }

  private hearEnd({ id, end, answer }: EscalationEnd): void {
    const asked = this.open.get(id);
    if (asked === undefined || end === 'refused') return;
    this.open.delete(id);
    if (answer !== '') this.answered++;
    if (answer !== '' && answer !== DECLINE && answer !== asked.guess) this.overruled++;
    const acted_on = end === 'answered' && answer === asked.guess;
    if (asked.wrong && !acted_on) this.saves++;
  }

  private isWrong(doubt: Detection): boolean {
    const [x, y] = doubt.pose.position;
    let [nearest, least] = [-1, AT_PLACE_M];
    for (let i = 0; i < this.scene.objects.length; i++) {
      this.engine.objectState(i, this.state, 0);
      const gap = Math.hypot(this.state[0] - x, this.state[1] - y);
      if (gap < least) [nearest, least] = [i, gap];
    }
    return nearest < 0 || objectName(this.scene.objects[nearest]) !== objectName(doubt);
  }
}
