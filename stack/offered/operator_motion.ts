import type { Robot } from '../../robots/index.ts';
import { isOperating } from '../../safety/index.ts';
import type { SimCell } from '../cell.ts';
import type { DrivenCell } from '../env/driven_cell.ts';
import { wrapAngle } from '../env/expert/grasp_choice.ts';
import type { FeatureObserver } from '../env/feature_observer.ts';
import type { Feature } from '../env/features.ts';
import { closingYaw } from '../env/tool_target.ts';
import { CONTROL_HZ } from '../rates.ts';
import type { MotionRows } from './motion_rows.ts';
import type { OpenPolicy } from './open_offered.ts';
import { PathActions, type PathPlace } from './path_actions.ts';

/** By so much the arm follows what moves its target: 4 to 5 steps of 25 Hz in motions of the expert. */
const LEAD_S = 0.16;
/** Whoever has not moved the arm for so long has handed it back (s). */
const IDLE_S = 60;
/** Less than this from one step to the next is no motion (rad, m). */
const STILL_RAD = 1e-5;
const STILL_M = 1e-5;

export interface OperatorMotionParts {
  readonly robot: Robot;
  readonly cell: SimCell;
  readonly open: OpenPolicy;
  /** The cell as the policy saw it; it moves the arm no more. */
  readonly driven: DrivenCell;
  /** Goes on while the operator moves. */
  readonly clock: { time_s: number };
  readonly rows: MotionRows;
}

export interface OperatorMotionEnd {
  readonly success: boolean;
  readonly reason: string;
}

interface Seen extends PathPlace {
  readonly observation: Float32Array;
}

/**
 * An operator's own motion as a policy would have made it: its features at its rate, and the actions that bring the arm along
 * the same path. An action moves a target, which the arm follows some steps later; so the target goes ahead along what the
 * operator did then. Pauses are left out. Nothing is allocated while it runs.
 */
export class OperatorMotion {
  /** Set once it is over. */
  end: OperatorMotionEnd | null = null;
  /** Whether the operator has moved anything. */
  moved = false;
  private readonly parts: OperatorMotionParts;
  private readonly features: FeatureObserver;
  private readonly path: PathActions;
  private readonly cycles: number;
  private readonly period_s: number;
  /** Steps that the target is ahead. */
  private readonly lead: number;
  private readonly vector: Float32Array;
  private readonly action: Float32Array;
  /** The newest steps, round and round. */
  private readonly seen: readonly Seen[];
  private readonly offsets: ReadonlyMap<string, number>;
  private steps = 0;
  private still = Number.POSITIVE_INFINITY;
  private idle_s = 0;
  private cycle = 0;

  constructor(parts: OperatorMotionParts) {
    const { robot, open, driven } = parts;
    const { environment, features, manifest } = open.policy;
    this.parts = parts;
    this.features = driven.features(features);
    this.period_s = 1 / environment.policy_hz;
    this.cycles = CONTROL_HZ / environment.policy_hz;
    this.lead = Math.max(1, Math.round(LEAD_S * environment.policy_hz));
    this.path = new PathActions(robot, environment.action, this.period_s);
    this.vector = new Float32Array(parts.driven.layout.size);
    this.action = new Float32Array(manifest.action.names.length);
    this.seen = Array.from({ length: this.lead + 1 }, () => ({
      ...this.path.place(),
      observation: new Float32Array(this.features.size),
    }));
    this.offsets = offsetsOf(features);
  }

  /** After every cycle of control and physics. */
  cycled(): void {
    if (this.end === null && ++this.cycle % this.cycles === 0) this.step();
  }

  /** It is over. */
  finish(success: boolean, reason: string): void {
    if (this.end !== null) return;
    this.end = { success, reason };
    if (!this.moved) return;
    const newest = this.steps - 1;
    for (let step = Math.max(0, this.steps - this.lead); step <= newest; step++)
      this.keep(step, this.at(Math.min(step + this.lead - 1, newest)), this.at(newest));
  }

  private step(): void {
    const { cell } = this.parts;
    const over = this.over();
    if (over !== '') this.finish(false, over);
    else if (isOperating(cell.gate.mode)) {
      this.look();
      if (this.still <= 2 * this.lead) this.move();
      if (this.moved) this.judge();
    }
  }

  /** Why there is nothing more to come of the operator; empty while there may be. */
  private over(): string {
    const { cell, rows } = this.parts;
    this.idle_s += this.period_s;
    if (cell.loop.follower.active) return 'an automatic motion has begun';
    if (rows.full) return 'it went on for longer than is kept';
    return this.idle_s > IDLE_S ? `nothing was moved for ${IDLE_S} s` : '';
  }

  private move(): void {
    const { lead, steps, parts } = this;
    this.moved = true;
    this.idle_s = 0;
    parts.clock.time_s += this.period_s;
    if (!this.path.reaches(this.at(steps - 1))) this.finish(false, 'the tool is tilted, which no action here does');
    else if (steps > lead) this.keep(steps - 1 - lead, this.at(steps - 2), this.at(steps - 1));
  }

  private judge(): void {
    const { driven } = this.parts;
    const done = driven.judge();
    const { terminated, failed_stage, reason } = driven.status;
    if (done) this.finish(true, '');
    else if (terminated && failed_stage !== 'safety') this.finish(false, reason);
  }

  /** Takes what there is to see now, and where the arm is sent. */
  private look(): void {
    const { cell, driven } = this.parts;
    const { position, gripper_width_m } = cell.gate.lastCommand;
    driven.servo.target.set(position);
    driven.look();
    driven.write(this.vector);
    const now = this.at(this.steps);
    this.path.put(now, driven.servo.target, gripper_width_m);
    this.features.write(this.vector, now.observation, 0);
    this.still = this.steps > 0 && isStill(this.at(this.steps - 1), now) ? this.still + 1 : 0;
    if (this.steps === 0) this.still = Number.POSITIVE_INFINITY;
    this.steps++;
  }

  /** Notes a step by the target that led there: before its action, and after it. */
  private keep(step: number, before: PathPlace, after: PathPlace): void {
    const { action, offsets } = this;
    const { observation, q, tool } = this.at(step);
    this.patch(offsets.get('joint_target_offset'), observation, q.length, before.q, q, 0);
    this.patch(offsets.get('commanded_offset'), observation, 3, before.tool, tool, 9);
    const turn = offsets.get('commanded_turn');
    if (turn !== undefined) {
      observation[turn] = wrapAngle(observation[turn] + closingYaw(before.tool) - closingYaw(tool));
    }
    const previous = offsets.get('previous_action');
    if (previous !== undefined) observation.set(action, previous);
    const next = this.at(Math.min(step + 1, this.steps - 1));
    this.path.write(before, after, next.width_m, action);
    this.parts.rows.add(observation, action, true);
  }

  /** What was noted with the arm's own place as its target, by how far the target was ahead of that. */
  private patch(
    offset: number | undefined,
    observation: Float32Array,
    size: number,
    target: Float64Array,
    own: Float64Array,
    from: number,
  ): void {
    if (offset === undefined) return;
    for (let k = 0; k < size; k++) observation[offset + k] += target[from + k] - own[from + k];
  }

  private at(step: number): Seen {
    return this.seen[step % this.seen.length];
  }
}

function isStill(before: PathPlace, now: PathPlace): boolean {
  if (Math.abs(now.width_m - before.width_m) > STILL_M) return false;
  for (let j = 0; j < now.q.length; j++) if (Math.abs(now.q[j] - before.q[j]) > STILL_RAD) return false;
  return true;
}

function offsetsOf(features: readonly Feature[]): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  let at = 0;
  for (const { name, size } of features) {
    offsets.set(name, at);
    at += size;
  }
  return offsets;
}
