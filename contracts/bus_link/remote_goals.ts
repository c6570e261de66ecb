import type { Action, GoalCallbacks, GoalHandle, SentGoal } from '../bus.ts';
import { InputError } from '../errors.ts';
import { parseMessage } from '../parse_message.ts';
import { ServedGoal } from '../served_goal.ts';
import { blankResult } from './blank_result.ts';
import type { ToHost, ToRemote } from './envelope.ts';
import { failureOf } from './failure.ts';
import { Inbox, Outbox } from './outbox.ts';

type AnyAction = Action<unknown, unknown, unknown>;
type ActionHandler = (goal: unknown, handle: GoalHandle<unknown, unknown>) => void;

/** Those of a host's messages that are about goals. */
export type GoalMessage = ToRemote & { kind: 'feedback' | 'result' | 'goal_refused' | 'goal' | 'goal_cancel' };

/** Actions at the far end of a link: the goals that are sent from there, and those that are served there. */
export class RemoteGoals {
  private readonly tell: (message: ToHost) => void;
  private readonly outbox = new Outbox();
  private readonly inbox: Inbox;
  private readonly validate: boolean;
  private readonly actions = new Map<string, { readonly action: AnyAction; readonly handler: ActionHandler }>();
  private readonly sent = new Map<number, { action: AnyAction; callbacks: GoalCallbacks<unknown, unknown> }>();
  private readonly served = new Map<number, ServedGoal<unknown, unknown>>();
  private ids = 0;

  constructor(tell: (message: ToHost) => void, validate: boolean) {
    this.tell = tell;
    this.validate = validate;
    this.inbox = new Inbox((lane, bytes) => tell({ kind: 'ack', lane, bytes }));
  }

  serve(action: AnyAction, handler: ActionHandler): () => void {
    const { name } = action;
    if (this.actions.has(name)) throw new InputError(name, 'already has a server; only one node may serve it');
    const entry = { action, handler };
    this.actions.set(name, entry);
    this.tell({ kind: 'serve_action', action: name });
    return () => {
      if (this.actions.get(name) !== entry) return;
      this.actions.delete(name);
      this.tell({ kind: 'unserve_action', action: name });
    };
  }

  /** @param gone  why the host is; empty while it is there */
  send(action: AnyAction, goal: unknown, callbacks: GoalCallbacks<unknown, unknown>, gone: string): SentGoal {
    const asked = parseMessage(action.goal, goal, action.name);
    const id = ++this.ids;
    this.sent.set(id, { action, callbacks });
    if (gone === '') this.tell({ kind: 'send_goal', id, action: action.name, goal: asked });
    else queueMicrotask(() => this.abort(id, gone));
    let cancelled = false;
    const cancel = () => {
      if (cancelled || !this.sent.has(id)) return;
      cancelled = true;
      this.tell({ kind: 'cancel', id });
    };
    return { id, cancel };
  }

  answered(lane: string, bytes: number): void {
    this.outbox.answered(lane, bytes);
  }

  hear(message: GoalMessage): void {
    switch (message.kind) {
      case 'feedback':
        this.feedback(message.id, message.feedback);
        return;
      case 'result':
        this.result(message);
        return;
      case 'goal_refused':
        this.abort(message.id, message.reason);
        return;
      case 'goal':
        this.accept(message);
        return;
      case 'goal_cancel':
        this.served.get(message.id)?.cancel();
        return;
    }
  }

  /** The link is lost: goals that were sent end aborted, and those that are served are wanted by nobody any more. */
  end(reason: string): void {
    for (const id of [...this.sent.keys()]) this.abort(id, reason);
    for (const goal of [...this.served.values()]) goal.cancel();
  }

  private feedback(id: number, feedback: unknown): void {
    this.inbox.take(feedbackLane(id), feedback);
    const sent = this.sent.get(id);
    if (sent === undefined) return;
    const { action, callbacks } = sent;
    callbacks.onFeedback?.(this.validate ? parseMessage(action.feedback, feedback, action.name) : feedback);
  }

  private result({ id, status, result }: ToRemote & { kind: 'result' }): void {
    const sent = this.sent.get(id);
    this.inbox.end(feedbackLane(id));
    if (sent === undefined) return;
    const { action, callbacks } = sent;
    const { success, data } = this.validate ? action.result.safeParse(result) : { success: true, data: result };
    if (!success) {
      this.abort(id, `${action.name} ended ${status} with a result that its schema refuses`);
      return;
    }
    this.sent.delete(id);
    callbacks.onResult(status, data);
  }

  private abort(id: number, reason: string): void {
    const sent = this.sent.get(id);
    this.sent.delete(id);
    sent?.callbacks.onResult('aborted', blankResult(sent.action.result, reason));
  }

  private accept({ id, action: name, goal }: ToRemote & { kind: 'goal' }): void {
    const entry = this.actions.get(name);
    const lane = feedbackLane(id);
    const handle = new ServedGoal(id, {
      feedback: (feedback) =>
        this.outbox.offer(lane, { kind: 'latest' }, feedback, (told) =>
          this.tell({ kind: 'goal_feedback', id, feedback: told }),
        ),
      end: (end, result) => {
        this.served.delete(id);
        this.outbox.end(lane);
        this.tell({ kind: 'goal_end', id, end, result });
      },
    });
    if (entry === undefined) {
      handle.abort({ ok: false, reason: `${name} has no server any more` });
      return;
    }
    this.served.set(id, handle);
    try {
      entry.handler(parseMessage(entry.action.goal, goal, name), handle);
    } catch (error) {
      if (!handle.done) handle.abort(blankResult(entry.action.result, failureOf(error).message));
      throw error;
    }
  }
}

/** Of a goal's number, whichever end has given it. */
export function feedbackLane(id: number): string {
  return `feedback of goal ${id}`;
}
