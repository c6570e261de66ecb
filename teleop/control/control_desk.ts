import { type Bus, type PickPlaceGoal, type SafetyState, TOPICS, type Vector3 } from '../../contracts/index.ts';
import type {
  Command,
  CommandOf,
  JogFrame,
  LeaseView,
  LeaseWish,
  Refused,
  Reply,
  StateFrame,
} from '../protocol/index.ts';
import { CommandGuard, DROP_WORDS, type GuardView, type Held, mayMove } from './command_guard.ts';
import {
  ControlLease,
  type HeldLease,
  type LeaseLoss,
  type LeaseTimes,
  type Operator,
  operatorKey,
  sameOperator,
} from './control_lease.ts';
import type { Epochs } from './epoch_file.ts';
import { HeldMotion, type LetGo } from './held_motion.ts';
import { type ArmMotion, HoldWatch, REST_RAD_S } from './hold_watch.ts';
import type { JogLimits } from './jog_limits.ts';
import { LastingStop } from './lasting_stop.ts';
import { ModeSwitch } from './mode_switch.ts';
import { type EndedMotion, Motions, type MotionsOptions } from './motions.ts';
import { previewPick } from './preview.ts';
import { resetRobot } from './reset.ts';
import { SessionWatch } from './session_watch.ts';
import type { TickRing } from './tick_ring.ts';

/** The arm is at a standstill after resting for so long, ms. */
const STANDSTILL_MS = 200;
/** A joint this fast moves, though nothing was asked for, rad/s. */
const MOVES_RAD_S = 0.05;
/** A page that shows a state older than this is not up to date, ms. */
const ALIVE_TICK_MS = 500;
/** A page that tells that it is there and sends nothing held in between holds nothing, ms. */
const QUIET_MS = 200;
/** A path that is given up is left more slowly than the verified stop, ms. */
const PATH_MARGIN_MS = 2000;

/** What the desk sees of the robot. */
export interface RobotView {
  /** Newest, null while the robot cannot be heard. */
  safety(): SafetyState | null;
  /** The fastest of the arm's joints, and how old that is. */
  arm(): ArmMotion;
  /** Age of the oldest picture that people jog by, ms; null for none. */
  picture_ms(): number | null;
}

/** What happened at the desk, for records, alarms and counters. */
export type DeskEvent =
  | { readonly kind: 'granted'; readonly lease: HeldLease }
  | { readonly kind: 'lost'; readonly lease: HeldLease; readonly why: LeaseLoss }
  | { readonly kind: 'refused'; readonly operator: Operator; readonly why: string }
  | { readonly kind: 'let_go'; readonly why: LetGo }
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'started'; readonly what: Command['type']; readonly operator: Operator }
  | { readonly kind: 'taken_over'; readonly what: 'jog' | 'cancel' | 'pause'; readonly operator: Operator }
  | { readonly kind: 'stage'; readonly stage: string; readonly attempt: number; readonly reason: string }
  | { readonly kind: 'ended'; readonly motion: EndedMotion };

export interface ControlDeskOptions {
  readonly bus: Bus;
  readonly now_ms: () => number;
  /** Robot time. */
  readonly robot_ns: () => bigint;
  /** Name of the robot. */
  readonly scope: string;
  readonly epochs: Epochs;
  readonly times?: Partial<LeaseTimes>;
  readonly ticks: TickRing;
  readonly limits: JogLimits;
  /** Of the arm, in order. */
  readonly joint_names: readonly string[];
  /** Frames of the bus; empty for the root link. */
  readonly frames: Readonly<Record<JogFrame, string>>;
  readonly robot: RobotView;
  /** Where the centre of a place is; null for none of that name. */
  readonly targetOf: (place: string) => Vector3 | null;
  /** See `MotionsOptions`. */
  readonly next: MotionsOptions['next'];
  /** Open alarms that a reset should name, by their text. */
  readonly alarms?: () => readonly string[];
  readonly onEvent?: (event: DeskEvent) => void;
}

/** Commands that others than the desk take. */
type ElsewhereType = 'ping' | 'acknowledge' | 'answer' | 'mark' | 'incident';
export type DeskCommand = Exclude<Command, { type: ElsewhereType }>;
type PressedCommand = Extract<DeskCommand, { id: number; epoch: number }>;

/** Takes what pages ask of the robot: who may, what may, and what then becomes of it. To be stepped at 50 Hz or faster. */
export class ControlDesk {
  readonly lease: ControlLease;
  readonly guard: CommandGuard;
  readonly held: HeldMotion;
  readonly motions: Motions;
  readonly stop: LastingStop;
  private readonly options: ControlDeskOptions;
  private readonly mode: ModeSwitch;
  private readonly session: SessionWatch;
  private readonly watch = new HoldWatch();
  /** Of held commands, by page and reason, since they were last asked for. */
  private readonly drops = new Map<string, Record<string, number>>();
  private rests_since_ms: number | null = null;
  /** Since when the page in control has told that it is there and has held nothing. */
  private quiet_since_ms: number | null = null;
  private is_disarmed = false;

  constructor(options: ControlDeskOptions) {
    this.options = options;
    const { bus, now_ms, ticks, next, scope, epochs, robot, times = {} } = options;
    this.mode = new ModeSwitch(bus);
    this.stop = new LastingStop(bus);
    this.session = new SessionWatch({
      moves: () => this.moves,
      stop: (why) => this.protect(why),
      hold: (why) => this.holdAll(why),
    });
    this.lease = new ControlLease({
      ...{ scope, epochs, times },
      onGranted: (lease) => {
        this.quiet_since_ms = null;
        this.tell({ kind: 'granted', lease });
      },
      onLost: (lease, why) => {
        this.session.lost(lease, why);
        this.tell({ kind: 'lost', lease, why });
      },
      onRefused: (operator, why) => this.tell({ kind: 'refused', operator, why }),
    });
    this.guard = new CommandGuard(this.lease, ticks);
    this.motions = new Motions({
      ...{ bus, mode: this.mode, now_ms, next },
      isJogged: () => this.held.state !== 'idle',
      movesBesides: () => robot.arm().speed_rad_s > MOVES_RAD_S,
      stop: (why) => this.protect(why),
      onEnd: (motion) => this.tell({ kind: 'ended', motion }),
      onStage: (stage, attempt, reason) => this.tell({ kind: 'stage', stage, attempt, reason }),
    });
    this.held = this.heldMotion();
  }

  /** Takes a command; null for one without an answer. */
  async take(from: Operator, asked: DeskCommand): Promise<Reply | null> {
    switch (asked.type) {
      case 'jog':
      case 'jog_joints':
        this.jog(from, asked);
        return null;
      case 'release':
        this.release(from, asked);
        return null;
      case 'alive':
        this.hearAlive(from, asked.tick);
        return null;
      case 'lease':
        return reply(asked.id, this.wish(from, asked.want));
      case 'preview':
        return this.preview(asked);
      case 'reset':
        return this.reset(from, asked.id);
      default:
        return reply(asked.id, await this.pressed(from, asked));
    }
  }

  /** A session has ended: none of its pages is in control any more. */
  endSession(session: string): void {
    this.lease.endSession(session);
  }

  /** The socket of a page has closed: what it holds down is let go at once; the lease waits for its silence. */
  closed(page: Operator): void {
    this.drops.delete(operatorKey(page));
    if (!this.isHolder(page)) return;
    this.quiet_since_ms = null;
    this.held.halt('control_silent', this.now);
  }

  /** Before the server ends. */
  end(): void {
    this.lease.takeBack();
  }

  step(): void {
    const { now, options } = this;
    const [safety, arm] = [options.robot.safety(), options.robot.arm()];
    const rests = arm.speed_rad_s < REST_RAD_S && safety !== null;
    this.rests_since_ms = rests ? (this.rests_since_ms ?? now) : null;
    this.disarmOnce(safety);
    if (this.held.state === 'holding' && (safety === null || !mayMove(safety))) this.held.halt('stopped', now);
    this.held.step(now, this.watch.state !== 'slowing');
    this.motions.step(now);
    if (this.watch.step(now, arm) === 'failed') {
      this.watch.end();
      this.protect(`a hold has failed: ${this.watch.reason}`);
    }
    this.lease.step(now, this.standstill);
    this.stop.step(now, safety);
  }

  /** Held commands of a page that were dropped since this was last asked; null for none. */
  takeRefused(page: Operator): Refused | null {
    const key = operatorKey(page);
    const reasons = this.drops.get(key);
    this.drops.delete(key);
    return reasons === undefined ? null : { type: 'refused', reasons };
  }

  /** Whether the arm rests and nothing of the desk's is about to move it. */
  get standstill(): boolean {
    const { rests_since_ms } = this;
    const rests = rests_since_ms !== null && this.now - rests_since_ms >= STANDSTILL_MS;
    return rests && this.held.state === 'idle' && !this.motions.busy;
  }

  snapshot(reader: Operator | null): { task: StateFrame['task']; speed: number; lease: LeaseView } {
    return { task: this.motions.snapshot(), speed: this.motions.speed, lease: this.lease.snapshot(reader) };
  }

  private get now(): number {
    return this.options.now_ms();
  }

  private get moves(): boolean {
    return this.options.robot.arm().speed_rad_s > REST_RAD_S || this.held.state !== 'idle' || this.motions.busy;
  }

  private heldMotion(): HeldMotion {
    const { bus, limits, joint_names, frames, robot_ns, robot } = this.options;
    return new HeldMotion({
      ...{ limits, joint_names, frames, robot_ns },
      speed: () => this.motions.speed,
      send: (jog) => bus.publish(TOPICS.operator_jog, jog),
      arm: () => {
        void this.mode.select('reduced', true).then((refusal) => {
          if (refusal === '') this.held.armed();
          else this.held.halt('mode_refused', this.now);
        });
      },
      disarm: () => void this.mode.select('reduced', false),
      onLetGo: (why, now_ms) => {
        this.watch.begin(now_ms, robot.arm(), robot.safety()?.stop_time_s ?? 0);
        this.tell({ kind: 'let_go', why });
      },
    });
  }

  private view(): GuardView {
    const { robot } = this.options;
    return { now_ms: this.now, safety: robot.safety(), picture_ms: robot.picture_ms() };
  }

  private jog(from: Operator, asked: Held): void {
    const { now, lease } = this;
    if (this.isHolder(from)) this.quiet_since_ms = null;
    const drop = this.guard.checkHeld(asked, from, this.view());
    const held = lease.lease;
    if (drop !== null || held === null) {
      if (drop === 'picture_old') this.held.halt('picture_old', now);
      if (drop === 'stopped' || drop === 'robot_silent') this.held.halt('stopped', now);
      this.refuse(from, DROP_WORDS[drop ?? 'not_in_control']);
      return;
    }
    lease.hear(from, now);
    const busy = this.motions.refusal('jog');
    if (busy !== '') {
      this.refuse(from, busy);
      return;
    }
    const was = this.held.state;
    if (!this.held.hold(asked, held, this.options.ticks.seenIn_ns(asked.tick), now)) {
      this.refuse(from, 'the arm was let go meanwhile; let go of the control and press it anew');
      return;
    }
    if (was === 'releasing') this.watch.end();
    if (was === 'idle') this.tell({ kind: 'started', what: asked.type, operator: from });
  }

  private release(from: Operator, asked: CommandOf<'release'>): void {
    if (this.guard.checkRelease(asked, from, this.view()) !== null) return;
    this.lease.hear(from, this.now);
    this.held.release(asked.cause, this.now);
  }

  /** A page that does not draw what it is sent is not there. */
  private hearAlive(from: Operator, tick: number): void {
    const age_ms = this.options.ticks.age_ms(tick, this.now);
    if (age_ms === null || age_ms > ALIVE_TICK_MS) return;
    this.lease.hear(from, this.now);
    if (!this.isHolder(from)) return;
    // messages of a socket keep their order: what was held would have come between the two
    this.quiet_since_ms ??= this.now;
    if (this.now - this.quiet_since_ms >= QUIET_MS) this.held.seenUp();
  }

  private isHolder(page: Operator): boolean {
    return sameOperator(this.lease.lease?.operator ?? null, page);
  }

  private wish(from: Operator, want: LeaseWish): string {
    const { lease, now } = this;
    switch (want) {
      case 'take':
        return lease.take(from, now);
      case 'request':
        return lease.request(from, now);
      case 'release':
        return lease.release(from);
      case 'grant':
        return lease.grant(from);
      case 'refuse':
        return lease.refuse(from);
    }
  }

  private async preview(asked: CommandOf<'preview'>): Promise<Reply> {
    const goal = this.goalOf(asked);
    if (typeof goal === 'string') return reply(asked.id, goal);
    const preview = await previewPick(this.options.bus, goal);
    return { ...reply(asked.id, preview.ok ? '' : preview.reason), preview };
  }

  private async pressed(from: Operator, asked: PressedCommand): Promise<string> {
    const { guard, motions } = this;
    const halts = asked.type === 'cancel' || asked.type === 'pause';
    const drop = halts ? guard.checkHalting(asked, from, this.view()) : guard.checkPressed(asked, from, this.view());
    if (drop !== null) return DROP_WORDS[drop];
    this.lease.hear(from, this.now);
    const was_busy = motions.busy;
    const refusal = (halts ? '' : this.startRefusal()) || (await this.act(asked));
    if (refusal !== '') return refusal;
    if (halts && was_busy) this.tell({ kind: 'taken_over', what: asked.type, operator: from });
    else this.tell({ kind: 'started', what: asked.type, operator: from });
    return '';
  }

  private startRefusal(): string {
    const safety = this.options.robot.safety();
    if (safety === null) return DROP_WORDS.robot_silent;
    return mayMove(safety) ? '' : DROP_WORDS.stopped;
  }

  private async act(asked: PressedCommand): Promise<string> {
    const { motions } = this;
    switch (asked.type) {
      case 'pick': {
        const goal = this.goalOf(asked);
        return typeof goal === 'string' ? goal : motions.pick(goal);
      }
      case 'batch':
        return this.options.targetOf(asked.place) === null
          ? noPlace(asked.place)
          : motions.batch(asked.count, asked.place);
      case 'go':
        return motions.go(asked.to);
      case 'gripper':
        return motions.gripper(asked.width_m, asked.force_N);
      case 'pause':
        return motions.pause();
      case 'continue':
        return motions.continue();
      case 'cancel': {
        const refusal = motions.refusal('cancel');
        if (refusal === '') this.holdMotions('cancelled');
        return refusal;
      }
      case 'speed':
        return motions.setSpeed(asked.share);
    }
  }

  /** Nobody is reset under the hands of whoever is in control. */
  private async reset(from: Operator, id: number): Promise<Reply> {
    const holder = this.lease.lease?.operator ?? null;
    if (holder !== null && !sameOperator(holder, from))
      return reply(id, `${holder.user} is in control of the robot; request it first`);
    this.holdAll('reset');
    const { bus, robot, alarms } = this.options;
    const { reason, causes } = await resetRobot({
      ...{ bus, mode: this.mode },
      safety: () => robot.safety(),
      alarms: alarms?.() ?? [],
    });
    // It leaves reduced mode without the control that enables it.
    this.held.disarmed();
    return { ...reply(id, reason), causes };
  }

  private goalOf({ object, place }: Pick<CommandOf<'pick'>, 'object' | 'place'>): PickPlaceGoal | string {
    const target = this.options.targetOf(place);
    return target === null ? noPlace(place) : { object, target };
  }

  private holdAll(why: string): void {
    this.held.halt('lease_lost', this.now);
    this.holdMotions(why);
  }

  private holdMotions(why: string): void {
    const { motions, options } = this;
    if (!motions.busy) return;
    const arm = options.robot.arm();
    motions.hold(why);
    this.watch.begin(this.now, arm, options.robot.safety()?.stop_time_s ?? 0, PATH_MARGIN_MS);
  }

  /** After a start: a server that ended in a jog has left reduced mode enabled. */
  private disarmOnce(safety: SafetyState | null): void {
    if (this.is_disarmed || safety === null) return;
    this.is_disarmed = true;
    if (safety.mode === 'reduced') void this.mode.select('reduced', false);
  }

  private protect(why: string): void {
    this.stop.request(why, this.now);
    this.tell({ kind: 'stopped', why });
  }

  private refuse(from: Operator, why: string): void {
    const key = operatorKey(from);
    const reasons = this.drops.get(key) ?? {};
    reasons[why] = (reasons[why] ?? 0) + 1;
    this.drops.set(key, reasons);
  }

  private tell(event: DeskEvent): void {
    this.options.onEvent?.(event);
  }
}

function reply(to: number, reason: string): Reply {
  return { type: 'reply', to, ok: reason === '', reason };
}

function noPlace(place: string): string {
  return `there is no place called "${place}"`;
}
