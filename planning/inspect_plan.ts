import {
  INSPECTION_VERDICTS,
  type InspectionVerdict,
  type JointTrajectory,
  type PickPlaceResult,
  type Shape,
  StageError,
  type TaskGoalOf,
  type Vector3,
} from '../contracts/index.ts';
import { freeSpots, reachesOut } from './free_spots.ts';
import { Manipulation } from './manipulation.ts';
import type { Planned } from './motion_planner.ts';
import { pickByPick } from './pick_by_pick.ts';
import type { PickScene, PickWay } from './pick_motions.ts';
import type { PickPlan, PutPlan } from './pick_planner.ts';
import type { Reached } from './pick_stages.ts';
import type { Steps } from './requests.ts';
import { DoubtSettler } from './settle_doubts.ts';
import { facingYaw, leavesFree, planShow, type Show } from './show_pose.ts';
import { connect } from './stages/index.ts';
import { footprintRadius, roomAround, shapeHeight, spread, type TableObject } from './table_objects.ts';
import type { TaskContext } from './task_plan.ts';
import { UNTURNED } from './turning.ts';

export type InspectGoal = TaskGoalOf<'inspect'>;

const SPOTS_TRIED = 4;
const LIMITS = { most_picks: 16, most_failures: 4, in_a_row: false, undone: 'objects are in no region' };
const PLACED_M = 0.0015;

/** An object that looks like a judged one and stands this near to where that was put is that one (m). */
const SAME_PLACE_M = 0.06;
/** How well sizes are seen (m). */
const SAME_SIZE_M = 0.003;

/** What was found of an object that has been put somewhere since. */
interface Judged {
  readonly object: TableObject;
  readonly verdict: InspectionVerdict;
  readonly at: Vector3;
}

/** A pick whose object can be shown to the camera. */
interface Candidate {
  readonly scene: PickScene;
  readonly way: PickWay;
  readonly show: Show;
  readonly others: readonly TableObject[];
}

/**
 * Inspects every object that stands outside the three regions: takes it so that the side that faces the camera stays
 * free, holds that side before the camera, has it judged from the picture, and stands it in the region of the verdict.
 * Ends when all objects seen stand in a region. Returns how it ended; throws nothing of its own.
 */
export function* inspectObjects(context: TaskContext<InspectGoal>): Steps<PickPlaceResult> {
  const arm = new Manipulation(context.options);
  const judged: Judged[] = [];
  const doubts = new DoubtSettler(arm, context);
  return yield* pickByPick(arm, LIMITS, function* (pick) {
    const {
      seen,
      sure: open,
      left_alone,
    } = yield* doubts.settle(
      function* () {
        return (yield* arm.look((objects) => objects.length > 0)).filter((object) => object.seen >= 2);
      },
      (object) => !isPlaced(object, context.goal),
    );
    if (open.length === 0 && left_alone !== '') throw new StageError('perceive', left_alone);
    if (open.length === 0) return 'done';
    yield* arm.enter('plan');
    const start = yield* arm.position();
    const known = findJudged(open, seen, judged);
    const again = known === null ? null : planAgain(context, start, known, seen, pick);
    if (again?.ok) yield* arm.transport(again.value);
    else if (again !== null && open.length === 1) throw new StageError('plan', again.reason);
    else {
      const others = open.filter((object) => object !== known?.object);
      yield* inspectOne(arm, context, choose(context, start, others, seen, pick), judged, pick);
    }
    return 'more';
  });
}

function isPlaced(object: TableObject, goal: InspectGoal): boolean {
  return INSPECTION_VERDICTS.some((verdict) => reachesOut(object, goal[verdict]) <= PLACED_M);
}

/** An object outside the regions that was judged before and has been lost or misplaced: its side looks elsewhere now. */
function findJudged(
  open: readonly TableObject[],
  seen: readonly TableObject[],
  judged: readonly Judged[],
): { readonly object: TableObject; readonly verdict: InspectionVerdict } | null {
  for (const object of open) {
    const last = judged.findLast((one) => {
      if (!looksLike(object, one.object)) return false;
      const alone = seen.filter((other) => looksLike(other, one.object)).length === 1;
      return alone || Math.hypot(object.position[0] - one.at[0], object.position[1] - one.at[1]) < SAME_PLACE_M;
    });
    if (last !== undefined) return { object, verdict: last.verdict };
  }
  return null;
}

function looksLike(a: TableObject, b: TableObject): boolean {
  if (a.class !== b.class || a.colour !== b.colour) return false;
  const [sizes, others] = [sizesOf(a.shape), sizesOf(b.shape)];
  return sizes.every((size, k) => Math.abs(size - others[k]) < SAME_SIZE_M);
}

/** Sizes of an upright shape, its sides in their order. */
function sizesOf(shape: Shape): number[] {
  if (shape.type !== 'box') return [2 * footprintRadius(shape), shapeHeight(shape)];
  const [a, b, height] = shape.size;
  return [Math.min(a, b), Math.max(a, b), height];
}

/** Brings a judged object where it belongs without showing it again. */
function planAgain(
  { planner, goal, rng }: TaskContext<InspectGoal>,
  start: Float64Array,
  { object, verdict }: { readonly object: TableObject; readonly verdict: InspectionVerdict },
  seen: readonly TableObject[],
  pick: number,
): Planned<PickPlan> {
  const others = seen.filter((other) => other !== object);
  const spots = spread(freeSpots(goal[verdict], object, others), SPOTS_TRIED);
  return planner.planAmong(start, object, others, spots, rng.stream(`again/${pick}`));
}

/** The first object, in the order of the room around them, that can be taken and shown. */
function choose(
  { planner, rng }: TaskContext<InspectGoal>,
  start: Float64Array,
  open: readonly TableObject[],
  seen: readonly TableObject[],
  pick: number,
): Candidate {
  const { camera } = planner.motion.workcell;
  const ranked = [...open].sort((a, b) => roomAround(b, seen) - roomAround(a, seen));
  let reason = '';
  for (const [index, object] of ranked.entries()) {
    const others = seen.filter((other) => other !== object);
    const facing_rad = facingYaw(object, camera);
    const stream = rng.stream(`pick/${pick}/${index}`);
    const grasp = (candidate: Parameters<typeof leavesFree>[0]): boolean => leavesFree(candidate, facing_rad);
    const shown = connect('show', ({ scene, way }: Reached, own) => {
      const show = planShow(planner.motions, scene, way, facing_rad, camera, own);
      return show.ok ? { ok: true, value: { scene, way, show: show.value, others } } : show;
    });
    const found = planner.search(start, object, others, stream, { grasp }, shown);
    if (found.ok) return found.value;
    reason ||= `${object.colour} ${object.class}: ${found.reason}`;
  }
  throw new StageError('plan', reason);
}

/** Takes an object, shows it, and puts it where its verdict says. */
function* inspectOne(
  arm: Manipulation,
  context: TaskContext<InspectGoal>,
  { scene, way, show, others }: Candidate,
  judged: Judged[],
  pick: number,
): Steps<void> {
  const { planner } = context;
  const take = planner.timedTake(way);
  yield* arm.take(take);
  yield* arm.enter('transfer', 'before the camera');
  yield* arm.move('show', planner.timedCarry(show.path));
  yield* arm.requireHeld(take, 'transfer', () => wayBack(context, scene, show, pick));
  const { shape } = scene.object;
  const { result } = yield* arm.ask('inspected', { kind: 'inspect', held: { shape, pose: show.object_pose } });
  const { plan, at } = planPut(context, scene, way, show, others, result.verdict, pick);
  judged.push({ object: scene.object, verdict: result.verdict, at });
  yield* arm.putDown(take, plan);
  arm.doubts.follow({ ...scene.object, position: at });
}

/** From before the camera to rest with open fingers. */
function wayBack(
  { planner, rng }: TaskContext<InspectGoal>,
  { rest_q }: PickScene,
  show: Show,
  pick: number,
): JointTrajectory {
  const { motion } = planner;
  motion.world.detach();
  motion.world.setObstacles(motion.workcell.obstacles);
  const path = motion.jointPath(show.q, rest_q, rng.stream(`back/${pick}`));
  if (!path.ok) throw new StageError('plan', `the way back from before the camera: ${path.reason}`);
  return motion.sample(motion.timeJointPath(path.value));
}

function planPut(
  { planner, goal, rng }: TaskContext<InspectGoal>,
  scene: PickScene,
  way: PickWay,
  show: Show,
  others: readonly TableObject[],
  verdict: InspectionVerdict,
  pick: number,
): { readonly plan: PutPlan; readonly at: Vector3 } {
  const spots = spread(freeSpots(goal[verdict], scene.object, others), SPOTS_TRIED);
  const carried = { scene, grasp: way.grasp, from: show.q, near: way.line.bottom, turn: UNTURNED };
  const put = planner.put(carried, spots, rng.stream(`put/${pick}`));
  if (put.ok) return { plan: planner.timedPut(put.value.way), at: put.value.spot };
  throw new StageError('plan', `to the region of what is ${verdict}: ${put.reason}`);
}
