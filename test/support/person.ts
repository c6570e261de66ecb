import {
  type Escalation,
  type EscalationAnswer,
  type EscalationEnd,
  type Node,
  type NodeContext,
  type Subscription,
  secondsToStamp,
  TOPICS,
} from '../../contracts/index.ts';

/** Answers to a question, each so long after it (s). */
export type Replies = (question: Escalation) => readonly (Partial<EscalationAnswer> & { readonly after_s: number })[];

/** The answer that fits a question. */
export function answerTo({ id, frame_sha256, model, options }: Escalation): Omit<EscalationAnswer, 'stamp_ns'> {
  return { id, frame_sha256, model, answer: options[0], by: 'ada' };
}

/** Somebody who is asked over the bus, and answers. Keeps what was asked and how it ended. */
export class Person implements Node {
  readonly name = 'person';
  readonly questions: Escalation[] = [];
  readonly ends: EscalationEnd[] = [];
  private readonly replies: Replies;
  private subscriptions: Subscription[] = [];

  constructor(replies: Replies) {
    this.replies = replies;
  }

  async configure({ bus, clock }: NodeContext): Promise<void> {
    this.subscriptions = [
      bus.subscribe(TOPICS.escalations, this.name, (question) => {
        this.questions.push(question);
        for (const { after_s, ...reply } of this.replies(question)) {
          clock.schedule(clock.now_ns() + secondsToStamp(after_s), () =>
            bus.publish(TOPICS.escalation_answers, { ...answerTo(question), stamp_ns: clock.now_ns(), ...reply }),
          );
        }
      }),
      bus.subscribe(TOPICS.escalation_ends, this.name, (end) => void this.ends.push(end)),
    ];
  }

  activate(): void {}
  deactivate(): void {}

  async cleanup(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }
}
