import {
  type Container,
  type Detections,
  type PickPlaceResult,
  StageError,
  type TableRegion,
  type TaskGoalOf,
} from '../contracts/index.ts';
import { freeSpots } from './free_spots.ts';
import { AttemptError, Manipulation } from './manipulation.ts';
import type { Planned } from './motion_planner.ts';
import { pickByPick } from './pick_by_pick.ts';
import type { PickPlan } from './pick_planner.ts';
import type { Steps } from './requests.ts';
import { DoubtSettler } from './settle_doubts.ts';
import { fuseDetections, roomAround, spread, type TableObject } from './table_objects.ts';
import type { TaskContext } from './task_plan.ts';
import { viewFromAbove } from './view_poses.ts';

export type ClutterGoal = TaskGoalOf<'clutter'>;

const SPOTS_TRIED = 3;
const LIMITS = { most_picks: 40, most_failures: 6, in_a_row: true, undone: 'the bin is not empty' };
/** Looks in a row that show an empty bin before it counts as one. */
const EMPTY_LOOKS = 2;
/** Looks that may show nothing that can be taken before it is believed: another one shows it a little elsewhere. */
const LOOKS_AGAIN = 1;

/**
 * Empties a bin into a tray: looks into the bin with the camera on the hand from above, takes the object with the most
 * room around it that can be taken, lets go of it on a free spot of the tray, and looks again. Ends when the bin looks
 * empty. Returns how it ended; throws nothing of its own.
 */
export function* emptyBin(context: TaskContext<ClutterGoal>): Steps<PickPlaceResult> {
  const arm = new Manipulation(context.options);
  const inTray: TableObject[] = [];
  const view_q = viewFromAbove(context.planner, context.goal.bin, context.rng.stream('view'));
  if (view_q === null) {
    return { ok: false, stage: 'plan', reason: 'the camera on the hand cannot be brought over the bin', attempts: 0 };
  }
  const doubts = new DoubtSettler(arm, context, null);
  let hopeless = 0;
  return yield* pickByPick(arm, LIMITS, function* (pick) {
    yield* goTo(arm, context, view_q, pick);
    const look = () => lookInside(arm, context.goal.bin);
    const { seen, sure, left_alone } = yield* doubts.settle(look, () => true);
    if (seen.length === 0) return 'done';
    if (sure.length === 0) throw new StageError('perceive', left_alone);
    yield* arm.enter('plan');
    const finger_width_m = yield* arm.fingerWidth();
    const chosen = choose(context, view_q, finger_width_m, sure, seen, inTray, pick);
    if (!chosen.ok) throw new (hopeless++ < LOOKS_AGAIN ? AttemptError : StageError)('plan', chosen.reason);
    hopeless = 0;
    const { plan, object } = chosen.value;
    yield* arm.transport(plan);
    inTray.push(object);
    return 'more';
  });
}

/** Brings the arm to where the hand's camera sees the bin, unless it is there. */
function* goTo(
  arm: Manipulation,
  { planner, rng }: TaskContext<ClutterGoal>,
  view_q: Float64Array,
  pick: number,
): Steps<void> {
  const start = yield* arm.position();
  if (start.every((x, j) => Math.abs(x - view_q[j]) < AT_VIEW_RAD)) return;
  const { world, workcell } = planner.motion;
  world.detach();
  world.setObstacles(workcell.obstacles);
  const path = planner.motion.jointPath(start, view_q, rng.stream(`view/${pick}`));
  if (!path.ok) throw new StageError('plan', `the way to the view of the bin: ${path.reason}`);
  yield* arm.move('view', planner.motion.sample(planner.motion.timeJointPath(path.value)));
}

const AT_VIEW_RAD = 1e-6;

/** What lies in the bin, by several frames; they must agree on an empty bin. */
function* lookInside(arm: Manipulation, container: Container): Steps<TableObject[]> {
  const frames: Detections[] = [];
  arm.frames = frames;
  for (let k = 0; k < EMPTY_LOOKS || (k < arm.options.frames && frames[0].detections.length > 0); k++) {
    frames.push((yield* arm.ask('detections', { kind: 'detect_inside', container })).detections);
  }
  return arm.doubts.apply(fuseDetections(frames).filter((object) => object.seen * 2 > frames.length));
}

/** A plan for the first object, in the order of the room around them, that can be taken. */
function choose(
  { planner, goal, rng }: TaskContext<ClutterGoal>,
  view_q: Float64Array,
  finger_width_m: number,
  sure: readonly TableObject[],
  seen: readonly TableObject[],
  inTray: readonly TableObject[],
  pick: number,
): Planned<{ readonly plan: PickPlan; readonly object: TableObject }> {
  const ranked = [...sure].sort((a, b) => roomAround(b, seen) - roomAround(a, seen));
  let reason = '';
  for (const [index, object] of ranked.entries()) {
    const others = [...seen.filter((other) => other !== object), ...inTray];
    const spots = spread(freeSpots(floorOf(goal.tray), object, inTray), SPOTS_TRIED);
    const stream = rng.stream(`pick/${pick}/${index}`);
    const conditions = { crowded: true, rest_q: view_q, finger_width_m };
    const planned = planner.planToAny(view_q, object, others, spots, stream, conditions);
    if (planned.ok) {
      const { value: plan } = planned;
      return { ok: true, value: { plan, object: plan.placed.object } };
    }
    reason ||= `${object.colour} ${object.class}: ${planned.reason}`;
  }
  return { ok: false, reason };
}

function floorOf({ centre, inner }: Container): TableRegion {
  return { centre, size: [inner[0], inner[1]] };
}
