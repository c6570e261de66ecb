import type { PickPlaceGoal, SafetyState } from '../../contracts/index.ts';
import type { CommandOf, LeaseView, LeaseWish, Refused, Reply, StateFrame } from '../protocol/index.ts';
import { ArmWatch } from './arm_watch.ts';
import { CommandGuard, DROP_WORDS, type GuardView, mayMove } from './command_guard.ts';
import { ControlLease, type Operator, sameOperator } from './control_lease.ts';
import type { ControlDeskOptions, DeskCommand, DeskEvent, PressedCommand } from './desk_types.ts';
import { JogDesk } from './jog_desk.ts';
import { LastingStop } from './lasting_stop.ts';
import { ModeSwitch } from './mode_switch.ts';
import { Motions } from './motions.ts';
import { previewPick } from './preview.ts';
import { resetRobot } from './reset.ts';
import { SessionWatch } from './session_watch.ts';

/** Takes what pages ask of the robot: who may, what may, and what then becomes of it. To be stepped at 50 Hz or faster. */
export class ControlDesk {
  readonly lease: ControlLease;
  readonly guard: CommandGuard;
  readonly motions: Motions;
  readonly stop: LastingStop;
  private readonly options: ControlDeskOptions;
  private readonly mode: ModeSwitch;
  private readonly watch: ArmWatch;
  private readonly jogs: JogDesk;
  private is_disarmed = false;

  constructor(options: ControlDeskOptions) {
    this.options = options;
    const { bus, now_ms, ticks, next, robot } = options;
    const tell = (event: DeskEvent) => this.tell(event);
    this.mode = new ModeSwitch(bus);
    this.stop = new LastingStop(bus);
    this.watch = new ArmWatch(robot, (why) => this.protect(why));
    this.lease = this.controlLease();
    this.guard = new CommandGuard(this.lease, ticks);
    const { lease, guard, mode, watch } = this;
    this.jogs = new JogDesk({ options, lease, guard, mode, watch, motions: () => this.motions, tell });
    this.motions = new Motions({
      ...{ bus, mode, now_ms, next },
      isJogged: () => this.jogs.active,
      movesBesides: () => watch.movesPlainly,
      stop: (why) => this.protect(why),
      onEnd: (motion) => tell({ kind: 'ended', motion }),
      onStage: (stage, attempt, reason) => tell({ kind: 'stage', stage, attempt, reason }),
    });
  }

  /** Takes a command; null for one without an answer. */
  async take(from: Operator, asked: DeskCommand): Promise<Reply | null> {
    switch (asked.type) {
      case 'jog':
      case 'jog_joints':
        this.jogs.take(from, asked, this.view());
        return null;
      case 'release':
        this.jogs.release(from, asked, this.view());
        return null;
      case 'alive':
        this.jogs.hearAlive(from, asked.tick, this.now);
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
    this.jogs.closed(page, this.now);
  }

  /** Before the server ends. */
  end(): void {
    this.lease.takeBack();
  }

  step(): void {
    const view = this.view();
    const { now_ms, safety } = view;
    this.disarmOnce(safety);
    this.jogs.step(view);
    this.motions.step(now_ms);
    this.watch.step(now_ms);
    this.lease.step(now_ms, this.standstill);
    this.stop.step(now_ms, safety);
  }

  /** Held commands of a page that were dropped since this was last asked; null for none. */
  takeRefused(page: Operator): Refused | null {
    return this.jogs.takeRefused(page);
  }

  /** Whether the arm rests and nothing of the desk's is about to move it. */
  get standstill(): boolean {
    return this.watch.restsFor(this.now) && !this.jogs.active && !this.motions.busy;
  }

  snapshot(reader: Operator | null): { task: StateFrame['task']; speed: number; lease: LeaseView } {
    return { task: this.motions.snapshot(), speed: this.motions.speed, lease: this.lease.snapshot(reader) };
  }

  private get now(): number {
    return this.options.now_ms();
  }

  private controlLease(): ControlLease {
    const { scope, epochs, times = {} } = this.options;
    const session = new SessionWatch({
      moves: () => this.watch.moves || this.jogs.active || this.motions.busy,
      stop: (why) => this.protect(why),
      hold: (why) => this.holdAll(why),
    });
    return new ControlLease({
      ...{ scope, epochs, times },
      onGranted: (lease) => this.tell({ kind: 'granted', lease }),
      onLost: (lease, why) => {
        session.lost(lease, why);
        this.tell({ kind: 'lost', lease, why });
      },
      onRefused: (operator, why) => this.tell({ kind: 'refused', operator, why }),
    });
  }

  private view(): GuardView {
    const { robot } = this.options;
    return { now_ms: this.now, safety: robot.safety(), picture_ms: robot.picture_ms() };
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
      case 'policy': {
        const goal = this.goalOf(asked);
        const { policyOf, isFull } = this.options;
        const policy = policyOf?.(asked.model_sha256) ?? 'no policy is offered here';
        if (typeof goal === 'string') return goal;
        if (isFull?.(asked.place) === true) return `nothing is free in ${asked.place}; choose another place`;
        return typeof policy === 'string' ? policy : motions.policy(policy, goal);
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
    this.jogs.held.disarmed();
    return { ...reply(id, reason), causes };
  }

  private goalOf({ object, place }: Pick<CommandOf<'pick'>, 'object' | 'place'>): PickPlaceGoal | string {
    const target = this.options.targetOf(place);
    return target === null ? noPlace(place) : { object, target };
  }

  private holdAll(why: string): void {
    this.jogs.halt('lease_lost', this.now);
    this.holdMotions(why);
  }

  private holdMotions(why: string): void {
    if (!this.motions.busy) return;
    this.motions.hold(why);
    this.watch.leavePath(this.now);
  }

  /** After a start: a server that ended in a jog has left reduced mode enabled. */
  private disarmOnce(safety: Pick<SafetyState, 'mode'> | null): void {
    if (this.is_disarmed || safety === null) return;
    this.is_disarmed = true;
    if (safety.mode === 'reduced') void this.mode.select('reduced', false);
  }

  private protect(why: string): void {
    this.stop.request(why, this.now);
    this.tell({ kind: 'stopped', why });
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
