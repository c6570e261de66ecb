import { TOPICS } from '../../contracts/index.ts';
import type { CommandOf, Refused } from '../protocol/index.ts';
import type { ArmWatch } from './arm_watch.ts';
import { type CommandGuard, DROP_WORDS, type GuardView, type Held, mayMove } from './command_guard.ts';
import { type ControlLease, type Operator, operatorKey, sameOperator } from './control_lease.ts';
import type { ControlDeskOptions, DeskEvent } from './desk_types.ts';
import { HeldMotion, type LetGo } from './held_motion.ts';
import type { ModeSwitch } from './mode_switch.ts';
import type { Motions } from './motions.ts';

/** A page that shows a state older than this is not up to date, ms. */
const ALIVE_TICK_MS = 500;
/** A page that tells that it is there and sends nothing held in between holds nothing, ms. */
const QUIET_MS = 200;

export interface JogDeskParts {
  readonly options: ControlDeskOptions;
  readonly lease: ControlLease;
  readonly guard: CommandGuard;
  readonly mode: ModeSwitch;
  readonly watch: ArmWatch;
  readonly motions: () => Motions;
  readonly tell: (event: DeskEvent) => void;
}

/** Held controls of pages: what of them reaches the arm, and what is told of those that do not. */
export class JogDesk {
  readonly held: HeldMotion;
  private readonly parts: JogDeskParts;
  /** By page and reason, since they were last asked for. */
  private readonly drops = new Map<string, Record<string, number>>();
  /** Since when the page in control has told that it is there and has held nothing. */
  private quiet_since_ms: number | null = null;

  constructor(parts: JogDeskParts) {
    this.parts = parts;
    const { bus, limits, joint_names, frames, robot_ns } = parts.options;
    this.held = new HeldMotion({
      ...{ limits, joint_names, frames, robot_ns },
      speed: () => parts.motions().speed,
      send: (jog) => bus.publish(TOPICS.operator_jog, jog),
      arm: () => void this.arm(),
      disarm: () => void parts.mode.select('reduced', false),
      onLetGo: (why, now_ms) => {
        parts.watch.letGo(now_ms);
        parts.tell({ kind: 'let_go', why });
      },
    });
  }

  /** Whether a control is held, or the arm comes to rest after it. */
  get active(): boolean {
    return this.held.state !== 'idle';
  }

  take(from: Operator, asked: Held, view: GuardView): void {
    const { lease, guard, motions } = this.parts;
    const { now_ms } = view;
    if (this.isHolder(from)) this.quiet_since_ms = null;
    const drop = guard.checkHeld(asked, from, view);
    const held = lease.lease;
    if (drop !== null || held === null) {
      if (drop === 'picture_old') this.held.halt('picture_old', now_ms);
      if (drop === 'stopped' || drop === 'robot_silent') this.held.halt('stopped', now_ms);
      this.refuse(from, DROP_WORDS[drop ?? 'not_in_control']);
      return;
    }
    lease.hear(from, now_ms);
    const busy = motions().refusal('jog');
    if (busy !== '') this.refuse(from, busy);
    else this.hold(from, asked, held, now_ms);
  }

  release(from: Operator, asked: CommandOf<'release'>, view: GuardView): void {
    if (this.parts.guard.checkRelease(asked, from, view) !== null) return;
    this.parts.lease.hear(from, view.now_ms);
    this.held.release(asked.cause, view.now_ms);
  }

  /** A page that does not draw what it is sent is not there. */
  hearAlive(from: Operator, tick: number, now_ms: number): void {
    const age_ms = this.parts.options.ticks.age_ms(tick, now_ms);
    if (age_ms === null || age_ms > ALIVE_TICK_MS) return;
    this.parts.lease.hear(from, now_ms);
    if (!this.isHolder(from)) return;
    // messages of a socket keep their order: what was held would have come between the two
    this.quiet_since_ms ??= now_ms;
    if (now_ms - this.quiet_since_ms >= QUIET_MS) this.held.seenUp();
  }

  /** The socket of a page has closed. */
  closed(page: Operator, now_ms: number): void {
    this.drops.delete(operatorKey(page));
    if (this.isHolder(page)) this.halt('control_silent', now_ms);
  }

  /** Lets go of what is held, whoever holds it. */
  halt(why: LetGo, now_ms: number): void {
    this.quiet_since_ms = null;
    this.held.halt(why, now_ms);
  }

  step({ now_ms, safety }: GuardView): void {
    if (this.held.state === 'holding' && (safety === null || !mayMove(safety))) this.held.halt('stopped', now_ms);
    this.held.step(now_ms, !this.parts.watch.slows);
  }

  /** Held commands of a page that were dropped since this was last asked; null for none. */
  takeRefused(page: Operator): Refused | null {
    const key = operatorKey(page);
    const reasons = this.drops.get(key);
    this.drops.delete(key);
    return reasons === undefined ? null : { type: 'refused', reasons };
  }

  private hold(from: Operator, asked: Held, lease: NonNullable<ControlLease['lease']>, now_ms: number): void {
    const was = this.held.state;
    if (!this.held.hold(asked, lease, this.parts.options.ticks.seenIn_ns(asked.tick), now_ms)) {
      this.refuse(from, 'the arm was let go meanwhile; let go of the control and press it anew');
      return;
    }
    if (was === 'releasing') this.parts.watch.end();
    if (was === 'idle') this.parts.tell({ kind: 'started', what: asked.type, operator: from });
  }

  private async arm(): Promise<void> {
    const refusal = await this.parts.mode.select('reduced', true);
    if (refusal === '') this.held.armed();
    else this.held.halt('mode_refused', this.parts.options.now_ms());
  }

  private isHolder(page: Operator): boolean {
    return sameOperator(this.parts.lease.lease?.operator ?? null, page);
  }

  private refuse(from: Operator, why: string): void {
    const key = operatorKey(from);
    const reasons = this.drops.get(key) ?? {};
    reasons[why] = (reasons[why] ?? 0) + 1;
    this.drops.set(key, reasons);
  }
}
