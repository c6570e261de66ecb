import type { OperatorJog, Vector3 } from '../../contracts/index.ts';
import type { JogFrame, Release } from '../protocol/index.ts';
import type { Held } from './command_guard.ts';
import type { HeldLease } from './control_lease.ts';
import { type JogLimits, velocityOf } from './jog_limits.ts';

/**
 * `idle`: nothing is held; `arming`: held, and reduced mode is not confirmed yet; `holding`: the arm is moved; `releasing`:
 * let go, and the arm not at rest yet.
 */
export type HeldState = 'idle' | 'arming' | 'holding' | 'releasing';
/** Why the arm was let go, by the person or by the server. */
export type LetGo = Release | 'control_silent' | 'stopped' | 'mode_refused';

/** Without a word of it for so long a held control counts as let go; after the longer time it must be pressed anew, ms. */
export const CONTROL_SILENT_MS = 150;
export const PRESS_ANEW_MS = 500;
/** Reduced mode must be confirmed within this, ms. */
const ARMING_MS = 1000;

export interface HeldMotionOptions {
  readonly limits: JogLimits;
  readonly joint_names: readonly string[];
  /** Frame of each name on the bus; empty for the root link. */
  readonly frames: Readonly<Record<JogFrame, string>>;
  /** Robot time. */
  readonly robot_ns: () => bigint;
  /** Share of the speeds that is wanted now. */
  readonly speed: () => number;
  readonly send: (jog: OperatorJog) => void;
  /** Asks for reduced mode, enabled; `armed` tells that it is there. */
  readonly arm: () => void;
  /** The arm is at rest and nothing is held. */
  readonly disarm: () => void;
  /** The arm is to come to rest from here. */
  readonly onLetGo?: (why: LetGo, now_ms: number) => void;
}

const STILL: Vector3 = [0, 0, 0];
const NO_JOINTS = new Float64Array(0);

/**
 * A control that is held to move the arm. It moves only while accepted messages of it come, never by a timer; whatever else
 * happens lets it go. Pure: times are the caller's, ms.
 */
export class HeldMotion {
  state: HeldState = 'idle';
  /** Why the arm was last let go; empty before the first time. */
  cause: LetGo | '' = '';
  private readonly options: HeldMotionOptions;
  private lease: HeldLease | null = null;
  private sequence = 0;
  private last_ms = Number.NEGATIVE_INFINITY;
  private armed_for_ms = 0;
  private is_armed = false;
  private seen_ns = 0n;
  /** Whether the page holds it down as far as is known, and whether that press counts no more. */
  private is_down = false;
  private is_spent = false;

  constructor(options: HeldMotionOptions) {
    this.options = options;
  }

  /** A message of a held control that the guard has let through. False where the control must be pressed anew. */
  hold(command: Held, lease: HeldLease, seen_ns: bigint, now_ms: number): boolean {
    if (lease.epoch !== this.lease?.epoch) this.begin(lease);
    if (this.is_down && now_ms - this.last_ms > PRESS_ANEW_MS) this.is_spent = true;
    if (this.is_spent) return false;
    this.is_down = true;
    this.last_ms = now_ms;
    this.seen_ns = seen_ns;
    if (!this.is_armed) {
      if (this.state !== 'arming') this.askForMode(now_ms);
      return true;
    }
    this.state = 'holding';
    this.options.send(this.jogOf(command, lease));
    return true;
  }

  /** Reduced mode, enabled, is there. The arm moves with the next message. */
  armed(): void {
    if (this.state !== 'arming') return;
    this.is_armed = true;
    this.state = 'holding';
  }

  /** The person has let go; the next press counts. */
  release(why: Release, now_ms: number): void {
    this.is_down = false;
    this.is_spent = false;
    this.letGo(why, now_ms);
  }

  /** The page is there and holds nothing: the next press counts, though the word of its release was lost. */
  seenUp(): void {
    if (this.state === 'holding' || this.state === 'arming') return;
    this.is_down = false;
    this.is_spent = false;
  }

  /** Lets go whatever is held: it must be pressed anew. */
  halt(why: LetGo, now_ms: number): void {
    if (this.is_down) this.is_spent = true;
    this.letGo(why, now_ms);
  }

  /** Reduced mode is no longer enabled: whatever is held next asks for it anew. */
  disarmed(): void {
    this.is_armed = false;
    if (this.state === 'releasing') this.state = 'idle';
  }

  /** To be called often. @param standstill  whether the arm has come to rest since it was let go */
  step(now_ms: number, standstill: boolean): void {
    if (this.state === 'releasing' && standstill) {
      this.state = 'idle';
      this.is_armed = false;
      this.options.disarm();
    } else if (this.state === 'holding' || this.state === 'arming') {
      if (now_ms - this.last_ms > CONTROL_SILENT_MS) this.letGo('control_silent', now_ms);
      else if (this.state === 'arming' && now_ms - this.armed_for_ms > ARMING_MS) this.halt('mode_refused', now_ms);
    }
  }

  private begin(lease: HeldLease): void {
    this.lease = lease;
    this.sequence = 0;
    this.is_down = false;
    this.is_spent = false;
  }

  private askForMode(now_ms: number): void {
    this.state = 'arming';
    this.armed_for_ms = now_ms;
    this.options.arm();
  }

  private letGo(why: LetGo, now_ms: number): void {
    const { lease } = this;
    if (lease === null || this.state === 'idle' || this.state === 'releasing') return;
    this.state = 'releasing';
    this.cause = why;
    this.options.send({ ...this.message(lease), kind: 'release' });
    this.options.onLetGo?.(why, now_ms);
  }

  private jogOf(command: Held, lease: HeldLease): OperatorJog {
    const { limits, frames, joint_names } = this.options;
    const speed = this.options.speed();
    if (command.type === 'jog') {
      return {
        ...this.message(lease),
        kind: 'twist',
        frame_id: frames[command.frame],
        linear: velocityOf(command.linear, speed * limits.linear_m_s),
        angular: velocityOf(command.angular, speed * limits.angular_rad_s),
      };
    }
    const { velocity } = command;
    return {
      ...this.message(lease),
      kind: 'joints',
      joint_names,
      joint_velocity: Float64Array.from(joint_names, (_, i) => (velocity[i] ?? 0) * speed * limits.joint_rad_s[i]),
    };
  }

  private message(lease: HeldLease): OperatorJog {
    return {
      stamp_ns: this.options.robot_ns(),
      epoch: lease.epoch,
      session: lease.operator.session,
      sequence: ++this.sequence,
      seen_ns: this.seen_ns,
      kind: 'release',
      frame_id: '',
      linear: STILL,
      angular: STILL,
      joint_names: [],
      joint_velocity: NO_JOINTS,
    };
  }
}
