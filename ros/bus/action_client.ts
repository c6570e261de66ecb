import { setTimeout as sleep } from 'node:timers/promises';
import type { Action, GoalCallbacks, GoalStatus, SentGoal } from '../../contracts/index.ts';
import { InputError, parseMessage } from '../../contracts/index.ts';
import type { ActionMapping, RosFields } from '../mapping.ts';
import { failureFields } from './failure.ts';
import type { Guard } from './guard.ts';
import { rosName } from './names.ts';
import { GOAL_STATUS, type NativeActionClient, type NativeClientGoal, type Rclnodejs } from './native.ts';
import type { RosNode } from './ros_node.ts';
import { serverGone, waitForServer } from './servers.ts';

const ANSWER_WAIT_MS = 5000;

/** Sends goals of one action. Each ends with exactly one result, whatever becomes of its server. */
export class ActionCaller<G, F, R> {
  private readonly node: RosNode;
  private readonly rcl: Rclnodejs;
  private readonly action: Action<G, F, R>;
  private readonly mapping: ActionMapping<G, F, R>;
  private readonly client: NativeActionClient;
  private readonly wait_ms: number;
  private readonly guard: Guard;
  private closed = false;
  private open = 0;

  constructor(node: RosNode, action: Action<G, F, R>, mapping: ActionMapping<G, F, R>, wait_ms: number) {
    const { rcl, native, guard } = node;
    this.node = node;
    this.rcl = rcl;
    this.action = action;
    this.mapping = mapping;
    this.wait_ms = wait_ms;
    this.guard = guard;
    this.client = new rcl.ActionClient(native, mapping.ros_type, rosName(action.name));
  }

  /** Throws an InputError for a goal that its schema refuses; every other failure is a result `aborted`. */
  send(id: number, goal: G, callbacks: GoalCallbacks<F, R>): SentGoal {
    const fields = { ...this.mapping.goal.toRos(parseMessage(this.action.goal, goal, this.action.name)) };
    const sent = { cancel: false, native: null as NativeClientGoal | null };
    this.open++;
    this.follow(fields, callbacks, sent)
      .catch((error: unknown) => ({ status: 'aborted' as const, fields: this.failure(error) }))
      .then(({ status, fields: result }) => {
        this.open--;
        this.forget();
        callbacks.onResult(status, this.mapping.result.fromRos(result, status));
      })
      .catch((error: unknown) => this.guard.report(error, this.where));
    const cancel = () => {
      if (sent.cancel) return;
      sent.cancel = true;
      if (sent.native !== null) this.cancel(sent.native);
    };
    return { id, cancel };
  }

  close(): void {
    this.closed = true;
    this.client.destroy();
  }

  private async follow(
    goal: RosFields,
    callbacks: GoalCallbacks<F, R>,
    sent: { cancel: boolean; native: NativeClientGoal | null },
  ): Promise<{ status: GoalStatus; fields: RosFields }> {
    await waitForServer(() => this.available(), this.wait_ms, this.where);
    const feedback = this.guard.wrap(this.where, (fields: RosFields) =>
      callbacks.onFeedback?.(
        parseMessage(this.action.feedback, this.mapping.feedback.fromRos(fields), this.action.name),
      ),
    );
    let done = false;
    const gone = serverGone(
      () => this.available(),
      () => done,
      this.where,
    );
    gone.catch(() => {});
    const asked = this.client.sendGoal(goal, feedback);
    // A goal that was given up must not run on.
    asked.then((late) => (done && late.isAccepted() ? this.cancel(late) : undefined)).catch(() => {});
    try {
      const native = await Promise.race([asked, gone, unanswered(this.where)]);
      if (!native.isAccepted()) throw new InputError(this.where, 'rejected the goal: it could not read it');
      sent.native = native;
      if (sent.cancel) this.cancel(native);
      const answer = await Promise.race([native.getResult(), gone]);
      return { status: statusOf(native.status), fields: answer };
    } finally {
      done = true;
    }
  }

  private cancel(native: NativeClientGoal): void {
    this.guard.run(this.where, () => native.cancelGoal(), undefined);
  }

  private available(): boolean {
    return !this.closed && !this.node.ended && this.client.isActionServerAvailable();
  }

  private failure(error: unknown): RosFields {
    this.guard.report(error, this.where);
    const reason = error instanceof Error ? error.message : String(error);
    return failureFields(this.rcl, this.mapping.ros_type, reason);
  }

  /** The library keeps something of every goal; with none under way all of it can go. */
  private forget(): void {
    if (this.open > 0) return;
    this.client._feedbackCallbacks.clear();
    this.client._sequenceNumberGoalIdMap.clear();
  }

  private get where(): string {
    return `action ${this.action.name}`;
  }
}

/** Servers answer at once whether they take a goal; an answer that was lost, as while a server starts, never comes. */
async function unanswered(what: string): Promise<never> {
  await sleep(ANSWER_WAIT_MS, undefined, { ref: false });
  throw new InputError(
    what,
    `did not answer within ${ANSWER_WAIT_MS / 1000} s whether it takes the goal; send it again`,
  );
}

function statusOf(status: number): GoalStatus {
  if (status === GOAL_STATUS.succeeded) return 'succeeded';
  return status === GOAL_STATUS.canceled ? 'canceled' : 'aborted';
}
