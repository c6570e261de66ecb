import {
  ACTIONS,
  type Bus,
  type GoalStatus,
  type OfferedPolicy,
  type PickPlaceGoal,
  SERVICES,
  type SentGoal,
} from '../../contracts/index.ts';
import type { GoTarget, StateFrame, TaskKind } from '../protocol/index.ts';
import type { ModeSwitch } from './mode_switch.ts';
import { refusalOf, type UnderWay, type Wish } from './motion_rules.ts';

/** After the last pick the scene is looked at for so long before the next object is chosen, and at most, ms. */
const SETTLE_MS = 700;
const LOOK_MS = 4000;
/** A motion that was cancelled must end within this, ms. */
const ENDING_MS = 10_000;

/** How a motion ended. */
export interface EndedMotion {
  readonly kind: TaskKind;
  readonly ok: boolean;
  readonly cancelled: boolean;
  readonly stage: string;
  readonly reason: string;
  readonly attempts: number;
  /** Of a pick, a policy's too. */
  readonly goal: PickPlaceGoal | null;
}

export interface MotionsOptions {
  readonly bus: Bus;
  readonly mode: ModeSwitch;
  readonly now_ms: () => number;
  /** Whether a control is held, or the arm comes to rest after it. */
  readonly isJogged: () => boolean;
  /** Whether the arm moves though nothing was asked for here. */
  readonly movesBesides?: () => boolean;
  /** The next object of a batch and where it goes, but for what was tried; null while none is seen. */
  readonly next: (place: string, tried: readonly PickPlaceGoal[]) => PickPlaceGoal | null;
  /** A protective stop. */
  readonly stop: (why: string) => void;
  /** Of every pick of a batch too. */
  readonly onEnd?: (ended: EndedMotion) => void;
  /** A stage of a pick begins. */
  readonly onStage?: (stage: string, attempt: number, reason: string) => void;
}

type Phase = 'starting' | 'looking' | 'running' | 'ending';

type Task = StateFrame['task'];

interface Run {
  readonly kind: TaskKind;
  phase: Phase;
  since_ms: number;
  stage: string;
  reason: string;
  attempt: number;
  sent: SentGoal | null;
  goal: PickPlaceGoal | null;
  policy: Task['policy'];
  readonly place: string;
  readonly of: number;
  done: number;
  readonly tried: PickPlaceGoal[];
}

const NO_TASK: Task = { kind: 'none', stage: '', reason: '', attempt: 0, done: 0, of: 0, paused: false };

/**
 * The motions that run by themselves once a person has pressed for them: pick, batch, policy, home, retreat, gripper. One at a time,
 * and none beside jogging. Wishes answer with the empty string, or why not.
 */
export class Motions {
  /** Share of the usual speed that is wanted. */
  speed = 1;
  private readonly options: MotionsOptions;
  private run: Run | null = null;
  private is_paused = false;
  /** The last one was cancelled and did not say how it ended. */
  private has_given_up = false;
  /** How the last one ended. */
  private last: Task = NO_TASK;

  constructor(options: MotionsOptions) {
    this.options = options;
  }

  get underWay(): UnderWay {
    const { run, is_paused: paused } = this;
    if (run !== null) return { kind: run.kind, paused, ending: run.phase === 'ending' };
    const { isJogged, movesBesides } = this.options;
    const kind = isJogged() ? 'jog' : movesBesides?.() === true ? 'other' : 'none';
    return { kind, paused: false, ending: false };
  }

  /** Whether one of these motions is under way. */
  get busy(): boolean {
    return this.run !== null;
  }

  refusal(wish: Wish): string {
    return refusalOf(wish, this.underWay);
  }

  pick(goal: PickPlaceGoal): Promise<string> {
    return this.start('pick', 'pick', '', 1, (run) => this.sendPick(run, goal));
  }

  /** Up to `count` objects, one after the other, until none is left. */
  batch(count: number, place: string): Promise<string> {
    return this.start('batch', 'batch', place, count, (run) => this.look(run, 'looking for objects'));
  }

  /** Lets a learned policy bring one object to a place. */
  policy({ name, model_sha256 }: Pick<OfferedPolicy, 'name' | 'model_sha256'>, goal: PickPlaceGoal): Promise<string> {
    return this.start('policy', 'policy', '', 1, (run) => {
      run.goal = goal;
      run.policy = { name, confidence: null, time_s: 0 };
      run.sent = this.options.bus.sendGoal(
        ACTIONS.run_policy,
        { ...goal, model_sha256 },
        {
          onFeedback: ({ phase, stage, reason, confidence, time_s }) => {
            if (this.run !== run || run.phase !== 'running') return;
            run.policy = { name, confidence, time_s };
            this.enter(run, phase === 'asking' ? 'ask' : stage, reason, 1);
          },
          onResult: (status, { ok, stage, reason }) => this.end(run, status, { ok, stage, reason, attempts: 1 }),
        },
      );
    });
  }

  go(to: GoTarget): Promise<string> {
    return this.start('go', to, '', 0, (run) => {
      run.sent = this.options.bus.sendGoal(
        ACTIONS.go,
        { to },
        {
          onResult: (status, { ok, reason }) => this.end(run, status, { ok, reason, stage: to, attempts: 1 }),
        },
      );
    });
  }

  gripper(width_m: number, force_N: number): Promise<string> {
    return this.start('gripper', 'gripper', '', 0, (run) => {
      run.sent = this.options.bus.sendGoal(
        ACTIONS.gripper,
        { width_m, force_N },
        {
          onResult: (status, { reached, stalled }) => {
            const ok = reached || stalled;
            const reason = ok ? '' : 'the gripper did not get there';
            this.end(run, status, { ok, reason, stage: 'gripper', attempts: 1 });
          },
        },
      );
    });
  }

  /** The arm waits on its path. */
  async pause(): Promise<string> {
    const refusal = this.refusal('pause');
    if (refusal !== '') return refusal;
    this.is_paused = true;
    return this.setPathSpeed(0);
  }

  async continue(): Promise<string> {
    const refusal = this.refusal('continue');
    if (refusal !== '') return refusal;
    this.is_paused = false;
    return this.setPathSpeed(this.speed);
  }

  /** Takes over: the arm comes to rest at once, and is left at standstill in reduced mode. */
  cancel(why = 'cancelled'): string {
    const refusal = this.refusal('cancel');
    if (refusal === '') this.hold(why);
    return refusal;
  }

  /** The same, whatever is under way. */
  hold(why: string): void {
    const { run } = this;
    if (run === null || run.phase === 'ending') return;
    const sent = run.phase === 'running' ? run.sent : null;
    run.phase = 'ending';
    run.since_ms = this.options.now_ms();
    run.reason = why;
    // the path is waited on at once, whatever the task's planner is busy with
    if (run.kind !== 'gripper') void this.setPathSpeed(0);
    if (sent === null) this.close(run, { ok: false, cancelled: true, reason: why, stage: run.stage, attempts: 0 });
    else sent.cancel();
  }

  /** Of the usual speed, 0.05 to 1; also of one that is under way, unless it is paused. */
  async setSpeed(share: number): Promise<string> {
    const waits = this.is_paused || this.has_given_up || this.run?.phase === 'ending';
    const refusal = waits ? '' : await this.setPathSpeed(share);
    if (refusal === '') this.speed = share;
    return refusal;
  }

  /** To be called often: a batch goes on, and what does not end is given up. */
  step(now_ms: number): void {
    const { run } = this;
    if (run === null) return;
    if (run.phase === 'ending' && now_ms - run.since_ms > ENDING_MS) {
      this.giveUp(run);
      return;
    }
    if (run.phase !== 'looking' || this.is_paused) return;
    const looked_ms = now_ms - run.since_ms;
    if (looked_ms < SETTLE_MS && run.tried.length > 0) return;
    const goal = this.options.next(run.place, run.tried);
    if (goal !== null) this.attemptPick(run, goal);
    else if (looked_ms > LOOK_MS) this.finishBatch(run, 'no further object is seen');
  }

  snapshot(): Task {
    const { run, is_paused: paused } = this;
    const { kind } = this.underWay;
    if (run === null) return kind === 'none' ? this.last : { ...NO_TASK, kind };
    const { stage, reason, attempt, done, of, policy } = run;
    const shown = { kind, stage, reason, attempt, done, of: run.kind === 'batch' ? of : 0, paused };
    return policy === undefined ? shown : { ...shown, policy };
  }

  private async start(
    wish: Wish,
    kind: TaskKind,
    place: string,
    of: number,
    begin: (run: Run) => void,
  ): Promise<string> {
    const refusal = this.refusal(wish);
    if (refusal !== '') return refusal;
    const since_ms = this.options.now_ms();
    const fresh = { stage: 'starting', reason: '', attempt: 0, sent: null, goal: null, place, of, done: 0, tried: [] };
    const run: Run = { kind, phase: 'starting', since_ms, ...fresh, policy: undefined };
    this.run = run;
    this.has_given_up = false;
    this.is_paused = false;
    const prepared = kind === 'gripper' ? '' : await this.prepare();
    if (this.run !== run) return run.reason || 'cancelled';
    try {
      if (prepared === '') {
        run.phase = 'running';
        run.stage = kind;
        begin(run);
        return '';
      }
      this.run = null;
      return prepared;
    } catch (error) {
      this.run = null;
      return error instanceof Error ? error.message : String(error);
    }
  }

  private async prepare(): Promise<string> {
    return (
      (await this.options.mode.select('automatic', false)) || (await this.setPathSpeed(this.is_paused ? 0 : this.speed))
    );
  }

  private sendPick(run: Run, goal: PickPlaceGoal): void {
    run.phase = 'running';
    run.goal = goal;
    run.sent = this.options.bus.sendGoal(ACTIONS.pick_place, goal, {
      onFeedback: ({ stage, reason, attempt }) => {
        if (this.run === run && run.phase === 'running') this.enter(run, stage, reason, attempt);
      },
      onResult: (status, result) => this.end(run, status, result),
    });
  }

  private enter(run: Run, stage: string, reason: string, attempt: number): void {
    const is_new = stage !== run.stage || reason !== run.reason || attempt !== run.attempt;
    run.stage = stage;
    run.reason = reason;
    run.attempt = attempt;
    if (is_new) this.options.onStage?.(stage, attempt, reason);
  }

  private attemptPick(run: Run, goal: PickPlaceGoal): void {
    run.tried.push(goal);
    try {
      this.sendPick(run, goal);
    } catch (error) {
      this.finishBatch(run, error instanceof Error ? error.message : String(error));
    }
  }

  private look(run: Run, reason: string): void {
    run.phase = 'looking';
    run.stage = 'perceive';
    run.reason = reason;
    run.sent = null;
    run.since_ms = this.options.now_ms();
  }

  private end(
    run: Run,
    status: GoalStatus,
    { ok, stage, reason, attempts }: { ok: boolean; stage: string; reason: string; attempts: number },
  ): void {
    if (this.run !== run) return;
    const cancelled = status === 'canceled' || run.phase === 'ending';
    const ended = {
      ok: ok && !cancelled,
      cancelled,
      stage,
      reason: run.phase === 'ending' ? run.reason : reason,
      attempts,
    };
    if (run.kind !== 'batch') {
      this.close(run, ended);
      return;
    }
    this.options.onEnd?.({ kind: 'pick', ...ended, goal: run.goal });
    if (ended.ok) run.done++;
    if (cancelled || stage === 'safety') this.close(run, ended);
    else if (run.done >= run.of) this.finishBatch(run, '');
    else this.look(run, ended.ok ? '' : reason);
  }

  private finishBatch(run: Run, reason: string): void {
    this.close(run, { ok: run.done > 0, cancelled: false, reason, stage: 'batch', attempts: run.tried.length });
  }

  /** Nobody knows what it still does: it must not go on when the path's speed is set again. */
  private giveUp(run: Run): void {
    const reason = `the robot did not say how ${run.kind} ended after it was cancelled`;
    this.options.stop(reason);
    this.has_given_up = true;
    this.close(run, { ok: false, cancelled: true, reason, stage: run.stage, attempts: run.attempt });
  }

  private close(run: Run, ended: Omit<EndedMotion, 'kind' | 'goal'>): void {
    if (this.run !== run) return;
    this.settle(run, ended);
    this.options.onEnd?.({ kind: run.kind, ...ended, goal: run.kind === 'batch' ? null : run.goal });
  }

  /** Nothing is under way any more; after a cancellation in reduced mode. */
  private settle(
    { kind, done, of, attempt }: Run,
    { stage, reason, cancelled }: Omit<EndedMotion, 'kind' | 'goal'>,
  ): void {
    const is_batch = kind === 'batch';
    this.last = { kind: 'none', stage, reason, attempt, done, of: is_batch ? of : 0, paused: false };
    this.run = null;
    const slowed = this.is_paused || cancelled;
    this.is_paused = false;
    if (kind === 'gripper') return;
    if (cancelled) void this.rest(this.has_given_up);
    else if (slowed) void this.setPathSpeed(this.speed);
  }

  /** Reduced mode first, then the path's speed again, unless something else has begun by then. */
  private async rest(stays_slow: boolean): Promise<void> {
    await this.options.mode.select('reduced', false);
    if (this.run === null && !stays_slow) await this.setPathSpeed(this.speed);
  }

  private async setPathSpeed(speed: number): Promise<string> {
    try {
      const { success, message } = await this.options.bus.call(SERVICES.set_speed, { speed });
      return success ? '' : message;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
