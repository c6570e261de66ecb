import {
  type Correction,
  type Detection,
  type Detections,
  type Escalation,
  type EscalationEnd,
  escalationId,
  type Node,
  type NodeContext,
  namedObject,
  type Subscription,
  TOPICS,
} from '../../contracts/index.ts';
import {
  type ExampleFacts,
  MaskedBus,
  type PictureMask,
  type StoredFrame,
  writeExample,
} from '../../datasets/index.ts';
import { FrameStore, frameHash } from '../../perception/index.ts';

const FRAMES_KEPT = 24;

interface Asked {
  readonly doubt: Detections;
  readonly guess: Detection;
  question: Escalation | null;
  frame: StoredFrame | null;
  corrected: boolean;
}

/**
 * Stores what people answer, and what they say against what was seen, as labelled examples: the picture that it is about,
 * masked if pictures are, with the answer.
 */
export class ExampleWriter implements Node {
  readonly name = 'example_writer';
  private readonly folder: string;
  private readonly prefix: string;
  private readonly mask: PictureMask | null;
  private readonly hashOf: (model: string) => string;
  /** As they are stored, and as they were seen. */
  private readonly frames = new FrameStore(FRAMES_KEPT);
  private readonly seen = new FrameStore(FRAMES_KEPT);
  private readonly asked = new Map<string, Asked>();
  private masked: MaskedBus | null = null;
  private subscriptions: Subscription[] = [];

  /**
   * @param folder  made when there is something to store
   * @param prefix  of the files' names, e.g. `episode-0003`
   * @param hashOf  SHA-256 of a model's file by its name@version; empty where there is none
   */
  constructor(
    folder: string,
    prefix: string,
    mask: PictureMask | null = null,
    hashOf: (model: string) => string = () => '',
  ) {
    this.folder = folder;
    this.prefix = prefix;
    this.mask = mask;
    this.hashOf = hashOf;
  }

  async configure({ bus: whole, log }: NodeContext): Promise<void> {
    this.masked = this.mask === null ? null : new MaskedBus(whole, this.mask, this.name);
    const bus = this.masked ?? whole;
    this.frames.listen(bus, this.name);
    this.seen.listen(whole, this.name);
    this.subscriptions = [
      bus.subscribe(TOPICS.doubts, this.name, (doubts) => {
        for (const guess of doubts.detections) {
          const doubt = { ...doubts, detections: [guess] };
          this.asked.set(escalationId(doubts, guess), {
            doubt,
            guess,
            question: null,
            frame: this.frameOf(doubts),
            corrected: false,
          });
        }
      }),
      bus.subscribe(TOPICS.escalations, this.name, (question) => {
        const asked = this.asked.get(question.id);
        if (asked !== undefined) asked.question = question;
      }),
      bus.subscribe(TOPICS.escalation_answers, this.name, ({ id }) => {
        const asked = this.asked.get(id);
        // masked pictures may come after the question
        if (asked !== undefined) asked.frame ??= this.frameOf(asked.doubt);
      }),
      bus.subscribe(TOPICS.corrections, this.name, (correction) => {
        const { id, by, seen } = correction;
        const file = this.correct(correction);
        if (file !== null) log.info({ file, by }, 'kept as a labelled example');
        else log.warn({ id, by }, `a correction is not kept: the picture ${seen.request_id} is not there any more`);
      }),
      bus.subscribe(TOPICS.escalation_ends, this.name, (end) => {
        const file = this.end(end);
        if (file !== null) log.info({ file, by: end.by }, 'kept as a labelled example');
      }),
    ];
  }

  activate(): void {}
  deactivate(): void {}

  async cleanup(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.frames.close();
    this.seen.close();
    this.masked?.close();
    this.asked.clear();
  }

  private frameOf({ request_id, stamp_ns }: Detections): StoredFrame | null {
    return this.frames.find(request_id, stamp_ns);
  }

  /** Gives the file that was written; null if nobody answered, or the picture was withheld. */
  private end({ id, stamp_ns, end, answer, by, reason }: EscalationEnd): string | null {
    const asked = this.asked.get(id);
    if (asked === undefined || end === 'refused') return null;
    this.asked.delete(id);
    const { question, frame, guess, corrected } = asked;
    // What was said against it says more than the answer that sends the robot on.
    if (corrected) return null;
    if (question === null || frame === null || answer === '' || end === 'expired') return null;
    const { request_id, frame_sha256, model, model_sha256, options, question: text } = question;
    const facts = {
      ...{ id, question: text, options, answer, label: namedObject(answer), by, end, reason, guess },
      ...{ asked_ns: String(question.stamp_ns), ended_ns: String(stamp_ns), model, model_sha256 },
      ...{ request_id, frame_sha256, masked: this.mask !== null },
    };
    return writeExample(this.folder, `${this.prefix}.${id}`, facts, frame);
  }

  /** Gives the file that was written; null where the picture is not kept any more, or was withheld. */
  private correct({ id, stamp_ns, by, seen, mistake, answer, image_box }: Correction): string | null {
    const asked = this.asked.get(id);
    const original = this.seen.find(seen.request_id, seen.stamp_ns);
    const frame = asked?.frame ?? this.frameOf(seen);
    const frame_sha256 = asked?.question?.frame_sha256 ?? (original === null ? null : frameHash(original));
    if (frame === null || frame_sha256 === null) return null;
    if (asked !== undefined) asked.corrected = true;
    const { request_id, model } = seen;
    const facts: ExampleFacts = {
      ...{ id, question: asked?.question?.question ?? '', options: asked?.question?.options ?? [], answer },
      ...{ label: namedObject(answer), by, end: 'answered', reason: '', guess: seen.detections[0] },
      correction: { mistake, image_box },
      ...{ asked_ns: String(asked?.question?.stamp_ns ?? seen.stamp_ns), ended_ns: String(stamp_ns) },
      ...{ model, model_sha256: asked?.question?.model_sha256 ?? this.hashOf(model) },
      ...{ request_id, frame_sha256, masked: this.mask !== null },
    };
    return writeExample(this.folder, `${this.prefix}.${id}.correction`, facts, frame);
  }
}
