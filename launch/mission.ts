import {
  ACTIONS,
  InputError,
  type Node,
  type NodeContext,
  type PickPlaceResult,
  type SafetyState,
  SERVICES,
  type SentGoal,
  type Subscription,
  secondsToStamp,
  type TaskGoal,
  TOPICS,
} from '../contracts/index.ts';

export interface MissionOptions {
  readonly name: string;
  readonly goal: TaskGoal;
  readonly repeat: number;
  /** Reset a stop that is there before the goal is sent: for simulated arms, where nobody can be hurt. */
  readonly reset: boolean;
  /** How long it waits until somebody serves /task and motion is allowed (s). */
  readonly wait_s: number;
  /** Told of every result, and at the end of all with `done`. */
  readonly report: (fields: object) => void;
}

const RETRY_S = 0.2;

/** Sends a task goal when it becomes active, and again when asked to, and logs how it goes. */
export class MissionNode implements Node {
  readonly name: string;
  private readonly options: MissionOptions;
  private context: NodeContext | null = null;
  private sent: SentGoal | null = null;
  private safety: SafetyState | null = null;
  private subscription: Subscription | null = null;
  private cancelTimer = (): void => {};
  private left = 0;
  private give_up_ns = 0n;
  private successes = 0;

  constructor(options: MissionOptions) {
    this.options = options;
    this.name = options.name;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    const { bus } = this.required();
    this.subscription = bus.subscribe(TOPICS.safety_state, this.name, (state) => {
      this.safety = state;
    });
    this.left = this.options.repeat;
    this.successes = 0;
    this.begin();
  }

  deactivate(): void {
    this.cancelTimer();
    this.left = 0;
    this.sent?.cancel();
    this.sent = null;
    this.subscription?.unsubscribe();
    this.subscription = null;
    this.safety = null;
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  private begin(): void {
    const { clock } = this.required();
    this.give_up_ns = clock.now_ns() + secondsToStamp(this.options.wait_s);
    this.send();
  }

  private send(): void {
    const { bus, log } = this.required();
    if (this.options.reset && this.safety === null) {
      this.retry('no /safety/state comes');
      return;
    }
    if (this.options.reset && this.safety?.mode === 'protective_stop') {
      this.reset(this.safety.reasons.join('; '));
      return;
    }
    try {
      this.sent = bus.sendGoal(ACTIONS.task, this.options.goal, {
        onFeedback: ({ stage, attempt, reason }) =>
          log.info({ stage, attempt, ...(reason === '' ? {} : { reason }) }, 'stage'),
        onResult: (_status, result) => this.end(result),
      });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.retry(error.message);
    }
  }

  private reset(why: string): void {
    const { bus, log } = this.required();
    this.safety = null;
    bus.call(SERVICES.safety_reset, {}).then(
      ({ success, message }) => {
        if (success) log.info({ stop: why }, 'reset the stop');
        this.retry(`stopped: ${why}${success ? '' : `; reset refused: ${message}`}`);
      },
      (error: unknown) => this.retry(error instanceof Error ? error.message : String(error)),
    );
  }

  /** Nobody takes goals yet: asks again until it has waited long enough. */
  private retry(reason: string): void {
    if (this.left === 0) return;
    const { clock } = this.required();
    if (clock.now_ns() >= this.give_up_ns) {
      this.end({ ok: false, stage: 'plan', reason, attempts: 0 });
      return;
    }
    this.cancelTimer = clock.schedule(clock.now_ns() + secondsToStamp(RETRY_S), () => this.send());
  }

  private end(result: PickPlaceResult): void {
    if (this.left === 0) return;
    const { log } = this.required();
    this.sent = null;
    const { ok, stage, reason, attempts } = result;
    if (!ok && attempts === 0 && this.required().clock.now_ns() < this.give_up_ns) {
      this.retry(reason);
      return;
    }
    this.left--;
    if (ok) this.successes++;
    if (ok) log.info({ attempts }, 'goal reached');
    else log.warn({ stage, reason, attempts }, 'goal not reached');
    this.options.report({ ok, stage, reason, attempts });
    if (this.left > 0) this.begin();
    else this.options.report({ done: true, goals: this.options.repeat, successes: this.successes });
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('the mission node is not configured');
    return this.context;
  }
}
