import {
  type Detections,
  InputError,
  type NodeContext,
  type SentGoal,
  StageError,
  type Subscription,
  secondsToStamp,
  stampToSeconds,
  TOPICS,
} from '../contracts/index.ts';
import type { ArmWatch } from './arm_watch.ts';
import type { Planned } from './motion_planner.ts';
import type { Steps, TaskEvent, TaskRequest } from './requests.ts';
import { type ActionRequest, type Ended, sendRequest } from './send_request.ts';

/** What the steps of a run are answered from. */
export interface RunInputs {
  readonly context: NodeContext;
  /** Of the node, as a subscriber. */
  readonly name: string;
  readonly watch: ArmWatch;
  /** A run that waits this long for a picture is given up (s). */
  readonly input_timeout_s: number;
}

/**
 * Carries out a row of steps that asks for pictures, joint states and motions, on a bus: to its end, or until it is given
 * up, which lets the arm come to rest first. Pictures are subscribed to only while it runs.
 */
export class StepsRun<T> {
  private readonly inputs: RunInputs;
  private readonly steps: Steps<T>;
  private readonly onEnd: (ended: Planned<T>) => void;
  private readonly start_s: number;
  private sight: Subscription | null = null;
  /** Only pictures taken after this are looked at; null while none is waited for. */
  private since_ns: bigint | null = null;
  private stopTimer: () => void = () => {};
  private sent: SentGoal | null = null;
  private moving = false;
  private given_up = '';
  private over = false;

  /** @param onEnd  called once: with what the steps return, or with why they came to nothing */
  constructor(inputs: RunInputs, steps: Steps<T>, onEnd: (ended: Planned<T>) => void) {
    this.inputs = inputs;
    this.steps = steps;
    this.onEnd = onEnd;
    this.start_s = stampToSeconds(inputs.context.clock.now_ns());
  }

  begin(): void {
    this.advance(null);
  }

  giveUp(reason: string): void {
    if (this.over || this.given_up !== '') return;
    this.given_up = reason;
    if (this.moving && this.sent !== null) this.sent.cancel();
    else this.end({ ok: false, reason });
  }

  private advance(event: TaskEvent | null): void {
    try {
      for (let answer = event, first = true; first || answer !== null; first = false) {
        const next = answer === null ? this.steps.next() : this.steps.next(answer);
        if (next.done) {
          this.end({ ok: true, value: next.value });
          return;
        }
        answer = this.request(next.value);
      }
    } catch (error) {
      this.end({ ok: false, reason: error instanceof Error ? error.message : String(error) });
      if (!(error instanceof StageError || error instanceof InputError)) throw error;
    }
  }

  /** The answer, or null where it comes later. */
  private request(request: TaskRequest): TaskEvent | null {
    switch (request.kind) {
      case 'stage':
        return { kind: 'noted', time_s: this.time_s() };
      case 'state': {
        const state = this.inputs.watch.state(this.time_s());
        if (state === null) throw new StageError('invalid', this.inputs.watch.unready());
        return state;
      }
      case 'detect':
        this.look();
        return null;
      case 'ask':
        throw new StageError('perceive', 'a person would have to be asked first');
      default:
        this.send(request);
        return null;
    }
  }

  private look(): void {
    const { context, name, input_timeout_s } = this.inputs;
    const { bus, clock } = context;
    this.since_ns = clock.now_ns();
    this.stopTimer = clock.schedule(this.since_ns + secondsToStamp(input_timeout_s), () =>
      this.end({
        ok: false,
        reason: `for ${input_timeout_s} s no detections arrive; is the perception node active?`,
      }),
    );
    this.sight ??= bus.subscribe(TOPICS.detections, name, (message) => this.see(message));
  }

  private see(detections: Detections): void {
    if (this.since_ns === null || detections.stamp_ns < this.since_ns) return;
    this.since_ns = null;
    this.stopTimer();
    this.advance({ kind: 'detections', time_s: this.time_s(), detections });
  }

  private send(request: ActionRequest): void {
    const { context, watch } = this.inputs;
    this.moving = true;
    this.sent = null;
    const blame = (ok: boolean, reason: string) => {
      const stopped = ok ? '' : watch.stopped();
      return { stopped_by_safety: stopped !== '', reason: [reason, stopped].filter((text) => text !== '').join('; ') };
    };
    const sent = sendRequest(
      context.bus,
      request,
      () => this.time_s(),
      blame,
      (ended) => this.settle(ended),
    );
    if (this.moving) this.sent = sent;
  }

  private settle(ended: Ended): void {
    this.moving = false;
    this.sent = null;
    if (this.over) return;
    if (this.given_up !== '') this.end({ ok: false, reason: this.given_up });
    else if (ended.ok) this.advance(ended.event);
    else this.end(ended);
  }

  private end(ended: Planned<T>): void {
    if (this.over) return;
    this.over = true;
    this.since_ns = null;
    this.stopTimer();
    this.sight?.unsubscribe();
    this.sight = null;
    this.onEnd(ended);
  }

  private time_s(): number {
    return stampToSeconds(this.inputs.context.clock.now_ns()) - this.start_s;
  }
}
