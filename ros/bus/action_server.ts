import { type Action, type GoalHandle, parseMessage } from '../../contracts/index.ts';
import type { ActionMapping, RosFields } from '../mapping.ts';
import { failureFields } from './failure.ts';
import type { Guard } from './guard.ts';
import { rosName } from './names.ts';
import type { NativeActionServer, NativeServerGoal, Rclnodejs } from './native.ts';
import type { RosNode } from './ros_node.ts';

/** How long a result is kept for clients that ask late, s: as rcl's own default. */
const RESULT_TIMEOUT_S = 10;

type Handler<G, F, R> = (goal: G, handle: GoalHandle<F, R>) => void;

/**
 * Serves an action. A goal that cannot be read is rejected (ROS has no words for why: it is reported); every other one is
 * accepted, executed and ended with a result, also when the handler throws. Returns what ends the server; goals under way
 * are aborted then.
 */
export function serveRosAction<G, F, R>(
  { rcl, native: node, guard }: RosNode,
  action: Action<G, F, R>,
  mapping: ActionMapping<G, F, R>,
  handler: Handler<G, F, R>,
  now_ns: () => bigint,
): () => void {
  const where = `action ${action.name}`;
  const goals = new Map<NativeServerGoal, RosGoal<F, R>>();
  let parsed: { readonly goal: G } | null = null;
  let ids = 0;
  const read = (fields: RosFields): number => {
    parsed = { goal: parseMessage(action.goal, mapping.goal.fromRos(fields), action.name) };
    return rcl.GoalResponse.ACCEPT;
  };
  const accept = (native: NativeServerGoal): void => {
    if (parsed === null) return;
    const { goal } = parsed;
    parsed = null;
    const handle = new RosGoal(rcl, ++ids, native, mapping, now_ns, guard, where);
    goals.set(native, handle);
    handle.ended.then(() => goals.delete(native));
    native.execute(() => handle.ended);
    const failed = (error: unknown) => {
      guard.report(error, where);
      handle.fail(error instanceof Error ? error.message : String(error));
    };
    try {
      const working: unknown = handler(goal, handle);
      if (working instanceof Promise) working.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
  const cancel = (native: NativeServerGoal): number => {
    const handle = goals.get(native);
    if (handle === undefined) return rcl.CancelResponse.REJECT;
    // The goal is `canceling` only once this has returned.
    setImmediate(() => handle.cancel());
    return rcl.CancelResponse.ACCEPT;
  };
  const server = new rcl.ActionServer(
    node,
    mapping.ros_type,
    rosName(action.name),
    async () => ({}),
    (fields) => guard.run(where, () => read(fields), rcl.GoalResponse.REJECT),
    guard.wrap(where, accept),
    (native) => guard.run(where, () => cancel(native), rcl.CancelResponse.REJECT),
    { resultTimeout: RESULT_TIMEOUT_S },
  );
  guardPromises(server, guard, where);
  let open = true;
  return () => {
    if (!open) return;
    open = false;
    for (const handle of goals.values()) handle.fail('the node that served it has ended');
    // Their results go out in promises.
    setImmediate(() => guard.run(where, () => server.destroy(), undefined));
  };
}

/** The library answers in promises of its own, at which nobody looks: one that rejected would end the process. */
function guardPromises(server: NativeActionServer, guard: Guard, where: string): void {
  const sendResult = server._sendResultResponse.bind(server);
  server._sendResultResponse = guard.wrap(where, sendResult);
  server.notifyExecute = (goal, callback) =>
    void guard.run(where, () => server._executeGoal(callback, goal), undefined);
  server.processCancelRequest = (header, request) =>
    void guard.run(where, () => server._executeCancelRequest(header, request), undefined);
}

type GoalForms<F, R> = Pick<ActionMapping<never, F, R>, 'ros_type' | 'feedback' | 'result'>;

class RosGoal<F, R> implements GoalHandle<F, R> {
  readonly id: number;
  /** Fields of the result, once there is one. */
  readonly ended: Promise<RosFields>;
  private readonly rcl: Rclnodejs;
  private readonly native: NativeServerGoal;
  private readonly mapping: GoalForms<F, R>;
  private readonly now_ns: () => bigint;
  private readonly guard: Guard;
  private readonly where: string;
  private readonly cancelCallbacks: (() => void)[] = [];
  private cancelled = false;
  private done = false;
  private end: (result: RosFields) => void = () => {};

  constructor(
    rcl: Rclnodejs,
    id: number,
    native: NativeServerGoal,
    mapping: GoalForms<F, R>,
    now_ns: () => bigint,
    guard: Guard,
    where: string,
  ) {
    this.id = id;
    this.rcl = rcl;
    this.native = native;
    this.mapping = mapping;
    this.now_ns = now_ns;
    this.guard = guard;
    this.where = where;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  feedback(feedback: F): void {
    // The library sends none while a goal is being cancelled.
    if (this.done || this.cancelled) return;
    const fields = { ...this.mapping.feedback.toRos(feedback, this.now_ns()) };
    this.guard.run(this.where, () => this.native.publishFeedback(fields), undefined);
  }

  succeed(result: R): void {
    this.finish(this.mapping.result.toRos(result, 'succeeded'), () => this.native.succeed());
  }

  abort(result: R): void {
    this.finish(this.mapping.result.toRos(result, this.cancelled ? 'canceled' : 'aborted'), () => this.stop());
  }

  /** Ends the goal without a result of its server's. */
  fail(reason: string): void {
    if (!this.done) this.finish(failureFields(this.rcl, this.mapping.ros_type, reason), () => this.stop());
  }

  onCancel(callback: () => void): void {
    this.cancelCallbacks.push(callback);
  }

  cancel(): void {
    if (this.done || this.cancelled) return;
    this.cancelled = true;
    for (const callback of this.cancelCallbacks) this.guard.run(this.where, callback, undefined);
  }

  private stop(): void {
    if (this.cancelled) this.native.canceled();
    else this.native.abort();
  }

  private finish(result: object, update: () => void): void {
    if (this.done) throw new Error(`goal ${this.id} was finished twice`);
    this.done = true;
    this.guard.run(this.where, update, undefined);
    this.end({ ...result });
  }
}
