import type { PolicyPhaseName, RunPolicyResult } from '../../contracts/index.ts';
import { PolicySeat } from '../learned/policy_seat.ts';
import { CONTROL_HZ } from '../rates.ts';
import type { OpenPolicy } from './open_offered.ts';
import type { PolicyArm, TaskTime } from './policy_arm.ts';

/** Row of the network that the one world uses. */
const ROW = 0;
/** A policy that answers nothing for so long has ended, and an arm that does not rest by then is given up (s). */
const ANSWER_S = 0.2;
const REST_S = 3;
/** How long a person's yes lets a policy go on that stays unsure (s), unless the object has been moved by more than this (m). */
const GO_ON_S = 5;
const MOVED_M = 0.02;

export interface PolicyDriveParts {
  readonly open: OpenPolicy;
  readonly arm: PolicyArm;
  /** What passes at full speed counts whole. */
  readonly time: TaskTime;
  /** Told at every decision what the policy was told and does, or, where it asks, what it would have done. */
  readonly onStep?: (observation: Float32Array, action: Float32Array) => void;
  /** The policy is unsure: the arm is held, and somebody is to be asked. */
  readonly onAsk: (why: string) => void;
  /** The arm is at rest, and whoever moved it before may do so again. */
  readonly onEnd: (result: RunPolicyResult) => void;
}

/**
 * A learned policy that moves an arm in operation: asked at its rate, its actions go to the loop and the gate like
 * everything that moves the arm. At less than full speed every action asks for that share of its motion, and at none the arm
 * is held. It ends at rest: when the task is done or cannot be, when it is stopped, or when anything else moves the arm.
 */
export class PolicyDrive {
  phase: PolicyPhaseName = 'running';
  /** What it waits for; empty while it runs. */
  reason = '';
  /** How sure it was last; null for a policy that does not say. */
  confidence: number | null = null;
  private readonly parts: PolicyDriveParts;
  /** Control cycles from decision to decision. */
  private readonly cycles: number;
  private readonly vector: Float32Array;
  private readonly action: Float32Array;
  private readonly place = new Float64Array(3);
  private readonly asked_at = new Float64Array(3).fill(Number.NaN);
  private seat: PolicySeat;
  private cycle = 0;
  private share = 1;
  private thinking = false;
  private unanswered = 0;
  private decided = false;
  private permitted_until_s = 0;
  private resting = 0;
  private result: RunPolicyResult | null = null;

  /** Begins at once. */
  constructor(parts: PolicyDriveParts) {
    const { open, arm } = parts;
    this.parts = parts;
    this.cycles = CONTROL_HZ / open.policy.environment.policy_hz;
    this.vector = new Float32Array(arm.world.layout.size);
    this.seat = this.newSeat();
    this.action = new Float32Array(this.seat.action.length);
    arm.drive();
  }

  get stage(): string {
    return this.result?.stage ?? this.parts.arm.world.furthest_stage;
  }

  /** Time of the task (s). */
  get time_s(): number {
    return this.parts.time.time_s;
  }

  /** After cycles of control, one by default; in lock-step the next one waits for what it gives. */
  cycled(cycles = 1): Promise<void> | undefined {
    const { arm } = this.parts;
    if (this.phase === 'ended') return undefined;
    if (this.result !== null) {
      this.rest(this.result, cycles);
      return undefined;
    }
    if (arm.stopped !== '') this.end(false, 'safety', `the safety gate stopped the arm (${arm.stopped})`);
    else if (arm.lost !== '') this.end(false, 'policy', arm.lost);
    if (this.result !== null || this.phase === 'asking') return undefined;
    this.share = arm.share;
    if (this.share === 0) this.wait();
    else if (this.phase === 'waiting') this.resume();
    return this.phase === 'running' ? this.pass(cycles) : undefined;
  }

  /** Comes to rest where it is, and ends. */
  stop(why: string): void {
    this.end(false, this.stage, why);
  }

  /** A person lets it go on though it is unsure. What speaks against it by now; it then looks and decides anew. */
  goOn(): string {
    if (this.phase !== 'asking') return 'nothing is asked any more';
    const { place, asked_at } = this;
    const known = this.parts.arm.locate(place) && !Number.isNaN(asked_at[0]);
    const moved = Math.hypot(place[0] - asked_at[0], place[1] - asked_at[1], place[2] - asked_at[2]) > MOVED_M;
    if (!known || !moved) this.permitted_until_s = this.time_s + GO_ON_S;
    this.resume();
    return known && moved ? 'the object has been moved since' : '';
  }

  private pass(cycles: number): Promise<void> | undefined {
    const { time } = this.parts;
    const decisions = Math.floor(this.cycle / this.cycles);
    time.time_s += (cycles * this.share) / CONTROL_HZ;
    this.cycle += cycles;
    if (!this.thinking) return Math.floor(this.cycle / this.cycles) > decisions ? this.step() : undefined;
    this.unanswered += cycles;
    if (this.unanswered > ANSWER_S * CONTROL_HZ) this.end(false, 'policy', `the policy said nothing for ${ANSWER_S} s`);
    return undefined;
  }

  private async step(): Promise<void> {
    const { seat, vector } = this;
    const { open, arm } = this.parts;
    const { network } = open;
    arm.world.look();
    if (this.decided && this.isOver()) return;
    this.decided = true;
    arm.world.write(vector);
    seat.ask(vector, network, ROW, arm.pictures());
    this.thinking = true;
    this.unanswered = 0;
    const failure = await network.run().then(
      () => '',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    this.thinking = false;
    // It was stopped or held meanwhile: what it answers is of before.
    if (this.phase !== 'running' || this.result !== null || seat !== this.seat) return;
    if (failure === '') this.act();
    else this.end(false, 'policy', failure);
  }

  private act(): void {
    const { seat, action, share } = this;
    const { arm, open, onStep } = this.parts;
    seat.answer(open.network, ROW);
    this.confidence = Number.isNaN(seat.confidence) ? null : seat.confidence;
    if (seat.asks !== '' && this.time_s >= this.permitted_until_s) {
      onStep?.(seat.observation, seat.action);
      this.ask(seat.asks);
      return;
    }
    // The last entry is how far the fingers are to be open, and no speed.
    for (let k = 0; k < action.length; k++)
      action[k] = k === action.length - 1 ? seat.action[k] : share * seat.action[k];
    onStep?.(seat.observation, action);
    arm.world.act(action);
  }

  private ask(why: string): void {
    this.hold('asking', why);
    if (!this.parts.arm.locate(this.asked_at)) this.asked_at.fill(Number.NaN);
    this.parts.onAsk(why);
  }

  private wait(): void {
    if (this.phase === 'running') this.hold('waiting', this.parts.arm.waits);
  }

  private hold(phase: 'waiting' | 'asking', why: string): void {
    this.phase = phase;
    this.reason = why;
    this.parts.arm.hold();
  }

  /** Goes on from where the arm is, as if it began there. */
  private resume(): void {
    const { arm } = this.parts;
    this.phase = 'running';
    this.reason = '';
    this.cycle = 0;
    this.seat = this.newSeat();
    arm.world.begin();
    arm.drive();
  }

  private newSeat(): PolicySeat {
    const { open, arm } = this.parts;
    return new PolicySeat(open.policy.manifest, arm.world.features(open.policy.features));
  }

  private isOver(): boolean {
    const { world } = this.parts.arm;
    world.judge();
    const { terminated, truncated, success, failed_stage, reason } = world.status;
    if (terminated || truncated) this.end(success, failed_stage === '' ? 'done' : failed_stage, reason);
    return terminated || truncated;
  }

  private end(ok: boolean, stage: string, reason: string): void {
    if (this.result !== null) return;
    this.reason = reason;
    this.result = { ok, stage, reason, time_s: this.time_s };
    this.parts.arm.hold();
  }

  private rest(result: RunPolicyResult, cycles: number): void {
    const { arm, onEnd } = this.parts;
    this.resting += cycles;
    if ((!arm.atRest || this.thinking) && this.resting < REST_S * CONTROL_HZ) return;
    arm.release();
    this.phase = 'ended';
    onEnd(result);
  }
}
