import type { PickPlaceGoal, PolicyPhaseName, RunPolicyResult } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { isOperating } from '../../safety/index.ts';
import { createTask, type SceneModel } from '../../sim/index.ts';
import type { SimCell } from '../cell.ts';
import { createActionMap } from '../env/actions.ts';
import { DrivenCell } from '../env/driven_cell.ts';
import { isWanted } from '../env/goal.ts';
import { proprioceptionLayout, stateLayout } from '../env/layout.ts';
import { PolicySeat } from '../learned/policy_seat.ts';
import { CONTROL_HZ } from '../rates.ts';
import type { OpenPolicy } from './open_offered.ts';
import type { PolicyEyes } from './policy_eyes.ts';

/** Row of the network that the one world uses. */
const ROW = 0;
/** A policy that answers nothing for so long has ended, and an arm that does not rest by then is given up (s). */
const ANSWER_S = 0.2;
const REST_S = 3;
/** How long a person's yes lets a policy go on that stays unsure (s), unless the object has been moved by more than this (m). */
const GO_ON_S = 5;
const MOVED_M = 0.02;

export interface PolicyDriveParts {
  readonly robot: Robot;
  readonly cell: SimCell;
  readonly scene: SceneModel;
  readonly open: OpenPolicy;
  readonly goal: PickPlaceGoal;
  /** Null where the policy is told where everything is. */
  readonly eyes: PolicyEyes | null;
  /** Told at every decision what the policy was told and does, or, where it asks, what it would have done. */
  readonly onStep?: (observation: Float32Array, action: Float32Array) => void;
  /** The policy is unsure: the arm is held, and somebody is to be asked. */
  readonly onAsk: (why: string) => void;
  /** The arm is at rest, and whoever moved it before may do so again. */
  readonly onEnd: (result: RunPolicyResult) => void;
}

/**
 * A learned policy that moves the arm of a cell in operation: asked at its rate, its actions go to the loop and the gate like
 * everything that moves the arm. At less than full speed every action asks for that share of its motion, and at none the arm
 * is held. It ends at rest: when the task is done or cannot be, when it is stopped, or when anything else moves the arm.
 */
export class PolicyDrive {
  phase: PolicyPhaseName = 'running';
  /** What it waits for; empty while it runs. */
  reason = '';
  /** Time of the task: what passed at full speed counts whole (s). */
  time_s = 0;
  /** How sure it was last; null for a policy that does not say. */
  confidence: number | null = null;
  private readonly parts: PolicyDriveParts;
  /** The cell as the policy sees it. */
  readonly driven: DrivenCell;
  private readonly cycles: number;
  private readonly vector: Float32Array;
  private readonly action: Float32Array;
  private readonly wanted: number;
  private readonly object = new Float64Array(13);
  private readonly asked_at = new Float64Array(3);
  private seat: PolicySeat;
  private cycle = 0;
  private share = 1;
  private thinking = false;
  private unanswered = 0;
  private decided = false;
  private permitted_until_s = 0;
  private resting = 0;
  private result: RunPolicyResult | null = null;

  /** Begins at once. Throws InputError where the object is not in the scene. */
  constructor(parts: PolicyDriveParts) {
    const { robot, cell, scene, open, goal } = parts;
    const { action, policy_hz, observation: sees } = open.policy.environment;
    const task = createTask('pick-place');
    const order = { task: 'pick-place', ...goal } as const;
    const layout =
      sees === 'state'
        ? stateLayout(robot, 'pick-place', task.spec.objects[1])
        : proprioceptionLayout(robot, 'pick-place');
    this.parts = parts;
    this.driven = new DrivenCell({
      ...{ robot, cell, instance: task.restore(scene, order), time_limit_s: task.time_limit_s, layout, sees },
      ...{ actions: createActionMap(action, robot, 1 / policy_hz), time_s: () => this.time_s },
    });
    this.wanted = scene.objects.findIndex((object) => isWanted(order, object));
    this.cycles = CONTROL_HZ / policy_hz;
    this.vector = new Float32Array(layout.size);
    this.seat = this.newSeat();
    this.action = new Float32Array(this.seat.action.length);
    cell.drive(this.driven.servo);
  }

  get stage(): string {
    return this.result?.stage ?? this.driven.furthest_stage;
  }

  /** After every cycle of control and physics; in lock-step the next one waits for what it gives. */
  cycled(): Promise<void> | undefined {
    const { cell } = this.parts;
    const { gate, loop } = cell;
    if (this.phase === 'ended') return undefined;
    if (this.result !== null) {
      this.rest(this.result);
      return undefined;
    }
    if (!isOperating(gate.mode)) this.end(false, 'safety', `the safety gate stopped the arm (${gate.mode})`);
    else if (loop.follower.active) this.end(false, 'policy', 'somebody else moves the arm');
    if (this.result !== null || this.phase === 'asking') return undefined;
    this.share = loop.follower.speed * gate.pace;
    if (this.share === 0) this.wait();
    else if (this.phase === 'waiting') this.resume();
    return this.phase === 'running' ? this.pass() : undefined;
  }

  /** Comes to rest where it is, and ends. */
  stop(why: string): void {
    this.end(false, this.stage, why);
  }

  /** A person lets it go on though it is unsure. What speaks against it by now; it then looks and decides anew. */
  goOn(): string {
    if (this.phase !== 'asking') return 'nothing is asked any more';
    const { object, asked_at } = this;
    this.locate();
    const moved = Math.hypot(object[0] - asked_at[0], object[1] - asked_at[1], object[2] - asked_at[2]) > MOVED_M;
    if (!moved) this.permitted_until_s = this.time_s + GO_ON_S;
    this.resume();
    return moved ? 'the object has been moved since' : '';
  }

  private pass(): Promise<void> | undefined {
    this.time_s += this.share / CONTROL_HZ;
    this.cycle++;
    if (!this.thinking) return this.cycle % this.cycles === 0 ? this.step() : undefined;
    this.unanswered++;
    if (this.unanswered > ANSWER_S * CONTROL_HZ) this.end(false, 'policy', `the policy said nothing for ${ANSWER_S} s`);
    return undefined;
  }

  private async step(): Promise<void> {
    const { driven, seat, vector } = this;
    const { cell, open, eyes } = this.parts;
    const { network } = open;
    driven.look();
    if (this.decided && this.isOver()) return;
    this.decided = true;
    driven.write(vector);
    seat.ask(vector, network, ROW, eyes?.look(cell.engine) ?? null);
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
    const { seat, driven, action, share } = this;
    seat.answer(this.parts.open.network, ROW);
    this.confidence = Number.isNaN(seat.confidence) ? null : seat.confidence;
    const { onStep } = this.parts;
    if (seat.asks !== '' && this.time_s >= this.permitted_until_s) {
      onStep?.(seat.observation, seat.action);
      this.ask(seat.asks);
      return;
    }
    // The last entry is how far the fingers are to be open, and no speed.
    for (let k = 0; k < action.length; k++)
      action[k] = k === action.length - 1 ? seat.action[k] : share * seat.action[k];
    onStep?.(seat.observation, action);
    driven.act(action);
  }

  private ask(why: string): void {
    this.hold('asking', why);
    this.locate();
    this.asked_at.set(this.object.subarray(0, 3));
    this.parts.onAsk(why);
  }

  private wait(): void {
    if (this.phase === 'running') this.hold('waiting', 'paused, or the way is not free');
  }

  private hold(phase: 'waiting' | 'asking', why: string): void {
    this.phase = phase;
    this.reason = why;
    this.parts.cell.drive(null);
  }

  /** Goes on from where the arm is, as if it began there. */
  private resume(): void {
    this.phase = 'running';
    this.reason = '';
    this.cycle = 0;
    this.seat = this.newSeat();
    this.driven.begin();
    this.parts.cell.drive(this.driven.servo);
  }

  private newSeat(): PolicySeat {
    const { manifest, features } = this.parts.open.policy;
    return new PolicySeat(manifest, this.driven.features(features));
  }

  private isOver(): boolean {
    const { driven } = this;
    driven.judge();
    const { terminated, truncated, success, failed_stage, reason } = driven.status;
    if (terminated || truncated) this.end(success, failed_stage === '' ? 'done' : failed_stage, reason);
    return terminated || truncated;
  }

  private end(ok: boolean, stage: string, reason: string): void {
    if (this.result !== null) return;
    this.reason = reason;
    this.result = { ok, stage, reason, time_s: this.time_s };
    this.parts.cell.drive(null);
  }

  private rest(result: RunPolicyResult): void {
    const { cell, onEnd } = this.parts;
    this.resting++;
    if ((!cell.gate.atRest || this.thinking) && this.resting < REST_S * CONTROL_HZ) return;
    cell.release();
    this.phase = 'ended';
    onEnd(result);
  }

  private locate(): void {
    this.parts.cell.told.objectState(this.wanted, this.object, 0);
  }
}
