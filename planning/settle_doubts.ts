import { type Detections, namedObject, StageError } from '../contracts/index.ts';
import { describeObject, doubtAbout, isSure } from './doubts.ts';
import { lookAgain } from './look_again.ts';
import type { Manipulation } from './manipulation.ts';
import type { Steps } from './requests.ts';
import type { TableObject } from './table_objects.ts';
import type { TaskContext } from './task_plan.ts';

/** Questions that one task asks at most. */
const MOST_QUESTIONS = 8;
export const UNANSWERED = 'asked, nobody answered';

/** What a look shows of what is wanted. */
export interface Sight {
  /** Everything that stands about. */
  readonly seen: readonly TableObject[];
  /** What is wanted and may be acted on. */
  readonly sure: readonly TableObject[];
  /** Why something that may be wanted is left alone; empty when nothing is. */
  readonly left_alone: string;
}

/**
 * Settles what a task is in doubt of before it acts: while something that may be wanted is seen and nothing of it for
 * sure, another view is tried, and then a person is asked. Sure objects go first; the others wait until none is left.
 */
export class DoubtSettler {
  private readonly arm: Manipulation;
  private readonly context: TaskContext<unknown>;
  private readonly lookAgain: typeof lookAgain | null;
  private questions = 0;
  private looks = 0;

  /** @param another  gives another view; null for a task that has only the one it looks from */
  constructor(arm: Manipulation, context: TaskContext<unknown>, another: typeof lookAgain | null = lookAgain) {
    this.arm = arm;
    this.context = context;
    this.lookAgain = another;
  }

  /**
   * @param look  a look at everything
   * @param isWanted  whether an object is wanted, as far as is known of it
   */
  *settle(look: () => Steps<TableObject[]>, isWanted: (object: TableObject) => boolean): Steps<Sight> {
    for (;;) {
      const seen = yield* look();
      const wanted = seen.filter(isWanted);
      const sure = wanted.filter(isSure);
      const left = wanted.map((object) => this.arm.doubts.leftAlone(object)).find((reason) => reason !== '') ?? '';
      const open = wanted.find((object) => !isSure(object) && this.arm.doubts.leftAlone(object) === '');
      if (sure.length > 0 || open === undefined) return { seen, sure, left_alone: left };
      yield* this.settleOne(open, seen);
    }
  }

  private *settleOne(object: TableObject, seen: readonly TableObject[]): Steps<void> {
    const { arm, context } = this;
    const what = describeObject(object);
    let doubt = doubtAbout(arm.frames, object);
    let looked = '';
    if (object.confidence?.verdict !== 'escalate' && this.lookAgain !== null) {
      const rng = context.rng.stream(`look again/${this.looks++}`);
      const { how, is, frame } = yield* this.lookAgain(arm, context.planner, object, seen, rng);
      yield* arm.enter('perceive', `${what} is uncertain; ${how}`);
      if (is !== null) {
        arm.doubts.settle(object, is, how);
        return;
      }
      looked = `, ${how}`;
      doubt = frame ?? doubt;
    }
    yield* this.askAbout(object, doubt, `${what} is uncertain${looked}`);
  }

  private *askAbout(object: TableObject, doubt: Detections | null, what: string): Steps<void> {
    const { arm } = this;
    if (doubt === null || this.questions++ >= MOST_QUESTIONS) {
      const why = doubt === null ? 'no picture shows it alone' : `${MOST_QUESTIONS} questions were asked before`;
      arm.doubts.settle(object, null, `${what}; nobody is asked: ${why}`);
      return;
    }
    yield* arm.enter('perceive', `${what}; asks a person`);
    const { end, answer, by, reason } = yield* arm.ask('asked', { kind: 'ask', doubt });
    switch (end) {
      case 'answered': {
        const is = namedObject(answer);
        yield* arm.enter('perceive', `${by} says: ${answer}`);
        arm.doubts.settle(object, is, is === null ? `${what}; ${by} says: ${answer}` : by);
        return;
      }
      case 'withdrawn':
        if (answer !== '') {
          yield* arm.enter('perceive', `${by} says: ${answer}, but ${reason}`);
          return;
        }
        break;
      case 'expired':
        break;
    }
    const unanswered = `${UNANSWERED}: ${what}; ${reason}`;
    if (arm.options.unanswered === 'fail') throw new StageError('perceive', unanswered);
    arm.doubts.settle(object, null, unanswered);
  }
}
