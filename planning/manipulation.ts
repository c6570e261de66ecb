import {
  type Detections,
  DOUBTFUL_FAULTS,
  type EpisodeStage,
  type JointTrajectory,
  StageError,
} from '../contracts/index.ts';
import { SettledDoubts } from './doubts.ts';
import type { Grasp } from './grasp.ts';
import type { MotionPlanner } from './motion_planner.ts';
import type { PickPlan, PutPlan, TakePlan } from './pick_planner.ts';
import type { Grip, PlannedMotion, Steps, TaskEvent, TaskRequest } from './requests.ts';
import { retracings } from './retrace.ts';
import { fuseDetections, type TableObject } from './table_objects.ts';
import { endPoint } from './timing/index.ts';

export interface TaskOptions {
  /** Frames joined to one view of the table, and how many may be asked for before an object counts as not there. */
  readonly frames?: number;
  readonly max_frames?: number;
  readonly max_attempts?: number;
  /** No new attempt begins later than this (s). */
  readonly last_start_s?: number;
  readonly grip_force_N?: number;
  /** How much closer than the object's width the fingers may come before it counts as missed (m). */
  readonly width_tolerance_m?: number;
  /** Force on the hand under which it carries nothing (N). */
  readonly least_weight_N?: number;
  /** How much farther apart than the object's width the fingers may come to rest before they count as held open by something (m). */
  readonly blocked_tolerance_m?: number;
  /** The most that anything to be taken weighs: heavier things are put back (N). */
  readonly most_weight_N?: number;
  /** Change of the force at the hand from which on it stands on something, on the way to an object and with one (N). */
  readonly touch_N?: number;
  readonly place_touch_N?: number;
  /** Distance from the target at which the result counts as placed (m). */
  readonly place_tolerance_m?: number;
  /** What becomes of an object that a person was asked about and nobody answered: left alone, or the task fails. */
  readonly unanswered?: 'skip' | 'fail';
}

/** A try that failed in a way another try may cure. */
export class AttemptError extends StageError {}

type MoveAdditions = Pick<Extract<TaskRequest, { kind: 'move' }>, 'grip' | 'most_N'>;
type EventOf<K extends TaskEvent['kind']> = Extract<TaskEvent, { kind: K }>;

/**
 * The moves tasks are made of, as sequences of requests and answers: look, open, move, take, carry, put down. Missed and
 * lost objects are noticed by the width of the fingers and the weight at the wrist and thrown as AttemptError, with the
 * arm drawn back to rest clear of the camera; what another try cannot cure is thrown as StageError.
 */
export class Manipulation {
  attempt = 1;
  /** Time of the last answer, from the start of the task (s). */
  time_s = 0;
  readonly options: Required<TaskOptions>;
  readonly doubts = new SettledDoubts();
  /** Frames of the last look. */
  frames: readonly Detections[] = [];
  private stage: EpisodeStage = 'perceive';
  /** Where the arm was last sent, or null when it must be read. */
  private commanded: Float64Array | null = null;
  private readonly motion: MotionPlanner | null;

  /** @param motion  by which the hand goes back the way it came when it touches something early; without one nobody feels */
  constructor(options: TaskOptions = {}, motion: MotionPlanner | null = null) {
    this.motion = motion;
    this.options = {
      frames: 3,
      max_frames: 10,
      max_attempts: 3,
      last_start_s: 11.5,
      grip_force_N: 35,
      width_tolerance_m: 0.012,
      least_weight_N: 0.25,
      blocked_tolerance_m: 0.02,
      most_weight_N: 10,
      touch_N: 15,
      place_touch_N: 30,
      place_tolerance_m: 0.018,
      unanswered: 'skip',
      ...options,
    };
  }

  /** Carries out a whole plan: takes the object, brings it to its place, lets go and returns home. */
  *transport(plan: PickPlan): Steps<void> {
    yield* this.take(plan, plan);
    yield* this.putDown(plan, plan);
    this.doubts.follow(plan.placed.object);
  }

  /** Brings what is held to its place, lets go and returns to rest. */
  *putDown(taken: Pick<TakePlan, 'grasp' | 'open_width_m'>, plan: PutPlan): Steps<void> {
    yield* this.enter('transfer', '', motionsTo(plan));
    yield* this.move('transfer', plan.transfer);
    yield* this.requireHeld(taken, 'transfer', plan.home);

    yield* this.enter('place');
    const down = yield* this.tryMove('place', plan.place, { most_N: this.options.place_touch_N });
    const early = down.touched === true;
    if (!down.ok && !early) throw this.failed('place', down);
    yield* this.open(plan.release_width_m);

    yield* this.enter('retreat');
    if (early) yield* this.retrace('retreat', plan.place);
    else yield* this.move('retreat', plan.retreat);
    yield* this.move('home', plan.home);
  }

  /** Brings the object between the fingers and up; it is held when this returns. `then` is planned for it already. */
  *take(plan: TakePlan, then: PutPlan | null = null): Steps<void> {
    const { approach, descend, lift } = plan;
    const ahead = [...named({ approach, descend, lift }), ...(then === null ? [] : motionsTo(then))];
    yield* this.enter('approach', '', ahead, plan.grasp);
    if (plan.open_on_the_way) yield* this.moveAndOpen('approach', plan.approach, plan.open_width_m);
    else {
      yield* this.open(plan.open_width_m);
      yield* this.move('approach', plan.approach);
    }
    yield* this.descend(plan);

    yield* this.enter('grasp');
    const closed = yield* this.grip(0, this.options.grip_force_N);
    const width = `the fingers closed to ${mm(closed.width_m)}, expected ${mm(plan.grasp.width_m)}`;
    const missed = closed.width_m < this.leastWidth(plan);
    if (missed || closed.width_m > plan.grasp.width_m + this.options.blocked_tolerance_m) {
      yield* this.letGo(plan);
      throw new AttemptError(
        'grasp',
        missed ? `missed the object: ${width}` : `something is between the fingers: ${width}`,
      );
    }

    yield* this.enter('lift');
    yield* this.move('lift', plan.lift);
    const lifted = yield* this.state();
    yield* this.requireLight(plan, lifted);
    yield* this.requireHeld(plan, 'lift', plan.abandon, lifted);
  }

  /** After the lift: what is too heavy is put back where it stood, and the task ends. */
  private *requireLight(plan: TakePlan, { wrench }: EventOf<'state'>): Steps<void> {
    const { most_weight_N } = this.options;
    const weight_N = wrench === null ? 0 : Math.hypot(...wrench.force);
    if (weight_N <= most_weight_N) return;
    yield* this.move('put back', plan.descend);
    yield* this.letGo(plan);
    throw new StageError('lift', `the object weighs ${weight_N.toFixed(1)} N, more than ${most_weight_N} N`);
  }

  /** Opens the fingers where they are and goes back to rest. */
  private *letGo(plan: TakePlan): Steps<void> {
    yield* this.open(plan.open_width_m);
    yield* this.move('draw back', plan.lift);
    yield* this.move('abandon', plan.abandon);
  }

  /** Down to the grasp; from what the hand comes to stand on it goes back for another look. */
  private *descend(plan: TakePlan): Steps<void> {
    const down = yield* this.tryMove('descend', plan.descend, { most_N: this.options.touch_N });
    if (down.ok) return;
    const failure = this.failed('descend', down);
    if (down.touched === true) {
      yield* this.retrace('draw back', plan.descend);
      yield* this.move('abandon', plan.abandon);
      throw new AttemptError('approach', failure.message);
    }
    // A descent that was carried out to its end and lacks something was sent to where the lift begins; any other was not.
    if (down.stopped_by_safety || !(yield* this.tryMove('draw back', plan.lift)).ok) throw failure;
    yield* this.move('abandon', plan.abandon);
    throw new AttemptError('approach', failure.message);
  }

  /** After a motion with an object: if it is gone, goes `back` for another look. */
  *requireHeld(
    plan: Pick<TakePlan, 'grasp' | 'open_width_m'>,
    stage: 'lift' | 'transfer',
    back: JointTrajectory | (() => JointTrajectory),
    state?: EventOf<'state'>,
  ): Steps<void> {
    const gone = this.missing(plan, state ?? (yield* this.state()));
    if (gone === '') return;
    yield* this.open(plan.open_width_m);
    yield* this.move('abandon', typeof back === 'function' ? back() : back);
    throw new AttemptError(stage, `lost the object in ${stage}: ${gone}`);
  }

  /** Joins sound frames until `found` says that they show enough, or the frames are used up; too few are a StageError. */
  *look(found: (seen: readonly TableObject[]) => boolean, least = this.options.frames): Steps<TableObject[]> {
    const frames: Detections[] = [];
    let seen: TableObject[] = [];
    this.frames = frames;
    let blinded = '';
    for (let asked = 0; asked < this.options.max_frames; asked++) {
      const { detections } = yield* this.ask('detections', { kind: 'detect' });
      if (isBlind(detections)) {
        blinded = detections.degraded_reason;
        continue;
      }
      frames.push(detections);
      if (frames.length < least) continue;
      seen = this.doubts.apply(fuseDetections(frames.slice(-this.options.max_frames)));
      if (found(seen)) break;
    }
    // Whoever saw nothing must not take it for nothing being there.
    if (frames.length < least) {
      const { max_frames } = this.options;
      throw new StageError('perceive', `too little is seen in ${max_frames} frames: ${blinded}`);
    }
    return seen;
  }

  /**
   * @param ahead  the row of motions that begins here, if one does
   * @param taking  the grasp in which it takes an object, if it does
   */
  *enter(stage: EpisodeStage, reason = '', ahead?: readonly PlannedMotion[], taking?: Grasp): Steps<void> {
    this.stage = stage;
    const { attempt } = this;
    yield* this.ask('noted', {
      kind: 'stage',
      name: stage,
      attempt,
      reason,
      ...(ahead === undefined ? {} : { ahead }),
      ...(taking === undefined ? {} : { taking }),
    });
  }

  /** Where the next motion starts: the end of the last command if there is one, else where the arm is. */
  *position(): Steps<Float64Array> {
    if (this.commanded !== null) return this.commanded;
    const { q } = yield* this.state();
    return q;
  }

  /** Distance between the fingers now (m). */
  *fingerWidth(): Steps<number> {
    return (yield* this.state()).finger_width_m;
  }

  *move(label: string, trajectory: JointTrajectory, grip?: Grip): Steps<number | undefined> {
    const result = yield* this.tryMove(label, trajectory, grip === undefined ? {} : { grip });
    if (result.ok) return result.width_m;
    throw this.failed(label, result);
  }

  private *tryMove(label: string, trajectory: JointTrajectory, more: MoveAdditions = {}): Steps<EventOf<'moved'>> {
    const { most_N, ...rest } = more;
    const felt = most_N === undefined || this.motion === null ? {} : { most_N };
    const result = yield* this.ask('moved', { kind: 'move', label, trajectory, ...rest, ...felt });
    this.commanded = result.ok ? endPoint(trajectory) : null;
    return result;
  }

  /** From rest on the way of a trajectory back to where that began. */
  private *retrace(label: string, { position }: JointTrajectory): Steps<void> {
    const { q } = yield* this.state();
    let failure = new StageError(this.stage, `${label}: no way back`);
    if (this.motion === null) throw failure;
    // What is felt bends the arm: where it was sent to lies a little away from where it is.
    for (const back of retracings(this.motion, position, q)) {
      const result = yield* this.tryMove(label, back);
      if (result.ok) return;
      failure = this.failed(label, result);
      if (result.stopped_by_safety || !result.reason.includes(REFUSED)) throw failure;
    }
    throw failure;
  }

  private failed(label: string, { stopped_by_safety, reason }: EventOf<'moved'>): StageError {
    return new StageError(stopped_by_safety ? 'safety' : this.stage, `${label}: ${reason}`);
  }

  /** Opens the fingers; the plan's next motion relies on their width. */
  *open(width_m: number): Steps<void> {
    this.requireOpen((yield* this.grip(width_m, this.options.grip_force_N)).width_m, width_m);
  }

  /** Opens the fingers while the arm moves. */
  private *moveAndOpen(label: string, trajectory: JointTrajectory, width_m: number): Steps<void> {
    const opened_m = yield* this.move(label, trajectory, { width_m, force_N: this.options.grip_force_N });
    this.requireOpen(opened_m ?? Number.NaN, width_m);
  }

  private requireOpen(opened_m: number, width_m: number): void {
    if (opened_m >= width_m - OPENING_TOLERANCE_M) return;
    throw new StageError(this.stage, `the fingers opened to ${mm(opened_m)} only, ${mm(width_m)} wanted`);
  }

  /** Puts a request to the world and waits for the answer, which must be of the kind named. */
  *ask<K extends TaskEvent['kind']>(kind: K, request: TaskRequest): Steps<EventOf<K>> {
    const event = yield request;
    if (!isKind(event, kind)) throw new TypeError(`the task asked for ${kind} and was given ${event.kind}`);
    this.time_s = event.time_s;
    return event;
  }

  private *state(): Steps<EventOf<'state'>> {
    return yield* this.ask('state', { kind: 'state' });
  }

  private *grip(width_m: number, force_N: number): Steps<EventOf<'gripped'>> {
    return yield* this.ask('gripped', { kind: 'grip', width_m, force_N });
  }

  /** Why nothing is held in the air: fingers too close, or no weight at the wrist where it is measured; else empty. */
  private missing(plan: Pick<TakePlan, 'grasp'>, { finger_width_m, wrench }: EventOf<'state'>): string {
    if (finger_width_m < this.leastWidth(plan)) {
      return `the fingers are ${mm(finger_width_m)} apart, expected ${mm(plan.grasp.width_m)}`;
    }
    const { least_weight_N } = this.options;
    const weight_N = wrench === null ? Number.POSITIVE_INFINITY : Math.hypot(...wrench.force);
    return weight_N < least_weight_N ? `the hand carries ${weight_N.toFixed(2)} N, less than ${least_weight_N} N` : '';
  }

  private leastWidth(plan: Pick<TakePlan, 'grasp'>): number {
    return Math.max(0.005, plan.grasp.width_m - this.options.width_tolerance_m);
  }
}

/** What a controller says of a trajectory that begins elsewhere than where it has brought the arm to rest. */
const REFUSED = 'trajectory starts';
/** How far short of its width an opening hand may end (m). */
const OPENING_TOLERANCE_M = 0.006;

/** Whether nothing is to be concluded from a picture. */
function isBlind({ faults = [] }: Detections): boolean {
  return faults.some((fault) => !DOUBTFUL_FAULTS.includes(fault));
}

function isKind<K extends TaskEvent['kind']>(event: TaskEvent, kind: K): event is EventOf<K> {
  return event.kind === kind;
}

function named(motions: Readonly<Record<string, JointTrajectory>>): PlannedMotion[] {
  return Object.entries(motions).map(([label, trajectory]) => ({ label, trajectory }));
}

function motionsTo({ transfer, place, retreat, home }: PutPlan): PlannedMotion[] {
  return named({ transfer, place, retreat, home });
}

/** A length for people. */
export function mm(metres: number): string {
  return `${(metres * 1000).toFixed(1)} mm`;
}
