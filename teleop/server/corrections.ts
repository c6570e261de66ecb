import {
  type Bus,
  type Correction,
  DECLINE,
  type Detections,
  escalationId,
  objectName,
  type Subscription,
  stampToSeconds,
  TOPICS,
} from '../../contracts/index.ts';
import type { CommandOf } from '../protocol/index.ts';
import type { Questions } from './questions.ts';

/** What was seen lately is remembered: as much as a page may still show, and doubts for as long as questions wait. */
const SEEN_KEPT = 64;
/** Pictures are not kept for longer where examples are written, s. */
const OLDEST_S = 1;

/** What people say against what was seen: bound to the picture, told on the bus, and kept there as labelled examples. */
export class Corrections {
  private readonly bus: Bus;
  private readonly robot_ns: () => bigint;
  private readonly questions: Questions;
  private readonly seen: Detections[] = [];
  private readonly doubts = new Map<string, Detections>();
  private subscriptions: readonly Subscription[] = [];

  /** @param robot_ns  the robot's clock, on which pictures are stamped */
  constructor(bus: Bus, robot_ns: () => bigint, questions: Questions) {
    this.bus = bus;
    this.robot_ns = robot_ns;
    this.questions = questions;
  }

  start(): void {
    this.subscriptions = [
      this.bus.subscribe(TOPICS.detections, 'teleop', (seen) => {
        this.seen.push(seen);
        if (this.seen.length > SEEN_KEPT) this.seen.shift();
      }),
      this.bus.subscribe(TOPICS.doubts, 'teleop', (doubts) => {
        for (const guess of doubts.detections)
          this.doubts.set(escalationId(doubts, guess), { ...doubts, detections: [guess] });
        for (const oldest of this.doubts.keys()) {
          if (this.doubts.size <= SEEN_KEPT) return;
          this.doubts.delete(oldest);
        }
      }),
    ];
  }

  stop(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
  }

  /**
   * Publishes a correction; the empty string, or why it is none. What is said against a question ends it too: the robot
   * leaves that object alone.
   */
  correct({ about, verdict }: CommandOf<'correct'>, by: string): string {
    const asked = about.kind === 'question' ? { ...about, answer: DECLINE } : null;
    const refusal = asked === null ? '' : this.questions.refusalOf(asked);
    if (refusal !== '') return refusal;
    const seen = about.kind === 'question' ? this.doubts.get(about.escalation) : this.outlined(about);
    if (seen === undefined) return UNKNOWN[about.kind];
    const said = saidOf(verdict, seen);
    if (typeof said === 'string') return said;
    const id = asked?.escalation ?? escalationId(seen, seen.detections[0]);
    this.bus.publish(TOPICS.corrections, { id, stamp_ns: this.robot_ns(), by, seen, ...said });
    return asked === null ? '' : this.questions.answer(asked, by);
  }

  private outlined({ camera, stamp_ms, object }: About<'outline'>): Detections | undefined {
    const oldest_s = stampToSeconds(this.robot_ns()) - OLDEST_S;
    for (const seen of this.seen) {
      const s = stampToSeconds(seen.stamp_ns);
      if (s < oldest_s || 1000 * s !== stamp_ms || seen.request_id.split('/')[0] !== camera) continue;
      const found = seen.detections.find(({ id }) => id === object);
      if (found !== undefined) return { ...seen, detections: [found] };
    }
    return undefined;
  }
}

type About<K extends CommandOf<'correct'>['about']['kind']> = Extract<CommandOf<'correct'>['about'], { kind: K }>;

const UNKNOWN: Readonly<Record<CommandOf<'correct'>['about']['kind'], string>> = {
  outline: `that outline is older than ${OLDEST_S} s; correct it where it is seen now`,
  question: 'what was seen is not known any more; answer the question instead',
};

/** What a verdict says of the object; or why it says nothing. */
function saidOf(
  verdict: CommandOf<'correct'>['verdict'],
  { detections: [guess] }: Detections,
): Pick<Correction, 'mistake' | 'answer' | 'image_box'> | string {
  const { mistake } = verdict;
  const name = objectName(guess);
  const { image_box } = guess;
  switch (mistake) {
    case 'not_object':
      return { mistake, answer: DECLINE, image_box };
    case 'other_object': {
      const answer = objectName(verdict.object);
      return answer === name ? `it is taken for a ${name} already` : { mistake, answer, image_box };
    }
    case 'other_place': {
      const same = verdict.box.every((x, i) => x === image_box[i]);
      return same ? 'it is outlined there already' : { mistake, answer: name, image_box: verdict.box };
    }
  }
}
