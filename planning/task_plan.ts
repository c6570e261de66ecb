import {
  type PickPlaceGoal,
  type PickPlaceResult,
  type Rng,
  StageError,
  type TableRegion,
} from '../contracts/index.ts';
import { isSure, mayBe } from './doubts.ts';
import { freeSpots } from './free_spots.ts';
import { AttemptError, Manipulation, mm, type TaskOptions } from './manipulation.ts';
import type { PickPlanner } from './pick_planner.ts';
import { planRegrasp } from './regrasp.ts';
import type { Steps } from './requests.ts';
import { DoubtSettler } from './settle_doubts.ts';
import { spread, type TableObject } from './table_objects.ts';
import { UNTURNED } from './turning.ts';

/** Where on the table an object may be put down in between, and how many places there are tried. */
const AWAY: TableRegion = { centre: [0.5, 0, 0], size: [0.28, 0.48] };
const SPOTS_BETWEEN = 3;

export type PickPlaceOutcome = PickPlaceResult;

/** What a task knows from the start. */
export interface TaskContext<Goal = PickPlaceGoal> {
  readonly planner: PickPlanner;
  readonly goal: Goal;
  readonly rng: Rng;
  readonly options?: TaskOptions;
}

/**
 * The pick-and-place task as a sequence of requests and answers: look, plan, approach, grasp, lift, transfer, place,
 * retreat, and look again whether the object stands where it should. A missed or lost object is noticed by the width of
 * the fingers, a misplaced one by the last look; both are tried again while attempts and time remain. Returns how it
 * ended; throws nothing of its own.
 */
export function* pickPlace(context: TaskContext): Steps<PickPlaceOutcome> {
  const task = new PickPlaceTask(context);
  const { arm } = task;
  const { max_attempts, last_start_s } = arm.options;
  let failure: StageError | null = null;
  for (let attempt = 1; attempt <= max_attempts; attempt++) {
    arm.attempt = attempt;
    try {
      yield* task.tryOnce(failure?.message ?? '');
      return { ok: true, stage: 'retreat', reason: '', attempts: attempt };
    } catch (error) {
      if (!(error instanceof StageError)) throw error;
      failure = error;
      const late = arm.time_s > last_start_s;
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

class PickPlaceTask {
  readonly arm: Manipulation;
  private readonly context: TaskContext;
  private readonly doubts: DoubtSettler;
  /** What the first look showed. */
  private before: readonly TableObject[] = [];

  constructor(context: TaskContext) {
    this.context = context;
    this.arm = new Manipulation(context.options, context.planner.motion);
    this.doubts = new DoubtSettler(this.arm, context);
  }

  /** One attempt from a resting arm clear of the camera, back to one. */
  *tryOnce(reason: string): Steps<void> {
    const { arm } = this;
    const { planner, goal, rng } = this.context;
    yield* arm.enter('perceive', reason);
    const { seen, left_alone } = yield* this.doubts.settle(
      () => this.look(),
      (candidate) => this.mayBeWanted(candidate),
    );
    if (arm.attempt === 1) this.before = seen;
    const object = this.find(seen.filter(isSure));
    if (object === null) throw new StageError('perceive', left_alone === '' ? this.notSeen(seen) : left_alone);

    yield* arm.enter('plan');
    const start = yield* arm.position();
    const others = seen.filter((other) => other !== object);
    const finger_width_m = yield* arm.fingerWidth();
    const stream = rng.stream(`attempt/${arm.attempt}`);
    const query = {
      ...{
        start,
        object,
        others,
        goal: { spots: [goal.target], turn: UNTURNED },
        conditions: { finger_width_m, gentle: true },
      },
      between: (there: TableObject) => spread(freeSpots(AWAY, there, seen), SPOTS_BETWEEN),
    };
    const planned = planRegrasp(planner, query, stream);
    if (!planned.ok) throw new StageError('plan', planned.reason);
    const [first, ...rest] = planned.value;
    yield* arm.transport(first);
    if (rest.length > 0) throw new AttemptError('place', 'put down in between, to be taken with another grasp');
    yield* this.verify();
  }

  /** Looks whether the object stands at its target. */
  private *verify(): Steps<void> {
    const { goal } = this.context;
    const seen = yield* this.look(2);
    const object = this.find(seen, goal.target);
    if (object === null) throw new AttemptError('place', `after placing, ${this.notSeen(seen)}`);
    const error = Math.hypot(object.position[0] - goal.target[0], object.position[1] - goal.target[1]);
    if (error <= this.arm.options.place_tolerance_m) return;
    throw new AttemptError('place', `the object stands ${mm(error)} from its target`);
  }

  private look(least?: number): Steps<TableObject[]> {
    return this.arm.look((seen) => this.find(seen) !== null || seen.some((one) => this.mayBeWanted(one)), least);
  }

  /** An object of the goal's colour that may be of its class. */
  private mayBeWanted(candidate: TableObject): boolean {
    const { class: name, colour } = this.context.goal.object;
    return candidate.colour === colour && candidate.seen >= 2 && mayBe(candidate, name);
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
    return best ?? this.fallen(seen);
  }

  /** What has its colour and was not there at first: an object that has fallen over may look like one of another class. */
  private fallen(seen: readonly TableObject[]): TableObject | null {
    const { colour } = this.context.goal.object;
    if (this.arm.attempt === 1) return null;
    const stood = (one: TableObject): boolean => this.before.some((o) => o.class === one.class && o.colour === colour);
    const strange = seen.filter((one) => one.colour === colour && one.seen >= 2 && !stood(one));
    return strange.length === 1 ? strange[0] : null;
  }

  private notSeen(seen: readonly TableObject[]): string {
    const { object } = this.context.goal;
    const list = seen.map((other) => `${other.colour} ${other.class}`).join(', ');
    return `no ${object.colour} ${object.class} seen in ${this.arm.options.max_frames} frames; seen: ${list || 'nothing'}`;
  }
}
