import type { Command, JogFrame, Release } from '../../protocol/commands.ts';
import { type HeldBy, HeldControl, type Push } from './held_control.ts';
import type { JogRefusal } from './jog_refusal.ts';

/** Held controls are told 30 times a second; frames come at 60 or more, so that every second one is sent. */
const LEAST_MS = 30;

export type JogSetting =
  | { readonly kind: 'tool'; readonly frame: JogFrame }
  | { readonly kind: 'joints'; readonly count: number };

/** What the page has drawn when a held control is read. */
export interface Drawn {
  readonly tick: number;
  readonly epoch: number;
}

export interface JoggerOptions {
  readonly send: (command: Extract<Command, { type: 'jog' | 'jog_joints' | 'release' }>) => void;
  /** First sequence number; has to be above all that this tab has used. */
  readonly sequence: number;
  /** Told when held controls are dropped, with why. */
  readonly onDrop: (cause: Release, why: string) => void;
}

/**
 * Turns held controls into messages. `turn` is called from the turn of the main thread that reads the controls and draws;
 * without it nothing is sent. Any way of letting go is told at once, and only a new press goes on.
 */
export class Jogger {
  readonly held = new HeldControl();
  private readonly options: JoggerOptions;
  private readonly axes = new Float64Array(16);
  private sequence: number;
  private sent_ms = Number.NEGATIVE_INFINITY;
  private epoch = 0;

  constructor(options: JoggerOptions) {
    this.options = options;
    this.sequence = options.sequence;
  }

  get active(): boolean {
    return this.held.by !== null;
  }

  /** @param refusal  why nothing may be held now */
  press(by: HeldBy, control: string, push: Push, refusal: JogRefusal | null): boolean {
    const counts = this.held.press(by, control, push);
    if (!counts || refusal === null) return counts;
    this.release(refusal.cause, refusal.why);
    return false;
  }

  lift(control: string): void {
    if (this.held.lift(control)) this.tellRelease('released');
  }

  /** Lets go of all that is held, for this cause. */
  release(cause: Release, why = ''): void {
    if (!this.held.drop()) return;
    this.tellRelease(cause);
    this.options.onDrop(cause, why);
  }

  /** @param share  of what is held, 0..1: a step slows down towards its end */
  turn(now_ms: number, drawn: Drawn, setting: JogSetting, refusal: JogRefusal | null, share = 1): void {
    if (!this.active) return;
    const changedHands = this.epoch !== drawn.epoch && this.sent_ms !== Number.NEGATIVE_INFINITY;
    if (refusal !== null) this.release(refusal.cause, refusal.why);
    else if (changedHands) this.release('lease_lost', 'control has changed hands');
    else if (now_ms - this.sent_ms >= LEAST_MS) this.tellMotion(now_ms, drawn, setting, share);
  }

  private tellMotion(now_ms: number, drawn: Drawn, setting: JogSetting, share: number): void {
    this.sent_ms = now_ms;
    this.epoch = drawn.epoch;
    const axes = this.axes.subarray(0, setting.kind === 'tool' ? 6 : setting.count);
    this.held.sum(axes);
    const v = Array.from(axes, (x) => x * share);
    const head = { epoch: drawn.epoch, tick: drawn.tick, sequence: this.sequence++ };
    if (setting.kind === 'joints') this.options.send({ type: 'jog_joints', ...head, velocity: v });
    else {
      const [linear, angular] = [[v[0], v[1], v[2]] as const, [v[3], v[4], v[5]] as const];
      this.options.send({ type: 'jog', ...head, frame: setting.frame, linear, angular });
    }
  }

  private tellRelease(cause: Release): void {
    if (this.sent_ms === Number.NEGATIVE_INFINITY) return;
    this.sent_ms = Number.NEGATIVE_INFINITY;
    this.options.send({ type: 'release', epoch: this.epoch, sequence: this.sequence++, cause });
  }
}
