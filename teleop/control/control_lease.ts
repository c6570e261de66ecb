import type { LeaseView } from '../protocol/index.ts';
import type { Epochs } from './epoch_file.ts';

/** One page of somebody who is logged in. A duplicated tab of the same session is another one. */
export interface Operator {
  readonly session: string;
  readonly tab: string;
  readonly user: string;
}

export function sameOperator(a: Operator | null, b: Operator | null): boolean {
  return a !== null && b !== null && a.session === b.session && a.tab === b.tab;
}

/** The right of one page to move one robot; not the supervisor's motion lease. */
export interface HeldLease {
  readonly id: string;
  readonly epoch: number;
  readonly operator: Operator;
  /** The robot. */
  readonly scope: string;
}

export type LeaseLoss = 'released' | 'handed_over' | 'not_refused' | 'silent' | 'session_ended' | 'taken_back';

export interface LeaseTimes {
  /** To refuse a request, ms. */
  readonly refusal_ms: number;
  /** Who was not heard for so long is gone, ms. */
  readonly silence_ms: number;
}
export const LEASE_TIMES: LeaseTimes = { refusal_ms: 5000, silence_ms: 2000 };

export interface ControlLeaseOptions {
  readonly scope: string;
  readonly epochs: Epochs;
  readonly times?: Partial<LeaseTimes>;
  /** The arm is to be held now. Called before anybody else can be granted it. */
  readonly onLost?: (lease: HeldLease, why: LeaseLoss) => void;
  readonly onGranted?: (lease: HeldLease) => void;
  /** Of a request that came to nothing. */
  readonly onRefused?: (operator: Operator, why: string) => void;
}

interface Waiting {
  readonly operator: Operator;
  readonly until_ms: number;
}

/**
 * Who is in control of one robot: nobody or one page. It goes to another only once the arm stands still, with an epoch that
 * rises with every grant and every start. Wishes answer with the empty string, or why not. Pure: times are the caller's,
 * ms of a clock that never goes back.
 */
export class ControlLease {
  private readonly options: ControlLeaseOptions;
  private readonly times: LeaseTimes;
  private held: HeldLease | null = null;
  private request_: Waiting | null = null;
  /** Gets the lease at standstill. */
  private heir: Operator | null = null;
  private epoch: number;
  private readonly heard_ms = new Map<string, number>();

  constructor(options: ControlLeaseOptions) {
    this.options = options;
    this.times = { ...LEASE_TIMES, ...options.times };
    this.epoch = options.epochs.next();
  }

  get lease(): HeldLease | null {
    return this.held;
  }

  /** Somebody waits for the arm to stand still. */
  get awaited(): boolean {
    return this.heir !== null;
  }

  /** Whether a command of this page under this epoch may go on. */
  permits(operator: Operator, epoch: number, now_ms: number): boolean {
    const { held } = this;
    return (
      held !== null &&
      sameOperator(held.operator, operator) &&
      held.epoch === epoch &&
      this.silence_ms(operator, now_ms) < this.times.silence_ms
    );
  }

  /** A page was heard from: what it asked for and holds is kept. */
  hear(operator: Operator, now_ms: number): void {
    if (sameOperator(operator, this.held?.operator ?? null) || this.waits(operator))
      this.heard_ms.set(operatorKey(operator), now_ms);
  }

  /** How long the page in control has been silent, ms; 0 for none. */
  holderSilence_ms(now_ms: number): number {
    return this.held === null ? 0 : this.silence_ms(this.held.operator, now_ms);
  }

  /** Takes what nobody has; it is granted once the arm stands still. */
  take(operator: Operator, now_ms: number): string {
    if (sameOperator(this.held?.operator ?? null, operator)) return 'you are in control already';
    if (this.held !== null) return `${this.held.operator.user} is in control; request it`;
    if (this.heir !== null && !sameOperator(this.heir, operator)) return `${this.heir.user} is about to be in control`;
    this.heir = operator;
    this.heard_ms.set(operatorKey(operator), now_ms);
    return '';
  }

  /** Asks whoever is in control; not refused in time, it is handed over. */
  request(operator: Operator, now_ms: number): string {
    if (this.held === null) return this.take(operator, now_ms);
    if (sameOperator(this.held.operator, operator)) return 'you are in control already';
    if (this.request_ !== null) {
      return sameOperator(this.request_.operator, operator)
        ? 'you have asked already'
        : `${this.request_.operator.user} has asked already`;
    }
    this.request_ = { operator, until_ms: now_ms + this.times.refusal_ms };
    this.heard_ms.set(operatorKey(operator), now_ms);
    return '';
  }

  /** Hands over to whoever asks. */
  grant(by: Operator): string {
    const refusal = this.refusalToAnswer(by);
    if (refusal === '') this.handOver('handed_over');
    return refusal;
  }

  refuse(by: Operator): string {
    const refusal = this.refusalToAnswer(by);
    if (refusal === '') this.dropRequest(`${by.user} keeps control`);
    return refusal;
  }

  /** Gives it up, or no longer waits for it. */
  release(by: Operator): string {
    if (sameOperator(this.held?.operator ?? null, by)) this.handOver('released');
    else if (sameOperator(this.request_?.operator ?? null, by)) this.dropRequest('withdrawn');
    else if (sameOperator(this.heir, by)) this.dropHeir('withdrawn');
    else return 'you are not in control';
    return '';
  }

  /** A session has ended: none of its pages holds or awaits the lease any more. */
  endSession(session: string): void {
    if (this.request_?.operator.session === session) this.dropRequest('the session has ended');
    if (this.heir?.session === session) this.dropHeir('the session has ended');
    if (this.held?.operator.session === session) this.handOver('session_ended');
  }

  /** Takes it from whoever has it, as when the server ends. */
  takeBack(): void {
    if (this.request_ !== null) this.dropRequest('control is taken back');
    if (this.heir !== null) this.dropHeir('control is taken back');
    if (this.held !== null) this.handOver('taken_back');
  }

  /**
   * To be called often. Whoever is silent for too long loses it, a request that nobody refused is followed, and at
   * standstill the one who waits is granted it. Standstill as it was before this call.
   */
  step(now_ms: number, standstill: boolean): void {
    const before = this.heir;
    const gone = (operator: Operator) => this.silence_ms(operator, now_ms) >= this.times.silence_ms;
    if (this.request_ !== null && gone(this.request_.operator)) this.dropRequest('not heard of any more');
    if (this.heir !== null && gone(this.heir)) this.dropHeir('not heard of any more');
    if (this.held !== null && gone(this.held.operator)) this.handOver('silent');
    if (this.request_ !== null && now_ms >= this.request_.until_ms) this.handOver('not_refused');
    if (standstill && this.heir !== null && this.heir === before) this.enter(this.heir);
  }

  snapshot(reader: Operator | null): LeaseView {
    const { held, request_ } = this;
    const { user, session } = request_?.operator ?? { user: '', session: '' };
    return {
      epoch: this.epoch,
      holder: held === null ? null : { ...held.operator },
      yours: sameOperator(held?.operator ?? null, reader),
      request: request_ === null ? null : { user, session, until_ms: request_.until_ms },
    };
  }

  private enter(operator: Operator): void {
    const { scope, epochs, onGranted } = this.options;
    let epoch: number;
    try {
      epoch = epochs.next();
    } catch (error) {
      this.dropHeir(error instanceof Error ? error.message : String(error));
      return;
    }
    this.epoch = epoch;
    this.heir = null;
    this.held = { id: `${scope}/${epoch}`, epoch, operator, scope };
    onGranted?.(this.held);
  }

  /** From the one who has it to the one who asks, if anybody does. */
  private handOver(why: LeaseLoss): void {
    const lease = this.held;
    if (lease === null) return;
    this.held = null;
    this.heir = this.request_?.operator ?? null;
    this.request_ = null;
    this.heard_ms.delete(operatorKey(lease.operator));
    this.options.onLost?.(lease, why);
  }

  private dropRequest(why: string): void {
    const operator = this.request_?.operator;
    this.request_ = null;
    if (operator !== undefined) this.drop(operator, why);
  }

  private dropHeir(why: string): void {
    const operator = this.heir;
    this.heir = null;
    if (operator !== null) this.drop(operator, why);
  }

  private drop(operator: Operator, why: string): void {
    this.heard_ms.delete(operatorKey(operator));
    this.options.onRefused?.(operator, why);
  }

  private refusalToAnswer(by: Operator): string {
    if (!sameOperator(this.held?.operator ?? null, by)) return 'you are not in control';
    return this.request_ === null ? 'nobody asks for control' : '';
  }

  private waits(operator: Operator): boolean {
    return sameOperator(this.request_?.operator ?? null, operator) || sameOperator(this.heir, operator);
  }

  private silence_ms(operator: Operator, now_ms: number): number {
    return now_ms - (this.heard_ms.get(operatorKey(operator)) ?? Number.NEGATIVE_INFINITY);
  }
}

/** Tells pages apart. */
export function operatorKey({ session, tab }: Operator): string {
  return `${session}\n${tab}`;
}
