import type { Action, Bus, GoalHandle, SentGoal } from '../bus.ts';
import { InputError } from '../errors.ts';
import { parseMessage } from '../parse_message.ts';
import { blankResult } from './blank_result.ts';
import type { ToHost, ToRemote } from './envelope.ts';
import { Inbox, Outbox } from './outbox.ts';
import { feedbackLane } from './remote_goals.ts';

type AnyAction = Action<unknown, unknown, unknown>;

/** Goals that one port may have open. */
const MOST_OPEN = 1000;

export interface HostGoalsOptions {
  readonly bus: Bus;
  readonly trusted: boolean;
  readonly tell: (message: ToRemote) => void;
  readonly onError: (error: unknown, where: string) => void;
}

/** Actions at the host of a link: goals that its port sends, and those that it serves. */
export class HostGoals {
  private readonly options: HostGoalsOptions;
  private readonly outbox = new Outbox();
  private readonly inbox: Inbox;
  private readonly served = new Map<number, { action: AnyAction; handle: GoalHandle<unknown, unknown> }>();
  private readonly sent = new Map<number, SentGoal>();
  private ids = 0;

  constructor(options: HostGoalsOptions) {
    this.options = options;
    this.inbox = new Inbox((lane, bytes) => options.tell({ kind: 'ack', lane, bytes }));
  }

  get dropped(): number {
    return this.outbox.dropped;
  }

  answered(lane: string, bytes: number): void {
    this.outbox.answered(lane, bytes);
  }

  /** The port serves an action from now on. Throws InputError where another does. */
  serve(action: AnyAction): () => void {
    const { bus, tell } = this.options;
    return bus.serveAction(action, (goal, handle) => {
      const id = ++this.ids;
      this.served.set(id, { action, handle });
      handle.onCancel(() => tell({ kind: 'goal_cancel', id }));
      tell({ kind: 'goal', id, action: action.name, goal });
    });
  }

  /** @param action  null for one that the port may not name */
  send(action: AnyAction | null, { id, action: name, goal }: ToHost & { kind: 'send_goal' }): void {
    const { bus, tell, onError } = this.options;
    const lane = feedbackLane(id);
    let done = false;
    try {
      if (action === null) throw new InputError(`action ${name}`, 'is no action of contracts');
      if (this.sent.has(id) || this.sent.size >= MOST_OPEN)
        throw new InputError(`action ${name}`, `at most ${MOST_OPEN} goals at once, of one number each`);
      const sent = bus.sendGoal(action, goal, {
        onFeedback: (feedback) =>
          this.outbox.offer(lane, { kind: 'latest' }, feedback, (told) =>
            tell({ kind: 'feedback', id, feedback: told }),
          ),
        onResult: (status, result) => {
          done = true;
          this.sent.delete(id);
          this.outbox.end(lane);
          tell({ kind: 'result', id, status, result });
        },
      });
      if (!done) this.sent.set(id, sent);
    } catch (error) {
      if (!(error instanceof InputError)) onError(error, name);
      tell({ kind: 'goal_refused', id, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  cancel(id: number): void {
    this.sent.get(id)?.cancel();
  }

  feedback({ id, feedback }: ToHost & { kind: 'goal_feedback' }): void {
    this.inbox.take(feedbackLane(id), feedback);
    const goal = this.served.get(id);
    if (goal === undefined) return;
    const { action, handle } = goal;
    handle.feedback(this.options.trusted ? feedback : parseMessage(action.feedback, feedback, action.name));
  }

  end({ id, end, result }: ToHost & { kind: 'goal_end' }): void {
    this.inbox.end(feedbackLane(id));
    const goal = this.served.get(id);
    if (goal === undefined) return;
    this.served.delete(id);
    const { action, handle } = goal;
    const { success, data, error } = action.result.safeParse(result);
    if (success || this.options.trusted) {
      handle[end](success ? data : result);
      return;
    }
    handle.abort(blankResult(action.result, `${action.name} ended with a result that its schema refuses`));
    throw new InputError(`${action.name}: result`, error.issues[0].message);
  }

  /** The port is closed: what it served ends aborted, and what it sent is cancelled. */
  close(reason: string): void {
    const served = [...this.served.values()];
    const sent = [...this.sent.values()];
    this.served.clear();
    this.sent.clear();
    for (const { action, handle } of served)
      this.guard(() => handle.abort(blankResult(action.result, `${action.name} has lost its server: ${reason}`)));
    // Whoever wanted them is gone.
    for (const goal of sent) this.guard(() => goal.cancel());
  }

  /** What one of many does wrong must not keep the others from their end. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.options.onError(error, 'the end of a link');
    }
  }
}
