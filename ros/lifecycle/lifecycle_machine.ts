import {
  isRequest,
  isTransitional,
  LIFECYCLE_TRANSITIONS,
  type LifecycleRequest,
  type LifecycleState,
  type LifecycleTransition,
  type TransitionOutcome,
} from './states.ts';

/** The work of each transition; what throws or rejects has ended in `error`. */
export interface LifecycleCallbacks {
  configure(): Outcome;
  cleanup(): Outcome;
  activate(): Outcome;
  deactivate(): Outcome;
  shutdown(from: LifecycleState): Outcome;
  /** After an error within `during`: success leads to unconfigured, all else to finalized. */
  error(during: LifecycleState): Outcome;
}

type Outcome = TransitionOutcome | Promise<TransitionOutcome>;

export interface LifecycleObserver {
  /** After each arrow, with the state already at its goal. */
  onTransition(transition: LifecycleTransition): void;
  /** What a callback threw. */
  onError(error: unknown, during: LifecycleState): void;
}

/** `refused` is empty unless the state had no such transition, and says why. */
export interface ChangeResult {
  readonly success: boolean;
  readonly refused: string;
}

/**
 * State machine of a managed node. One transition at a time: requests made meanwhile are refused, never queued. No
 * callback's exception leaves it.
 */
export class LifecycleMachine {
  private readonly callbacks: LifecycleCallbacks;
  private readonly observer: LifecycleObserver;
  private current: LifecycleState = 'unconfigured';
  private running: Promise<unknown> = Promise.resolve();

  constructor(callbacks: LifecycleCallbacks, observer: LifecycleObserver) {
    this.callbacks = callbacks;
    this.observer = observer;
  }

  get state(): LifecycleState {
    return this.current;
  }

  /** What may be asked for now; nothing while a transition is under way. */
  available(): readonly LifecycleTransition[] {
    return LIFECYCLE_TRANSITIONS.filter(({ start, label }) => start === this.current && isRequest(label));
  }

  /** Starts the transition at once and resolves at its end. */
  change(request: LifecycleRequest): Promise<ChangeResult> {
    return this.start(
      this.available().find(({ label }) => label === request),
      request,
    );
  }

  /** A request by number or name as lifecycle_msgs/ChangeState has it: a name wins over the number. */
  changeBy(id: number, label: string): Promise<ChangeResult> {
    const found = this.available().find((transition) =>
      label === '' ? transition.id === id : transition.label === label,
    );
    return this.start(found, label === '' ? `transition ${id}` : label);
  }

  /** Waits for the transition under way, then shuts down from whatever state that led to. */
  async shutDown(): Promise<void> {
    while (isTransitional(this.current)) await this.running;
    if (this.current !== 'finalized') await this.change('shutdown');
  }

  private start(transition: LifecycleTransition | undefined, what: string): Promise<ChangeResult> {
    if (transition === undefined || !isRequest(transition.label)) {
      return Promise.resolve({ success: false, refused: this.refusal(what) });
    }
    const result = this.run(transition, transition.label);
    this.running = result;
    return result;
  }

  private refusal(what: string): string {
    if (isTransitional(this.current)) return `${what}: the node is ${this.current}; ask again when it has ended`;
    const allowed = this.available().map(({ label, id }) => `${label} (${id})`);
    return `${what}: not from ${this.current}, which allows ${allowed.join(', ') || 'nothing'}`;
  }

  private async run(transition: LifecycleTransition, request: LifecycleRequest): Promise<ChangeResult> {
    this.move(transition);
    const { callbacks } = this;
    const work = request === 'shutdown' ? () => callbacks.shutdown(transition.start) : () => callbacks[request]();
    const outcome = await this.attempt(work);
    const during = this.current;
    this.end(outcome);
    if (outcome === 'error') this.end(await this.attempt(() => callbacks.error(during)));
    return { success: outcome === 'success', refused: '' };
  }

  private async attempt(work: () => Outcome): Promise<TransitionOutcome> {
    try {
      return await work();
    } catch (error) {
      this.guarded(() => this.observer.onError(error, this.current));
      return 'error';
    }
  }

  private end(outcome: TransitionOutcome): void {
    const label = `transition_${outcome}`;
    const arrow = LIFECYCLE_TRANSITIONS.find((each) => each.start === this.current && each.label === label);
    if (arrow !== undefined) this.move(arrow);
  }

  private move(transition: LifecycleTransition): void {
    this.current = transition.goal;
    this.guarded(() => this.observer.onTransition(transition));
  }

  /** An observer that throws must not leave the machine between two states. */
  private guarded(observe: () => void): void {
    try {
      observe();
    } catch {}
  }
}
