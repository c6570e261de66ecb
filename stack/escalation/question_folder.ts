import {
  type Log,
  type Node,
  type NodeContext,
  type Subscription,
  secondsToStamp,
  TOPICS,
} from '../../contracts/index.ts';
import { clearQuestions, fileEnd, fileQuestion, takeAnswers } from './question_files.ts';

/** How often it looks for answers while a question is open (s). */
const PERIOD_S = 0.1;

/**
 * Asks people through a folder, where a graph is one process and has no ROS: files every question with its picture,
 * publishes the answers that are left there, and files how each ended.
 */
export class QuestionFolder implements Node {
  readonly name = 'question_folder';
  private readonly folder: string;
  private readonly open = new Set<string>();
  private context: NodeContext | null = null;
  private subscriptions: Subscription[] = [];
  private cancelTimer = (): void => {};

  constructor(folder: string) {
    this.folder = folder;
  }

  /** What was left there before is nobody's question any more. */
  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    clearQuestions(this.folder);
  }

  activate(): void {
    const { bus, log } = this.required();
    this.subscriptions = [
      bus.subscribe(TOPICS.escalations, this.name, (question) => {
        fileQuestion(this.folder, question);
        log.warn({ id: question.id, folder: this.folder }, 'a person is asked; see surepick escalations');
        this.open.add(question.id);
        this.look();
      }),
      bus.subscribe(TOPICS.escalation_ends, this.name, (end) => {
        if (end.end !== 'refused') this.open.delete(end.id);
        if (this.open.has(end.id) || end.end !== 'refused') fileEnd(this.folder, end);
      }),
    ];
  }

  deactivate(): void {
    this.cancelTimer();
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.open.clear();
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  private look(): void {
    const { bus, clock, log } = this.required();
    this.cancelTimer();
    for (const answer of takeAnswers(this.folder, (reason) => badAnswer(log, reason)))
      bus.publish(TOPICS.escalation_answers, answer);
    if (this.open.size === 0) return;
    this.cancelTimer = clock.schedule(clock.now_ns() + secondsToStamp(PERIOD_S), () => this.look());
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('the question folder is not configured');
    return this.context;
  }
}

function badAnswer(log: Log, reason: string): void {
  log.warn({ reason }, 'an answer that cannot be read');
}
