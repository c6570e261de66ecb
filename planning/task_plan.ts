import {
  type Detections,
  type EpisodeStage,
  type JointTrajectory,
  type PickPlaceGoal,
  type PickPlaceResult,
  type Rng,
  StageError,
  type Wrench,
} from '../contracts/index.ts';
import type { PickPlan, PickPlanner } from './pick_planner.ts';
import { fuseDetections, type TableObject } from './table_objects.ts';
import { endPoint } from './timing/index.ts';

/** What the task asks of the world, one at a time. */
export type TaskRequest =
  | { readonly kind: 'detect' }
  | { readonly kind: 'move'; readonly label: string; readonly trajectory: JointTrajectory }
  | { readonly kind: 'grip'; readonly width_m: number; readonly force_N: number }
  | { readonly kind: 'stage'; readonly name: EpisodeStage; readonly attempt: number; readonly reason: string }
  | { readonly kind: 'state' };

/** The world's answer to the last request. `time_s` counts from the start of the task. */
export type TaskEvent =
  | { readonly kind: 'detections'; readonly time_s: number; readonly detections: Detections }
  | {
      readonly kind: 'moved';
      readonly time_s: number;
      readonly ok: boolean;
      readonly stopped_by_safety: boolean;
      readonly reason: string;
    }
  | { readonly kind: 'gripped'; readonly time_s: number; readonly width_m: number }
  | { readonly kind: 'noted'; readonly time_s: number }
  | {
      readonly kind: 'state';
      readonly time_s: number;
      readonly q: Float64Array;
      readonly finger_width_m: number;
      readonly wrench: Wrench | null;
    };

export type PickPlaceOutcome = PickPlaceResult;

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
  /** Distance from the target at which the result counts as placed (m). */
  readonly place_tolerance_m?: number;
}

/** What the task knows from the start. */
export interface TaskContext {
  readonly planner: PickPlanner;
  readonly goal: PickPlaceGoal;
  readonly rng: Rng;
  readonly options?: TaskOptions;
}

/** A try that failed in a way another try may cure. */
class AttemptError extends StageError {}

type Steps<T> = Generator<TaskRequest, T, TaskEvent>;

/**
 * The pick-and-place task as a sequence of requests and answers: look, plan, approach, grasp, lift, transfer, place,
 * retreat, and look again whether the object stands where it should. A missed or lost object is noticed by the width of
 * the fingers, a misplaced one by the last look; both are tried again while attempts and time remain. Returns how it
 * ended; throws nothing of its own.
 */
export function* pickPlace(context: TaskContext): Steps<PickPlaceOutcome> {
  const task = new Task(context);
  const { max_attempts, last_start_s } = task.options;
  let failure: StageError | null = null;
  for (let attempt = 1; attempt <= max_attempts; attempt++) {
    task.attempt = attempt;
    try {
      yield* task.tryOnce(failure?.message ?? '');
      return { ok: true, stage: 'retreat', reason: '', attempts: attempt };
    } catch (error) {
      if (!(error instanceof StageError)) throw error;
      failure = error;
      const late = task.time_s > last_start_s;
      if (!(error instanceof AttemptError) || attempt === max_attempts || late) {
        const tries = attempt > 1 ? ` (attempt ${attempt})` : '';
        const time =
          error instanceof AttemptError && late && attempt < max_attempts ? '; no time for another attempt' : '';
        return { ok: false, stage: error.stage, reason: `${error.message}${tries}${time}`, attempts: attempt };
      }
    }
  }
  return { ok: false, stage: 'plan', reason: 'no attempt was allowed', attempts: 0 };
}

class Task {
  attempt = 1;
  time_s = 0;
  readonly options: Required<TaskOptions>;
  private readonly context: TaskContext;
  private stage: EpisodeStage = 'perceive';
  /** Where the arm was last sent, or null when it must be read. */
  private commanded: Float64Array | null = null;

  constructor(context: TaskContext) {
    this.context = context;
    this.options = {
      frames: 3,
      max_frames: 10,
      max_attempts: 3,
      last_start_s: 11.5,
      grip_force_N: 35,
      width_tolerance_m: 0.012,
      least_weight_N: 0.25,
      place_tolerance_m: 0.018,
      ...context.options,
    };
  }

  /** One attempt from a resting arm clear of the camera, back to one. */
  *tryOnce(reason: string): Steps<void> {
    const { planner, goal, rng } = this.context;
    yield* this.enter('perceive', reason);
    const seen = yield* this.look();
    const object = this.find(seen);
    if (object === null) throw new StageError('perceive', this.notSeen(seen));

    yield* this.enter('plan');
    const start = yield* this.position();
    const others = seen.filter((other) => other !== object);
    const planned = planner.plan(start, object, others, goal.target, rng.stream(`attempt/${this.attempt}`));
    if (!planned.ok) throw new StageError('plan', planned.reason);
    const plan = planned.value;

    yield* this.enter('approach');
    yield* this.open(plan.open_width_m);
    yield* this.move('approach', plan.approach);
    yield* this.move('descend', plan.descend);

    yield* this.enter('grasp');
    yield* this.close(plan);

    yield* this.enter('lift');
    yield* this.move('lift', plan.lift);
    yield* this.requireHeld(plan, 'lift');

    yield* this.enter('transfer');
    yield* this.move('transfer', plan.transfer);
    yield* this.requireHeld(plan, 'transfer');

    yield* this.enter('place');
    yield* this.move('place', plan.place);
    yield* this.open(plan.release_width_m);

    yield* this.enter('retreat');
    yield* this.move('retreat', plan.retreat);
    yield* this.move('home', plan.home);
    yield* this.verify();
  }

  /** Closes on the object; if it is not between the fingers, opens, draws back and gives the attempt up. */
  private *close(plan: PickPlan): Steps<void> {
    const closed = yield* this.grip(0, this.options.grip_force_N);
    if (closed.width_m >= this.leastWidth(plan)) return;
    const missed = `missed the object: the fingers closed to ${mm(closed.width_m)}, expected ${mm(plan.grasp.width_m)}`;
    yield* this.open(plan.open_width_m);
    yield* this.move('draw back', plan.lift);
    yield* this.move('abandon', plan.abandon);
    throw new AttemptError('grasp', missed);
  }

  /** After lift and transfer: if the object is gone, goes home for another look. */
  private *requireHeld(plan: PickPlan, stage: 'lift' | 'transfer'): Steps<void> {
    const gone = this.missing(plan, yield* this.state());
    if (gone === '') return;
    yield* this.open(plan.open_width_m);
    yield* this.move('abandon', stage === 'lift' ? plan.abandon : plan.home);
    throw new AttemptError(stage, `lost the object in ${stage}: ${gone}`);
  }

  /** Why nothing is held in the air: fingers too close, or no weight at the wrist where it is measured; else empty. */
  private missing(plan: PickPlan, { finger_width_m, wrench }: Extract<TaskEvent, { kind: 'state' }>): string {
    if (finger_width_m < this.leastWidth(plan)) {
      return `the fingers are ${mm(finger_width_m)} apart, expected ${mm(plan.grasp.width_m)}`;
    }
    const { least_weight_N } = this.options;
    const weight_N = wrench === null ? Number.POSITIVE_INFINITY : Math.hypot(...wrench.force);
    return weight_N < least_weight_N ? `the hand carries ${weight_N.toFixed(2)} N, less than ${least_weight_N} N` : '';
  }

  private leastWidth(plan: PickPlan): number {
    return Math.max(0.005, plan.grasp.width_m - this.options.width_tolerance_m);
  }

  /** Looks whether the object stands at its target. */
  private *verify(): Steps<void> {
    const { goal } = this.context;
    const seen = yield* this.look(2);
    const object = this.find(seen, goal.target);
    if (object === null) throw new AttemptError('place', `after placing, ${this.notSeen(seen)}`);
    const error = Math.hypot(object.position[0] - goal.target[0], object.position[1] - goal.target[1]);
    if (error <= this.options.place_tolerance_m) return;
    throw new AttemptError('place', `the object stands ${mm(error)} from its target`);
  }

  /** Joins frames until the goal's object is among them or the frames are used up. */
  private *look(least = this.options.frames): Steps<TableObject[]> {
    const frames: Detections[] = [];
    let seen: TableObject[] = [];
    while (frames.length < this.options.max_frames) {
      frames.push(yield* this.frame());
      if (frames.length < least) continue;
      seen = fuseDetections(frames.slice(-this.options.max_frames));
      if (this.find(seen) !== null) break;
    }
    return seen;
  }

  /** The object the goal names, seen in at least half of the frames asked for; the nearest to `near` if there are several. */
  private find(seen: readonly TableObject[], near?: readonly number[]): TableObject | null {
    const { object } = this.context.goal;
    let best: TableObject | null = null;
    const rank = (candidate: TableObject): number =>
      near === undefined
        ? candidate.seen + candidate.score
        : -Math.hypot(candidate.position[0] - near[0], candidate.position[1] - near[1]);
    for (const candidate of seen) {
      if (candidate.class !== object.class || candidate.colour !== object.colour || candidate.seen < 2) continue;
      if (best === null || rank(candidate) > rank(best)) best = candidate;
    }
    return best;
  }

  private notSeen(seen: readonly TableObject[]): string {
    const { object } = this.context.goal;
    const list = seen.map((other) => `${other.colour} ${other.class}`).join(', ');
    return `no ${object.colour} ${object.class} seen in ${this.options.max_frames} frames; seen: ${list || 'nothing'}`;
  }

  private *enter(stage: EpisodeStage, reason = ''): Steps<void> {
    this.stage = stage;
    this.take('noted', yield { kind: 'stage', name: stage, attempt: this.attempt, reason });
  }

  private *frame(): Steps<Detections> {
    return this.take('detections', yield { kind: 'detect' }).detections;
  }

  private *state(): Steps<Extract<TaskEvent, { kind: 'state' }>> {
    return this.take('state', yield { kind: 'state' });
  }

  /** Where the next motion starts: the end of the last command if there is one, else where the arm is. */
  private *position(): Steps<Float64Array> {
    if (this.commanded !== null) return this.commanded;
    const { q } = yield* this.state();
    return q;
  }

  private *move(label: string, trajectory: JointTrajectory): Steps<void> {
    const result = this.take('moved', yield { kind: 'move', label, trajectory });
    if (result.ok) {
      this.commanded = endPoint(trajectory);
      return;
    }
    this.commanded = null;
    if (result.stopped_by_safety) throw new StageError('safety', `${label}: ${result.reason}`);
    throw new StageError(this.stage, `${label}: ${result.reason}`);
  }

  /** Opens the fingers; the plan's next motion relies on their width. */
  private *open(width_m: number): Steps<void> {
    const opened = yield* this.grip(width_m, this.options.grip_force_N);
    if (opened.width_m >= width_m - OPENING_TOLERANCE_M) return;
    throw new StageError(this.stage, `the fingers opened to ${mm(opened.width_m)} only, ${mm(width_m)} wanted`);
  }

  private *grip(width_m: number, force_N: number): Steps<Extract<TaskEvent, { kind: 'gripped' }>> {
    return this.take('gripped', yield { kind: 'grip', width_m, force_N });
  }

  private take<K extends TaskEvent['kind']>(kind: K, event: TaskEvent): Extract<TaskEvent, { kind: K }> {
    if (event.kind !== kind) throw new TypeError(`the task asked for ${kind} and was given ${event.kind}`);
    this.time_s = event.time_s;
    return event as Extract<TaskEvent, { kind: K }>;
  }
}

/** How far short of its width an opening hand may end (m). */
const OPENING_TOLERANCE_M = 0.006;

function mm(metres: number): string {
  return `${(metres * 1000).toFixed(1)} mm`;
}
