import {
  type Bus,
  type Escalation,
  type Subscription,
  secondsToStamp,
  stampToSeconds,
  TOPICS,
} from '../../contracts/index.ts';
import type { CommandOf, EscalationsMessage, EscalationView } from '../protocol/index.ts';

export type GivenAnswer = Omit<CommandOf<'answer'>, 'type' | 'id'>;

/** Questions that wait at most; the oldest goes. */
const MOST = 32;

/** Questions of the robot to people: what is open, its pictures, and the answers. */
export class Questions {
  private readonly bus: Bus;
  private readonly robot_ns: () => bigint;
  private readonly open = new Map<string, Escalation>();
  private readonly onChange: () => void;
  private subscriptions: readonly Subscription[] = [];

  /** @param robot_ns  the robot's clock, by which questions expire */
  constructor(bus: Bus, robot_ns: () => bigint, onChange: () => void) {
    this.bus = bus;
    this.robot_ns = robot_ns;
    this.onChange = onChange;
  }

  start(): void {
    this.subscriptions = [
      this.bus.subscribe(TOPICS.escalations, 'teleop', (question) => {
        this.open.delete(question.id);
        this.open.set(question.id, question);
        const [oldest] = this.open.keys();
        if (this.open.size > MOST) this.open.delete(oldest);
        this.onChange();
      }),
      this.bus.subscribe(TOPICS.escalation_ends, 'teleop', ({ id, end }) => {
        if (end !== 'refused' && this.open.delete(id)) this.onChange();
      }),
    ];
  }

  stop(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
  }

  /** How many are open. */
  get count(): number {
    return this.open.size;
  }

  /** Forgets those whose time is over; true if there were any. */
  expire(): boolean {
    const now_ns = this.robot_ns();
    const over = [...this.open.values()].filter(({ expires_ns }) => expires_ns <= now_ns);
    for (const { id } of over) this.open.delete(id);
    return over.length > 0;
  }

  message(): EscalationsMessage {
    return { type: 'escalations', open: [...this.open.values()].map((question) => this.view(question)) };
  }

  /** The picture of an open question; null for none. */
  pictureOf(id: string): { readonly type: string; readonly data: Uint8Array } | null {
    const question = this.open.get(id);
    if (question === undefined || question.image_format === '') return null;
    return { type: `image/${question.image_format}`, data: question.image };
  }

  /** Publishes an answer; the empty string, or why it is none. Whoever asked decides whether it still holds. */
  answer(given: GivenAnswer, by: string): string {
    const refusal = this.refusalOf(given);
    const { escalation: id, answer, frame_sha256, model } = given;
    if (refusal === '')
      this.bus.publish(TOPICS.escalation_answers, { id, stamp_ns: this.robot_ns(), answer, by, frame_sha256, model });
    return refusal;
  }

  /** Why an answer is none; empty where it is one. */
  refusalOf({ escalation, answer, frame_sha256, model }: GivenAnswer): string {
    const question = this.open.get(escalation);
    if (question === undefined) return `question ${escalation} is not open any more`;
    if (!question.options.includes(answer)) return `answer ${answer}: one of ${question.options.join(', ')}`;
    if (question.frame_sha256 !== frame_sha256 || question.model !== model)
      return 'the question is about another picture by now; look again';
    return this.robot_ns() >= question.expires_ns ? 'the question has expired' : '';
  }

  private view(question: Escalation): EscalationView {
    const { id, options, asked_by, request_id, frame_sha256, model, image_box, image_format, expires_ns } = question;
    const left_ns = expires_ns - this.robot_ns();
    return {
      ...{ id, question: question.question, options, asked_by, request_id, frame_sha256, model, image_box },
      picture: image_format !== '',
      left_ms: left_ns > secondsToStamp(0) ? 1000 * stampToSeconds(left_ns) : 0,
    };
  }
}
