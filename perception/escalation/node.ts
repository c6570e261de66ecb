import {
  DECLINE,
  type Detection,
  type Detections,
  type Escalation,
  type EscalationAnswer,
  type EscalationEnd,
  escalationId,
  type Node,
  type NodeContext,
  namedObject,
  type Subscription,
  secondsToStamp,
  stampToSeconds,
  TOPICS,
} from '../../contracts/index.ts';
import type { RgbdFrame } from '../detector.ts';
import { FrameStore } from './frame_store.ts';
import { questionAbout } from './question.ts';
import { refusalOf } from './refusal.ts';
import { isSameView, whyChanged } from './same_patch.ts';
import { whyGone } from './still_there.ts';

export interface EscalationNodeOptions {
  /** How long a question waits for an answer (s). Default 3. */
  readonly answer_within_s?: number;
  /** SHA-256 of a model's file by its name@version; empty where there is none. */
  readonly hashOf?: (model: string) => string;
}

/** After an answer the object must be seen again within this (s). */
const LOOK_WITHIN_S = 1;
/** Frames kept of each camera: whoever is in doubt has looked at no older ones. */
const FRAMES_KEPT = 64;
/** Ended questions that are remembered, so that answers to them are told from foreign ones. */
const ENDED_KEPT = 256;

/** One question under way. */
interface Open {
  readonly question: Escalation;
  readonly object: Detection;
  /** The frame that is asked about. */
  readonly frame: RgbdFrame;
  cancelTimer: () => void;
  /** The answer that was taken; null before. */
  answer: EscalationAnswer | null;
  /** Ends the look after it. */
  stopLooking: () => void;
}

/**
 * Asks people about objects that a task is in doubt of (/perception/doubts): one question for each, with the picture, for
 * that picture, that model and a limited time. The first answer that fits is taken; then the object must be seen again
 * where it was within a second, or the question is withdrawn. Any other answer is refused with its reason, and the
 * question stays open. How each question ends is told on /perception/escalation_ends.
 */
export class EscalationNode implements Node {
  readonly name = 'escalations';
  private readonly answer_within_s: number;
  private readonly hashOf: (model: string) => string;
  private readonly frames = new FrameStore(FRAMES_KEPT);
  private readonly open = new Map<string, Open>();
  private readonly ended = new Map<string, string>();
  /** Questions of others, who take the answers. */
  private readonly foreign = new Set<string>();
  private subscriptions: Subscription[] = [];
  private context: NodeContext | null = null;

  constructor({ answer_within_s = 3, hashOf = () => '' }: EscalationNodeOptions = {}) {
    this.answer_within_s = answer_within_s;
    this.hashOf = hashOf;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.ended.clear();
  }

  activate(): void {
    const { bus } = this.required();
    this.frames.listen(bus, this.name);
    this.subscriptions = [
      bus.subscribe(TOPICS.doubts, this.name, (doubts) => this.hear(doubts)),
      bus.subscribe(TOPICS.escalations, this.name, ({ id, asked_by }) => {
        if (asked_by !== this.name) this.foreign.add(id);
        const [oldest] = this.foreign;
        if (this.foreign.size > ENDED_KEPT) this.foreign.delete(oldest);
      }),
      bus.subscribe(TOPICS.escalation_answers, this.name, (answer) => this.take(answer)),
    ];
  }

  deactivate(): void {
    for (const open of [...this.open.values()]) this.end(open, 'withdrawn', { reason: 'nobody asks any more' });
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.frames.close();
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    return { open: this.open.size, ended: this.ended.size };
  }

  private hear(doubts: Detections): void {
    if (doubts.detections.length > 0) {
      for (const object of doubts.detections) this.ask(doubts, object);
      return;
    }
    const { request_id } = doubts;
    for (const open of [...this.open.values()]) {
      if (open.frame.request_id === request_id)
        this.end(open, 'withdrawn', { reason: 'the task has no use for it any more' });
    }
  }

  private ask(doubts: Detections, object: Detection): void {
    const { bus, clock, log } = this.required();
    const id = escalationId(doubts, object);
    if (this.open.has(id) || this.ended.has(id)) return;
    const frame = this.frames.find(doubts.request_id, doubts.stamp_ns);
    if (frame === null) {
      this.note(id, 'withdrawn');
      this.tell({ id, end: 'withdrawn', answer: '', by: '', reason: `the picture ${doubts.request_id} is not kept` });
      return;
    }
    const now_ns = clock.now_ns();
    const expires_ns = now_ns + secondsToStamp(this.answer_within_s);
    const facts = { asked_by: this.name, now_ns, expires_ns, model_sha256: this.hashOf(doubts.model) };
    const question = questionAbout(frame, doubts, object, facts);
    const expire = (): void =>
      this.end(open, 'expired', { reason: `nobody answered within ${this.answer_within_s} s` });
    const open: Open = {
      question,
      object,
      frame,
      // an answer that comes at the last moment is in time
      cancelTimer: clock.schedule(expires_ns + 1n, expire),
      answer: null,
      stopLooking: () => {},
    };
    this.open.set(id, open);
    log.info({ id, model: question.model, options: question.options }, question.question);
    bus.publish(TOPICS.escalations, question);
  }

  private take(answer: EscalationAnswer): void {
    const { clock } = this.required();
    const { id, by } = answer;
    if (this.foreign.has(id)) return;
    const open = this.open.get(id);
    const waits = open !== undefined && open.answer === null;
    const ended = open === undefined ? (this.ended.get(id) ?? '') : 'answered, and looked at again';
    const question = waits ? open.question : null;
    const reason = refusalOf(question, answer, { ended: waits ? '' : ended, now_ns: clock.now_ns() });
    if (!waits || reason !== '') {
      this.tell({ id, end: 'refused', answer: '', by, reason });
      return;
    }
    const named = answer.answer === DECLINE ? null : namedObject(answer.answer);
    if (named === null) this.end(open, 'answered', { answer });
    else this.lookAgain(open, answer, named);
  }

  /** Only pictures exposed after the answer count. */
  private lookAgain(open: Open, answer: EscalationAnswer, named: NonNullable<ReturnType<typeof namedObject>>): void {
    const { bus, clock } = this.required();
    const since_ns = clock.now_ns();
    open.answer = answer;
    open.cancelTimer();
    const withdraw = (reason: string): void => this.end(open, 'withdrawn', { answer, reason });
    open.cancelTimer = clock.schedule(since_ns + secondsToStamp(LOOK_WITHIN_S), () =>
      withdraw(`no picture came within ${LOOK_WITHIN_S} s of the answer`),
    );
    const conclude = (why: string): void => {
      if (why === '') this.end(open, 'answered', { answer });
      else withdraw(why);
    };
    const { frame, object } = open;
    const newest = this.frames.newest(frame.request_id);
    // The camera on the hand that has not moved shows what the overview camera may not see.
    if (frame.info.name === 'wrist' && newest !== null && isSameView(frame, newest)) {
      open.stopLooking = this.frames.onFrame((camera, next) => {
        if (camera !== 'wrist' || next.colour.stamp_ns < since_ns) return;
        conclude(isSameView(frame, next) ? whyChanged(frame, next, object.image_box) : 'the camera has moved');
      });
      return;
    }
    const sight = bus.subscribe(TOPICS.detections, this.name, ({ stamp_ns, detections }) => {
      if (stamp_ns >= since_ns) conclude(whyGone(object, detections, named));
    });
    open.stopLooking = () => sight.unsubscribe();
  }

  private end(
    open: Open,
    end: Exclude<EscalationEnd['end'], 'refused'>,
    { answer, reason = '' }: { readonly answer?: EscalationAnswer; readonly reason?: string },
  ): void {
    const { id, stamp_ns } = open.question;
    open.cancelTimer();
    open.stopLooking();
    this.open.delete(id);
    this.note(id, end);
    const waited_s = stampToSeconds(this.required().clock.now_ns() - stamp_ns);
    this.required().log.info({ id, end, by: answer?.by ?? '', waited_s }, reason === '' ? end : reason);
    this.tell({ id, end, answer: answer?.answer ?? '', by: answer?.by ?? '', reason });
  }

  private note(id: string, end: string): void {
    this.ended.set(id, end);
    for (const oldest of this.ended.keys()) {
      if (this.ended.size <= ENDED_KEPT) return;
      this.ended.delete(oldest);
    }
  }

  private tell(end: Omit<EscalationEnd, 'stamp_ns'>): void {
    const { bus, clock } = this.required();
    bus.publish(TOPICS.escalation_ends, { ...end, stamp_ns: clock.now_ns() });
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('the escalation node is not configured');
    return this.context;
  }
}
