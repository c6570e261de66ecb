import type { SafetyState } from '../../contracts/index.ts';
import { isOperating } from '../../safety/index.ts';
import { TokenBucket } from '../access/token_bucket.ts';
import type { CommandOf } from '../protocol/index.ts';
import type { ControlLease, Operator } from './control_lease.ts';
import type { TickRing } from './tick_ring.ts';

/** Why a command does not go on. */
export const DROPS = [
  'not_in_control',
  'replayed',
  'too_fast',
  'tick_unknown',
  'tick_old',
  'robot_silent',
  'stopped',
  'picture_old',
] as const;
export type Drop = (typeof DROPS)[number];

/** What each says to a person. */
export const DROP_WORDS: Readonly<Record<Drop, string>> = {
  not_in_control: 'this page is not in control of the robot, or was given control anew since',
  replayed: 'it is not newer than what came before',
  too_fast: 'more commands than a person can give',
  tick_unknown: 'it names a state that was not sent',
  tick_old: 'the page shows an old state; wait until it is up to date',
  robot_silent: 'the robot cannot be heard',
  stopped: 'the robot is stopped; reset it first',
  picture_old: 'the picture is old; wait until it is up to date',
};

/** Oldest tick and picture that may be acted on, ms. */
export const TICK_MS = 150;
export const PICTURE_MS = 300;
/** Nobody holds or presses more often. */
const HELD_LIMITS = { burst: 20, per_s: 90 };
const PRESSED_LIMITS = { burst: 10, per_s: 5 };

/** What the server knows when a command comes. */
export interface GuardView {
  readonly now_ms: number;
  /** Null while the robot cannot be heard. */
  readonly safety: Pick<SafetyState, 'mode' | 'latched' | 'reasons'> | null;
  /** Age of the pictures that are jogged by; null for none. */
  readonly picture_ms: number | null;
}

/** A control that is held, which comes again and again. */
export type Held = CommandOf<'jog'> | CommandOf<'jog_joints'>;
export type Pressed = Pick<CommandOf<'pause'>, 'id' | 'epoch' | 'tick'>;

/**
 * Which commands of pages may move the arm. What comes late, twice, out of order, from before a reconnection or from a page
 * that does not see what it does is dropped, and counted by its reason.
 */
export class CommandGuard {
  /** Since the start. */
  readonly dropped: Record<Drop, number> = noDrops();
  private readonly lease: ControlLease;
  private readonly ticks: TickRing;
  private readonly held = new TokenBucket(HELD_LIMITS, 0);
  private readonly pressed = new TokenBucket(PRESSED_LIMITS, 0);
  /** Newest numbers under this epoch. */
  private epoch = -1;
  private sequence = -1;
  private id = -1;

  constructor(lease: ControlLease, ticks: TickRing) {
    this.lease = lease;
    this.ticks = ticks;
  }

  /** A control that is held down. */
  checkHeld(command: Held, from: Operator, view: GuardView): Drop | null {
    return this.count(
      this.holder(command.epoch, from, view) ??
        this.newer('sequence', command.sequence) ??
        (this.held.take(view.now_ms) ? null : 'too_fast') ??
        this.seen(command.tick, view) ??
        jogDrop(view),
    );
  }

  /** The end of it: old or not, it is good while it is newer than what came before. */
  checkRelease(command: CommandOf<'release'>, from: Operator, view: GuardView): Drop | null {
    return this.count(this.holder(command.epoch, from, view) ?? this.newer('sequence', command.sequence));
  }

  /** What brings the arm to rest is good however old the page is. */
  checkHalting(command: Pressed, from: Operator, view: GuardView): Drop | null {
    return this.count(this.holder(command.epoch, from, view) ?? this.newer('id', command.id));
  }

  /** One deliberate press. Whether the robot may start what is asked for, its motions say. */
  checkPressed(command: Pressed, from: Operator, view: GuardView): Drop | null {
    return this.count(
      this.holder(command.epoch, from, view) ??
        this.newer('id', command.id) ??
        (this.pressed.take(view.now_ms) ? null : 'too_fast') ??
        this.seen(command.tick, view),
    );
  }

  private holder(epoch: number, from: Operator, { now_ms }: GuardView): Drop | null {
    if (!this.lease.permits(from, epoch, now_ms)) return 'not_in_control';
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.sequence = -1;
      this.id = -1;
    }
    return null;
  }

  private newer(counter: 'sequence' | 'id', value: number): Drop | null {
    if (value <= this[counter]) return 'replayed';
    this[counter] = value;
    return null;
  }

  private seen(tick: number, { now_ms, safety }: GuardView): Drop | null {
    const age_ms = this.ticks.age_ms(tick, now_ms);
    if (age_ms === null) return 'tick_unknown';
    if (age_ms > TICK_MS) return 'tick_old';
    return safety === null ? 'robot_silent' : null;
  }

  private count(drop: Drop | null): Drop | null {
    if (drop !== null) this.dropped[drop]++;
    return drop;
  }
}

export function noDrops(): Record<Drop, number> {
  return {
    not_in_control: 0,
    replayed: 0,
    too_fast: 0,
    tick_unknown: 0,
    tick_old: 0,
    robot_silent: 0,
    stopped: 0,
    picture_old: 0,
  };
}

/** Jogging needs a robot that moves, or would once a control is held, and a picture of now. */
function jogDrop({ safety, picture_ms }: GuardView): Drop | null {
  if (safety === null) return 'robot_silent';
  if (!mayMove(safety)) return 'stopped';
  return picture_ms === null || picture_ms > PICTURE_MS ? 'picture_old' : null;
}

/** Whether nothing stops the arm that a reset would have to end. What only waits for an enabled control does not. */
export function mayMove({ mode, latched, reasons }: Pick<SafetyState, 'mode' | 'latched' | 'reasons'>): boolean {
  if (isOperating(mode)) return !latched;
  return mode === 'protective_stop' && !latched && reasons.every((reason) => reason === 'not_enabled');
}
